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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.springframework.util.FileSystemUtils;

/** How long each request of the page takes, over HTTP, with many photos and faces. */
public final class Page {
  /** The first person is in 20,000 photos. */
  private static final Library.Size MANY =
      new Library.Size(50_000, 100_000, 2_000, 40_000, 20_000, 1_000);

  private static final Library.Size MOST_TO_REVIEW =
      new Library.Size(50_000, 100_000, 300, 5_000, 1_000, 1_000);

  private static final int WARM_UP = 5;
  private static final int TIMES = 10;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static final List<String> FILTERS =
      List.of(
          "",
          "person=1",
          "person=20500",
          "place=town%2017,",
          "place=portugal",
          "camera=pixel",
          "from=2015-01-01&to=2015-12-31",
          "from=2011-01-01",
          "damaged=true",
          "damaged=false",
          "placed=true",
          "placed=false",
          "state=failed",
          "state=done",
          "q=img_123",
          "q=img",
          "q=portugal",
          "q=person%2017",
          "q=person",
          "q=nothing-like-it",
          "q=nikon&placed=true&from=2015-01-01");

  private static final List<String> OTHERS =
      List.of(
          "/api/faces?size=100&status=process",
          "/api/faces?size=100&status=process&page=550",
          "/api/faces?size=100&status=process&after=90000",
          "/api/faces?size=100&status=process&suggested=true",
          "/api/faces?size=100&status=process&suggested=true&order=distance",
          "/api/faces?size=100&status=process&suggested=false",
          "/api/faces?size=100&status=process&order=distance",
          "/api/faces?size=100&status=process&person=1&order=distance",
          "/api/faces?size=100&person=1",
          "/api/faces?size=100",
          "/api/people?size=100",
          "/api/people?size=100&page=19",
          "/api/people?size=100&suggested=true",
          "/api/people?size=20&q=person%2012",
          "/api/trash?size=100",
          "/api/cameras",
          "/api/places",
          "/api/places?q=town%2017",
          "/api/about",
          "/api/queues",
          "/api/failures",
          "/api/decisions");

  private Page() {}

  /** {@code Page embedded|mariadb [distances | serve [PORT]]}. */
  public static void main(String[] arguments) throws Exception {
    String mode = arguments.length > 1 ? arguments[1] : "times";
    Path home = Files.createTempDirectory("page-").toRealPath();
    Library.Place place = Library.Place.of(arguments[0], home);
    if (arguments.length > 2) {
      place.settings().put("CARAVEL_PORT", arguments[2]);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(home)));
    Library library = new Library(mode.equals("distances") ? MOST_TO_REVIEW : MANY);
    try (CaravelProcess caravel = new CaravelProcess(place.settings())) {
      place.makeTables(caravel);
      try (Connection database = place.connect()) {
        library.fill(database);
      }
      if (mode.equals("serve")) {
        library.pictures(home);
      }
      caravel.start();
      switch (mode) {
        case "serve" -> {
          System.out.println(address(caravel) + " is served until this program is ended.");
          Thread.currentThread().join();
        }
        case "distances" -> time(caravel, 0, 3, "/api/people/distances");
        default -> time(caravel);
      }
    }
  }

  private static void delete(Path home) {
    try {
      FileSystemUtils.deleteRecursively(home);
    } catch (IOException e) {
      System.err.println("Left behind: " + home);
    }
  }

  private static void time(CaravelProcess caravel) throws IOException, InterruptedException {
    List<String> list = new ArrayList<>();
    for (String filter : FILTERS) {
      String more = filter.isEmpty() ? "" : "&" + filter;
      list.add("/api/photos?size=100" + more);
      list.add("/api/photos?page=499&size=100" + more);
      list.add("/api/timeline" + (filter.isEmpty() ? "" : "?" + filter));
    }
    list.addAll(OTHERS);
    System.out.println("median worst  cpu (the program's, mean), ms of " + TIMES);
    for (String path : list) {
      time(caravel, WARM_UP, TIMES, path);
    }
    time(caravel, WARM_UP, TIMES, "/api/photos?size=100", "/api/timeline");
    time(caravel, WARM_UP, TIMES, "/api/photos?size=100&q=img", "/api/timeline?q=img");
    time(caravel, 0, 3, "/api/people/distances");
  }

  /** Several paths: at once, until the last has answered. */
  private static void time(CaravelProcess caravel, int warmUp, int times, String... paths)
      throws IOException, InterruptedException {
    String address = address(caravel);
    double[] took = new double[times];
    double cpu = 0;
    for (int i = -warmUp; i < times; i++) {
      change(address);
      double before = Cpu.seconds(caravel.pid());
      long start = System.nanoTime();
      List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
      for (String path : paths) {
        answers.add(
            HTTP.sendAsync(
                HttpRequest.newBuilder(URI.create(address + path)).build(),
                HttpResponse.BodyHandlers.ofString()));
      }
      for (CompletableFuture<HttpResponse<String>> answer : answers) {
        if (answer.join().statusCode() != 200) {
          throw new IllegalStateException(answer.join().body());
        }
      }
      if (i >= 0) {
        took[i] = (System.nanoTime() - start) / 1e6;
        cpu += (Cpu.seconds(caravel.pid()) - before) * 1000 / times;
      }
    }
    System.out.printf(
        "%6.0f %5.0f %4.0f  %s%n",
        Medians.of(took),
        Arrays.stream(took).max().orElseThrow(),
        cpu,
        String.join(" and ", paths));
  }

  private static String address(CaravelProcess caravel) {
    return caravel.baseUri().toString().replaceFirst("/$", "");
  }

  /** So that the database answers nothing from what it found for the same question before. */
  private static void change(String address) throws IOException, InterruptedException {
    for (String request : List.of("DELETE /api/photos/45001", "POST /api/photos/45001/restore")) {
      String[] parts = request.split(" ");
      HTTP.send(
          HttpRequest.newBuilder(URI.create(address + parts[1]))
              .method(parts[0], HttpRequest.BodyPublishers.noBody())
              .build(),
          HttpResponse.BodyHandlers.discarding());
    }
  }
}
