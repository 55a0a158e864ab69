package io.caravel.bench;

import io.caravel.server.CaravelProcess;
import io.caravel.server.MariaDbNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

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
    Map<String, String> settings = new TreeMap<>(Map.of("CARAVEL_HOME", home.toString()));
    String url =
        "jdbc:h2:"
            + home.resolve("database/caravel")
            + ";MODE=MySQL;DATABASE_TO_LOWER=TRUE;TIME ZONE=UTC";
    String user = "caravel";
    String password = "";
    if (arguments[0].equals("mariadb")) {
      MariaDbNode node = MariaDbNode.shared();
      url = node.createDatabase();
      user = node.user();
      password = node.password();
      settings.putAll(
          Map.of("CARAVEL_DB_URL", url, "CARAVEL_DB_USER", user, "CARAVEL_DB_PASSWORD", password));
    }
    try (CaravelProcess caravel = new CaravelProcess(settings)) {
      caravel.start();
      caravel.terminate();
      try (Connection database = DriverManager.getConnection(url, user, password)) {
        fill(database);
      }
      caravel.start();
      String address = caravel.baseUri().toString().replaceFirst("/$", "");
      for (int person = 0; person < PEOPLE; person++) {
        name(address, person);
      }
      for (String path :
          new String[] {
            "/api/people",
            "/api/people?q=person",
            "/api/photos?person=1",
            "/api/photos?q=person",
            "/api/photos?q=nobody",
            "/api/decisions",
            "/api/people/distances"
          }) {
        long[] took = new long[7];
        for (int i = 0; i < took.length; i++) {
          long start = System.nanoTime();
          get(address + path);
          took[i] = System.nanoTime() - start;
        }
        long cold = took[0];
        Arrays.sort(took);
        System.out.printf(
            "GET %s: median %d ms, first %d ms%n", path, took[3] / 1_000_000, cold / 1_000_000);
      }
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
    database.setAutoCommit(false);
    try (PreparedStatement photo =
        database.prepareStatement(
            """
            insert into images (sha256, filename, mime_type, bytes, source_disk, source_path, source_filename)
            values (?, ?, 'image/jpeg', 1, 'private', 'xx', 'none.jpg')
            """)) {
      for (int i = 1; i <= PHOTOS; i++) {
        photo.setString(1, "%064x".formatted(i));
        photo.setString(2, "IMG_%05d.jpg".formatted(i));
        photo.addBatch();
        if (i % 1000 == 0) {
          photo.executeBatch();
        }
      }
    }
    Random random = new Random(1);
    try (PreparedStatement face =
        database.prepareStatement(
            "insert into faces (image_id, face_index, descriptor, box_left, box_top, box_width, box_height, score)"
                + " values (?, 0, ?, 1, 1, 10, 10, 1)")) {
      float[] person = new float[128];
      for (int i = 0; i < FACES; i++) {
        boolean somebody = i < PEOPLE * EACH;
        if (!somebody || i % EACH == 0) {
          person = scaled(random, 1, new float[128]);
        }
        face.setLong(1, 1 + i % PHOTOS);
        face.setBytes(2, bytes(somebody && i % EACH != 0 ? scaled(random, 0.4, person) : person));
        face.addBatch();
        if (i % 1000 == 999) {
          face.executeBatch();
        }
      }
    }
    database.commit();
  }

  private static float[] scaled(Random random, double norm, float[] from) {
    float[] encoding = new float[128];
    double sum = 0;
    for (int i = 0; i < encoding.length; i++) {
      encoding[i] = (float) random.nextGaussian();
      sum += encoding[i] * encoding[i];
    }
    for (int i = 0; i < encoding.length; i++) {
      encoding[i] = from[i] + (float) (encoding[i] * norm / Math.sqrt(sum));
    }
    return encoding;
  }

  private static byte[] bytes(float[] encoding) {
    ByteBuffer bytes = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(encoding);
    return bytes.array();
  }
}
