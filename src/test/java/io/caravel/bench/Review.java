package io.caravel.bench;

import io.caravel.server.CaravelProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Random;
import org.springframework.util.FileSystemUtils;

/** How long it takes until a name shows among many faces to review. */
public final class Review {
  private static final int PHOTOS = 50_000;
  private static final int FACES = 100_000;
  private static final int PEOPLE = 6;
  private static final int EACH = 1000;
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private Review() {}

  /** {@code Review embedded|mariadb}. */
  public static void main(String[] arguments) throws Exception {
    Path home = Files.createTempDirectory("review-").toRealPath();
    Library.Place place = Library.Place.of(arguments[0], home);
    try (CaravelProcess caravel = new CaravelProcess(place.settings())) {
      place.makeTables(caravel);
      try (Connection database = place.connect()) {
        new Library(new Library.Size(PHOTOS, 0, 1, 0, 0, 0)).fill(database);
        fill(database);
      }
      caravel.start();
      String address = caravel.baseUri().toString().replaceFirst("/$", "");
      for (int person = 0; person < PEOPLE; person++) {
        name(address, person);
      }
    } finally {
      FileSystemUtils.deleteRecursively(home);
    }
  }

  private static void name(String address, int person) throws Exception {
    long face = 1 + (long) person * EACH;
    long start = System.nanoTime();
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(address + "/api/decisions"))
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"faces\":[%d],\"action\":\"confirm\",\"name\":\"Person %d\"}"
                            .formatted(face, person)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    long decided = System.nanoTime() - start;
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(answer.body());
    }
    String people = get(address + "/api/people?q=person%20" + person);
    long seen = System.nanoTime() - start;
    if (!people.contains("\"suggested\":" + (EACH - 1))) {
      throw new IllegalStateException(people);
    }
    System.out.printf(
        "name %d: decided in %d ms, seen in people after %d ms%s%n",
        person,
        decided / 1_000_000,
        seen / 1_000_000,
        person == 0 ? " (the first after the start: the index is read)" : "");
  }

  private static String get(String address) throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(address)).build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(answer.body());
    }
    return answer.body();
  }

  /**
   * The faces of each person stand together, its first id is 1, 1001, …; the others are nobody's.
   */
  private static void fill(Connection database) throws SQLException {
    Random random = new Random(1);
    try (PreparedStatement face =
        database.prepareStatement(
            "insert into faces (image_id, face_index, descriptor, box_left, box_top, box_width, box_height, score)"
                + " values (?, 0, ?, 1, 1, 10, 10, 1)")) {
      float[] person = new float[Library.ENCODING];
      for (int i = 0; i < FACES; i++) {
        boolean somebody = i < PEOPLE * EACH;
        if (!somebody || i % EACH == 0) {
          person = Library.somebody(random);
        }
        face.setLong(1, 1 + i % PHOTOS);
        face.setBytes(
            2,
            Library.bytes(somebody && i % EACH != 0 ? Library.like(random, person, 0.4) : person));
        face.addBatch();
        if (i % 1000 == 999) {
          face.executeBatch();
        }
      }
    }
    database.commit();
  }
}
