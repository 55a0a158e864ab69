package io.caravel.bench;

import io.caravel.server.CaravelProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.Arrays;

/** How long each request of the page takes with 50,000 photos and 100,000 faces. */
public final class Page {
  private static final Library.Size SIZE =
      new Library.Size(50_000, 100_000, 2_000, 40_000, 20_000, 1_000);
  private static final int TIMES = 10;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static final String[] FILTERS = {
    "",
    "&person=1",
    "&person=20500",
    "&place=town%2017,",
    "&place=portugal",
    "&camera=pixel",
    "&from=2015-01-01&to=2015-12-31",
    "&from=2011-01-01",
    "&damaged=true",
    "&damaged=false",
    "&placed=true",
    "&placed=false",
    "&state=failed",
    "&state=done",
    "&q=img_123",
    "&q=img",
    "&q=portugal",
    "&q=person%2017",
    "&q=person%200",
    "&q=nothing-like-it",
    "&q=nikon&placed=true&from=2015-01-01"
  };

  private Page() {}

  /** {@code Page embedded|mariadb}. */
  public static void main(String[] arguments) throws Exception {
    Path home = Files.createTempDirectory("page-").toRealPath();
    Library.Place place = Library.Place.of(arguments[0], home);
    try (CaravelProcess caravel = new CaravelProcess(place.settings())) {
      place.makeTables(caravel);
      try (Connection database = place.connect()) {
        new Library(SIZE).fill(database);
      }
      caravel.start();
      String address = caravel.baseUri().toString().replaceFirst("/$", "");
      for (String filter : FILTERS) {
        time(address, "/api/photos?size=100" + filter);
        time(address, "/api/photos?page=499&size=100" + filter);
        time(address, "/api/timeline" + filter.replaceFirst("&", "?"));
      }
    }
  }

  /** Nobody answers from what was found before. */
  private static void change(String address) throws IOException, InterruptedException {
    for (String path : new String[] {"/api/photos/45001", "/api/photos/45001/restore"}) {
      HTTP.send(
          HttpRequest.newBuilder(URI.create(address + path))
              .method(
                  path.endsWith("restore") ? "POST" : "DELETE", HttpRequest.BodyPublishers.noBody())
              .build(),
          HttpResponse.BodyHandlers.discarding());
    }
  }

  private static void time(String address, String path) throws IOException, InterruptedException {
    double[] took = new double[TIMES];
    for (int i = -3; i < TIMES; i++) {
      long start = System.nanoTime();
      HttpResponse<String> answer =
          HTTP.send(
              HttpRequest.newBuilder(URI.create(address + path)).build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        System.out.println(answer.statusCode() + " " + path + " " + answer.body());
        return;
      }
      if (i >= 0) {
        took[i] = (System.nanoTime() - start) / 1e6;
      }
      change(address);
    }
    System.out.printf(
        "%4.0f %4.0f  %s%n", Medians.of(took), Arrays.stream(took).max().orElseThrow(), path);
  }
}
