package io.caravel.bench;

import io.caravel.photo.Disks;
import io.caravel.photo.Photos;
import io.caravel.server.CaravelProcess;
import io.caravel.server.MariaDbNode;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.LocalDateTime;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * The photos of somebody who has taken them for fifteen years: rows as the jobs leave them, and on
 * request small pictures. The same each time.
 */
final class Library {
  static final int ENCODING = 128;
  private static final int BATCH = 1000;
  private static final int PICTURES = 24;
  private static final String[][] CAMERAS = {
    {"NIKON CORPORATION", "NIKON D70"},
    {"NIKON CORPORATION", "NIKON D750"},
    {"Canon", "Canon EOS 5D Mark III"},
    {"Canon", "Canon PowerShot S95"},
    {"Google", "Pixel 7"},
    {"Apple", "iPhone 12 mini"},
    {"samsung", "SM-G991B"},
    {"Panasonic", "DMC-TZ10"},
    {"FUJIFILM", "X100T"},
    {"SONY", "ILCE-7M3"}
  };
  private static final String[] COUNTRIES = {
    "Portugal", "Österreich", "Italia", "Deutschland", "France", "Ελλάς"
  };

  private final Size size;
  private final Random random = new Random(1);

  /**
   * How much there is of it.
   *
   * @param people of whom the first has {@code largest} confirmed faces, the others share the rest
   *     of {@code confirmed}
   * @param suggested faces to review that are thought to be one of the people
   */
  record Size(int photos, int faces, int people, int confirmed, int largest, int suggested) {}

  Library(Size size) {
    this.size = size;
  }

  /** A database and the settings by which the program finds it. */
  record Place(String url, String user, String password, Map<String, String> settings) {
    /** {@code embedded} below that home, or one of a private {@code mariadb}. */
    static Place of(String kind, Path home) {
      Map<String, String> settings = new TreeMap<>(Map.of("CARAVEL_HOME", home.toString()));
      if (kind.equals("mariadb")) {
        MariaDbNode node = MariaDbNode.shared();
        String url = node.createDatabase();
        settings.putAll(
            Map.of(
                "CARAVEL_DB_URL",
                url,
                "CARAVEL_DB_USER",
                node.user(),
                "CARAVEL_DB_PASSWORD",
                node.password()));
        return new Place(
            // In UTC as the program: all that was written in the server's zone would lie in the
            // future.
            url
                + "?rewriteBatchedStatements=true&connectionTimeZone=UTC&forceConnectionTimeZoneToSession=true",
            node.user(),
            node.password(),
            settings);
      }
      return new Place(
          "jdbc:h2:"
              + home.resolve("database/caravel")
              + ";MODE=MySQL;DATABASE_TO_LOWER=TRUE;TIME ZONE=UTC",
          "caravel",
          "",
          settings);
    }

    Connection connect() throws SQLException {
      return DriverManager.getConnection(url, user, password);
    }

    /** Has the program make the tables, and end. */
    void makeTables(CaravelProcess caravel) {
      caravel.start();
      caravel.terminate();
    }
  }

  /** SHA-256 of the n-th photo, from 1 on. */
  private static String sha256(int photo) {
    try {
      byte[] name = Integer.toString(photo).getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(name));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  void fill(Connection database) throws SQLException {
    database.setAutoCommit(false);
    places(database);
    photos(database);
    texts(database);
    jobs(database);
    faces(database);
    database.commit();
  }

  private int places() {
    return Math.max(1, size.photos() * 3 / 50);
  }

  private void places(Connection database) throws SQLException {
    try (PreparedStatement place =
        database.prepareStatement(
            """
            insert into places (latitude, longitude, found, name, country, city, answer, attribution)
            values (?, ?, true, ?, ?, ?, ?, 'Data © OpenStreetMap contributors, ODbL 1.0.')
            """)) {
      for (int i = 1; i <= places(); i++) {
        String country = COUNTRIES[i % COUNTRIES.length];
        String city = "Town " + i / 10;
        place.setDouble(1, 36 + i * 0.003);
        place.setDouble(2, -9 + i * 0.01);
        place.setString(3, "%d, Rua Augusta, %s, %s".formatted(i, city, country));
        place.setString(4, country);
        place.setString(5, city);
        place.setString(6, "{\"display_name\":\"" + "x".repeat(1200) + "\"}");
        batch(place, i);
      }
      place.executeBatch();
    }
  }

  /** Whether the n-th photo has a place, has failed at something, … */
  private static boolean placed(int photo) {
    return photo % 10 < 7;
  }

  private void photos(Connection database) throws SQLException {
    LocalDateTime first = LocalDateTime.of(2010, 1, 1, 0, 0);
    try (PreparedStatement photo =
        database.prepareStatement(
            """
            insert into images (sha256, filename, mime_type, bytes, source_disk, source_path, source_filename,
              stored_width, stored_height, width, height, orientation, taken_at, dated_at, taken_zone, camera_make,
              camera_model, lens, exposure_seconds, aperture, iso, focal_length_mm, latitude, longitude, position,
              place_id, damaged, damage, deleted_at)
            values (?, ?, 'image/jpeg', 3145728, 'private', 'xx', 'none.jpg', 4000, 3000, 4000, 3000, 1, ?, ?,
              'Europe/Lisbon', ?, ?, '18.0-70.0 mm f/3.5-4.5', 0.004, 5.6, 200, 35, ?, ?, ?, ?, ?, ?, ?)
            """)) {
      for (int i = 1; i <= size.photos(); i++) {
        String[] camera = CAMERAS[random.nextInt(CAMERAS.length)];
        Timestamp taken = Timestamp.valueOf(first.plusSeconds(random.nextInt(15 * 365 * 86_400)));
        boolean damaged = i % 100 == 0;
        photo.setString(1, sha256(i));
        photo.setString(2, "IMG_%05d.JPG".formatted(i));
        photo.setTimestamp(3, i % 20 == 0 ? null : taken);
        photo.setString(4, i % 20 == 0 ? Photos.UNDATED : taken.toString());
        photo.setString(5, camera[0]);
        photo.setString(6, camera[1]);
        if (placed(i)) {
          photo.setDouble(7, 36 + random.nextDouble() * 9);
          photo.setDouble(8, -9 + random.nextDouble() * 30);
          photo.setString(9, "valid");
          photo.setLong(10, 1 + random.nextInt(places()));
        } else {
          photo.setNull(7, Types.DOUBLE);
          photo.setNull(8, Types.DOUBLE);
          photo.setString(9, "none");
          photo.setNull(10, Types.BIGINT);
        }
        photo.setBoolean(11, damaged);
        photo.setString(12, damaged ? "The file ends before the picture does." : null);
        photo.setTimestamp(13, i % 250 == 0 ? Timestamp.valueOf("2026-11-01 12:00:00") : null);
        batch(photo, i);
      }
      photo.executeBatch();
    }
  }

  /** What text search reads, as intake and the metadata's keep write it. */
  private static void texts(Connection database) throws SQLException {
    try (Statement texts = database.createStatement()) {
      texts.execute(
          """
          insert into image_text (image_id, filename, camera_make, camera_model, words)
          select id, filename, camera_make, camera_model,
            lower(concat(filename, ' ', camera_make, ' ', camera_model))
          from images
          """);
    }
  }

  private void jobs(Connection database) throws SQLException {
    try (PreparedStatement job =
        database.prepareStatement(
            """
            insert into jobs (image_id, queue, job_key, data, state, attempts, cause, error, started_at, ended_at)
            values (?, ?, ?, ?, ?, 1, ?, ?, '2026-11-01 12:00:00', '2026-11-01 12:00:01')
            """)) {
      String[] queues = {"thumbnails", "metadata", "geolocation", "faces"};
      for (int i = 1; i <= size.photos(); i++) {
        for (int q = 0; q < queues.length; q++) {
          boolean failed = (i + q * 50) % 400 == 0;
          boolean skipped = q == 2 && !placed(i);
          job.setLong(1, i);
          job.setString(2, queues[q]);
          job.setString(3, "%032x".formatted(i * 4L + q));
          job.setString(4, "{\"image_id\":" + i + "}");
          job.setString(5, skipped ? "skipped" : failed ? "failed" : "done");
          job.setString(6, skipped ? "no-position" : failed ? "time-limit" : null);
          job.setString(7, failed ? "It took longer than it may: replay it." : null);
          batch(job, i * queues.length + q);
        }
      }
      job.executeBatch();
    }
  }

  /**
   * The confirmed ones of each person, its root first, stand before those of the next; then the
   * suggested ones, then those of nobody.
   */
  private void faces(Connection database) throws SQLException {
    float[][] people = new float[size.people()][];
    long[] roots = new long[size.people()];
    try (PreparedStatement face =
        database.prepareStatement(
            """
            insert into faces (image_id, face_index, parent_id, name, status, encoding, descriptor,
              box_top, box_width, box_height, score, distance, box_left, changed_at)
            values (?, ?, ?, ?, ?, ?, ?, 300, 500, 500, 1, ?, ?, '2026-01-01')
            """)) {
      for (int i = 0; i < size.faces(); i++) {
        int person = personOf(i);
        boolean confirmed = i < size.confirmed();
        float[] encoding;
        if (person >= 0 && people[person] != null) {
          encoding = like(random, people[person], 0.4);
          face.setLong(3, roots[person]);
          face.setDouble(8, 0.2 + 0.4 * random.nextDouble());
        } else {
          encoding = somebody(random);
          face.setNull(3, Types.BIGINT);
          face.setNull(8, Types.DOUBLE);
          if (person >= 0) {
            people[person] = encoding;
            roots[person] = i + 1L;
          }
        }
        face.setLong(1, 1 + i % size.photos());
        face.setInt(2, i / size.photos());
        face.setString(4, confirmed ? name(person) : null);
        face.setString(5, confirmed ? "ok" : "process");
        face.setString(6, json(encoding));
        face.setBytes(7, bytes(encoding));
        face.setInt(9, left(i / size.photos()));
        batch(face, i + 1);
      }
      face.executeBatch();
    }
  }

  private static int left(int faceIndex) {
    return 400 + 700 * faceIndex;
  }

  /**
   * Draws some thumbnails and crops, and links them to all photos: so that a browser sees pictures.
   */
  void pictures(Path home) throws IOException {
    Disks disks = new Disks(home.toString(), List.of());
    int each = size.faces() / size.photos();
    Path drawn = Files.createDirectories(home.resolve("drawn"));
    for (int picture = 0; picture < PICTURES; picture++) {
      draw(drawn.resolve("cover-" + picture), picture, 300, 300);
      draw(drawn.resolve("scale-" + picture), picture, 1600, 1200);
      draw(drawn.resolve("face-" + picture), picture, 256, 256);
    }
    for (int photo = 1; photo <= size.photos(); photo++) {
      String sha256 = sha256(photo);
      Path cover = disks.thumbnailFile(sha256, "cover-300x300", "jpg");
      Files.createDirectories(cover.getParent());
      Files.createLink(cover, drawn.resolve("cover-" + photo % PICTURES));
      Files.createLink(
          disks.thumbnailFile(sha256, "scale-1600x1600", "jpg"),
          drawn.resolve("scale-" + photo % PICTURES));
      for (int face = 0; face < each; face++) {
        Files.createLink(
            disks.cropFile(sha256, left(face), 300, 500, 500),
            drawn.resolve("face-" + (photo + face) % PICTURES));
      }
    }
  }

  private static void draw(Path file, int picture, int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D brush = image.createGraphics();
    Random random = new Random(picture);
    brush.setColor(Color.getHSBColor(random.nextFloat(), 0.3f, 0.8f));
    brush.fillRect(0, 0, width, height);
    for (int i = 0; i < 12; i++) {
      brush.setColor(Color.getHSBColor(random.nextFloat(), 0.7f, 0.6f));
      int side = (int) (width * (0.05 + 0.2 * random.nextDouble()));
      brush.fillOval(random.nextInt(width), random.nextInt(height), side, side);
    }
    brush.dispose();
    ImageIO.write(image, "jpg", file.toFile());
  }

  /** Of the face with that number, from 0 on: a person's number; -1: nobody's. */
  private int personOf(int face) {
    if (face < size.largest()) {
      return 0;
    }
    if (face < size.confirmed()) {
      long others = size.people() - 1L;
      return (int) (1 + (face - size.largest()) * others / (size.confirmed() - size.largest()));
    }
    return face < size.confirmed() + size.suggested() ? face % size.people() : -1;
  }

  static String name(int person) {
    return "Person " + person;
  }

  private static void batch(PreparedStatement statement, int number) throws SQLException {
    statement.addBatch();
    if (number % BATCH == 0) {
      statement.executeBatch();
    }
  }

  /** An encoding some 1.4 from any other such one. */
  static float[] somebody(Random random) {
    return scaled(random, 1, null);
  }

  /** Another of the same person, at this distance. */
  static float[] like(Random random, float[] person, double distance) {
    return scaled(random, distance, person);
  }

  private static float[] scaled(Random random, double norm, float @Nullable [] from) {
    float[] encoding = new float[ENCODING];
    double sum = 0;
    for (int i = 0; i < encoding.length; i++) {
      encoding[i] = (float) random.nextGaussian();
      sum += encoding[i] * encoding[i];
    }
    for (int i = 0; i < encoding.length; i++) {
      encoding[i] = (from == null ? 0 : from[i]) + (float) (encoding[i] * norm / Math.sqrt(sum));
    }
    return encoding;
  }

  static byte[] bytes(float[] encoding) {
    ByteBuffer bytes = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(encoding);
    return bytes.array();
  }

  private static String json(float[] encoding) {
    StringBuilder json = new StringBuilder().append('[');
    for (float number : encoding) {
      json.append(json.length() == 1 ? "" : ",").append(number);
    }
    return json.append(']').toString();
  }
}
