package io.caravel.takeover;

import io.caravel.crash.Camera;
import io.caravel.server.MariaDbNode;
import io.caravel.server.MySqlServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.GeneratedKeyHolder;
import org.springframework.jdbc.support.KeyHolder;

/**
 * The site of {@link TwinOperations}: its files, its old tables on a server, and the library that
 * it becomes, on the same server.
 */
final class TwinSite {
  /** Images that the site has before it is taken over; with as many faces, twice. */
  private static final int IMAGES = 40;

  private static final int PEOPLE = 8;

  /** One file in so many has the bytes of another. */
  private static final int TWINS = 12;

  private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2019-05-04T03:02:01Z"));
  private static final String UTC = "?connectionTimeZone=UTC&forceConnectionTimeZoneToSession=true";

  /** Where both sides have their tables: MySQL where CARAVEL_TEST_MYSQL names one, else MariaDB. */
  record Server(Supplier<String> databases, String user, String password) {
    static Server named() {
      if (MySqlServer.isNamed()) {
        MySqlServer server = MySqlServer.required();
        return new Server(server::createDatabase, server.user(), server.password());
      }
      return mariaDb();
    }

    static Server mariaDb() {
      MariaDbNode node = MariaDbNode.shared();
      return new Server(node::createDatabase, node.user(), node.password());
    }
  }

  private final OldSite site;
  private final String oldUrl;
  private final JdbcClient old;
  private final JdbcClient library;
  private final Random random;
  private final List<String> waiting = new ArrayList<>(); // files that no image names yet
  private final Map<String, String> sha256 = new HashMap<>(); // of each file
  private final Map<Long, String> images = new ConcurrentSkipListMap<>();
  private final List<float[]> people = new ArrayList<>();

  /**
   * @param more files beside those of the images that come over
   */
  TwinSite(Path directory, Server node, int more, long seed) throws IOException {
    site = new OldSite(directory);
    random = new Random(seed);
    oldUrl = node.databases().get();
    String url = node.databases().get();
    site.settings.put("caravel.db.url", url);
    site.settings.put("caravel.db.user", node.user());
    site.settings.put("caravel.db.password", node.password());
    site.settings.put("caravel.import.user", node.user());
    site.settings.put("caravel.import.password", node.password());
    site.settings.put(
        "caravel.disks",
        "private=%s,uploads=%s".formatted(site.disk, site.home.resolve("originals")));
    site.settings.put("caravel.upload-disk", "uploads");
    old = client(oldUrl, node);
    library = client(url, node);
    for (String table : OldSite.TABLES.split(";\n")) {
      old.sql(table).update();
    }
    Camera camera = new Camera(seed, "twin " + seed, 320, 240, 5);
    byte[] last = camera.shoot().bytes();
    for (int n = 1; n <= IMAGES + more; n++) {
      Camera.Shot shot = camera.shoot();
      byte[] bytes = n % TWINS == 0 ? last : shot.bytes();
      last = shot.bytes();
      String name = "photo é %d.jpg".formatted(n);
      site.file(name, bytes);
      sha256.put(
          name,
          n % TWINS == 0
              ? sha256.getOrDefault("photo é %d.jpg".formatted(n - 1), "")
              : shot.sha256());
      waiting.add(name);
    }
    laidBefore();
  }

  private static JdbcClient client(String url, Server node) {
    return JdbcClient.create(new DriverManagerDataSource(url + UTC, node.user(), node.password()));
  }

  /** Some thumbnails lie there already, and stay as they are. */
  private void laidBefore() throws IOException {
    Path thumbs = Files.createDirectories(site.disk.resolve("thumbs/cover-300x300/images"));
    for (String name : waiting.subList(0, 10)) {
      Path file = thumbs.resolve(name);
      Files.writeString(file, "the site's own");
      Files.setLastModifiedTime(file, LONG_AGO);
    }
  }

  /** Under which Caravel takes the site's place. */
  Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    site.settings.forEach(
        (name, value) ->
            environment.put(name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"), value));
    environment.put(
        "CARAVEL_THUMBNAIL_TARGET",
        "private:thumbs/{method}-{width}x{height}/{path}/{stem}.{format}");
    environment.put("CARAVEL_THUMBNAILS", "cover:300x300");
    environment.put("CARAVEL_THUMBNAIL_FORMAT", "jpeg");
    environment.put("CARAVEL_GEOCODING", "off");
    environment.put("CARAVEL_ROLES", "intake,web,thumbnails,metadata,geolocation");
    return environment;
  }

  /** Caravel's own tables, of which the site's model reads and writes the faces. */
  JdbcClient caravels() {
    return library;
  }

  /** A connection of the site's model to Caravel's own tables; of a server's own zone. */
  Connection connect() throws SQLException {
    return DriverManager.getConnection(
        site.settings.getOrDefault("caravel.db.url", ""),
        site.settings.getOrDefault("caravel.db.user", ""),
        site.settings.getOrDefault("caravel.db.password", ""));
  }

  JdbcClient old() {
    return old;
  }

  /** The images that the site has, and their SHA-256. */
  Map<Long, String> images() {
    return images;
  }

  /** UTC, in whole seconds that are over. */
  LocalDateTime now() {
    return library
        .sql("select current_timestamp(3)")
        .query(LocalDateTime.class)
        .single()
        .truncatedTo(ChronoUnit.SECONDS);
  }

  /** The old tables are filled and come over, with all their faces. */
  void takeOver() {
    for (int person = 0; person < PEOPLE; person++) {
      people.add(OldSite.somebody());
    }
    for (int n = 0; n < IMAGES; n++) {
      long image = image().id();
      for (int index = 0; index < 2; index++) {
        int face = 2 * n + index;
        int person = face % PEOPLE;
        boolean root = face < PEOPLE;
        boolean confirmed = face < 5 * PEOPLE;
        boolean suggested = face < 7 * PEOPLE;
        old.sql(
                """
                insert into faces (id, parent_id, image_id, face_index, name, encoding, status, created_at, updated_at)
                values (:id, :parent, :image, :index, :name, :encoding, :status, '2026-01-20 10:01:00', '2026-01-20 10:01:00')
                """)
            .param("id", face + 1)
            .param("parent", root || !suggested ? null : person + 1)
            .param("image", image)
            .param("index", index)
            .param("name", confirmed ? "Person " + person : null)
            .param("encoding", OldSite.json(like(people.get(person))))
            .param("status", confirmed ? "ok" : suggested ? "process" : "unknown")
            .update();
      }
    }
    OldSite.Said said = site.importedFrom(oldUrl);
    if (said.status() != 0) {
      throw new IllegalStateException(said.text());
    }
  }

  /** An image of the site's, of which Caravel may not know yet. */
  record Image(long id, String file) {}

  /** The site notes the next of its files as an image; as an upload to it does. */
  synchronized Image image() {
    String file = waiting.remove(0);
    KeyHolder key = new GeneratedKeyHolder();
    old.sql(
            """
            insert into images (source_disk, source_path, source_filename, original_name, created_at, updated_at)
            values ('private', 'images', :file, :file, '2026-01-19 07:01:00', '2026-01-19 07:01:00')
            """)
        .param("file", file)
        .update(key, "id");
    long id = Objects.requireNonNull(key.getKey()).longValue();
    images.put(id, sha256.getOrDefault(file, ""));
    return new Image(id, file);
  }

  synchronized boolean hasFiles() {
    return !waiting.isEmpty();
  }

  /** Two faces of a photo, as a search of it keeps them. */
  synchronized void found(long photo) {
    long there =
        library
            .sql("select count(*) from faces where image_id = :photo")
            .param("photo", photo)
            .query(Long.class)
            .single();
    for (int index = 0; there == 0 && index < 2; index++) {
      float[] encoding = like(people.get(random.nextInt(PEOPLE)));
      library
          .sql(
              """
              insert into faces (image_id, face_index, encoding, descriptor, box_left, box_top, box_width, box_height, score)
              values (:photo, :index, :encoding, :descriptor, :left, 1, 10, 10, 0.9)
              """)
          .param("photo", photo)
          .param("index", index)
          .param("encoding", OldSite.json(encoding))
          .param("descriptor", bytes(encoding))
          .param("left", 1 + 100 * index)
          .update();
    }
  }

  private float[] like(float[] person) {
    float[] encoding = OldSite.somebody();
    for (int i = 0; i < encoding.length; i++) {
      encoding[i] = person[i] + 0.35f * encoding[i];
    }
    return encoding;
  }

  private static byte[] bytes(float[] encoding) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * encoding.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(encoding);
    return bytes.array();
  }

  /** The ids there of the faces that came over, by those here. */
  Map<Long, Long> olds() {
    Map<Long, Long> olds = new TreeMap<>();
    library
        .sql(
            "select new_id, min(old_id) from import_ids where kind in ('faces', 'joined') group by new_id")
        .query(
            row -> {
              olds.put(row.getLong(1), row.getLong(2));
            });
    return olds;
  }

  /** All that lay on the site's disk before: its bytes, times, rights and place. */
  List<String> files() throws IOException {
    List<String> files = new ArrayList<>();
    List<Path> folders =
        List.of(site.disk.resolve("images"), site.disk.resolve("thumbs/cover-300x300/images"));
    for (Path folder : folders) {
      try (Stream<Path> all = Files.list(folder)) {
        for (Path each : (Iterable<Path>) all.sorted()::iterator) {
          Map<String, Object> about =
              Files.readAttributes(
                  each,
                  "unix:size,lastModifiedTime,ctime,ino,nlink,mode,uid,gid",
                  LinkOption.NOFOLLOW_LINKS);
          boolean own =
              folder.endsWith("images") && !folder.startsWith(site.disk.resolve("thumbs"));
          if (own || LONG_AGO.equals(about.get("lastModifiedTime"))) {
            files.add(
                each
                    + " "
                    + new TreeMap<>(about)
                    + " "
                    + Arrays.hashCode(Files.readAllBytes(each)));
          }
        }
      }
    }
    files.add(
        site.disk.resolve("images") + " " + Files.getLastModifiedTime(site.disk.resolve("images")));
    return files;
  }

  /** What was decided and came since, as statements, is given to the old tables. */
  void giveBack(LocalDateTime since, int time) throws IOException, SQLException {
    Path file = site.home.resolve("back-%d.sql".formatted(time));
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    int status =
        Export.run(
            List.of(file.toString(), "--since", since.toString()),
            new PrintStream(said, true, StandardCharsets.UTF_8),
            site.settings);
    if (status != 0) {
      throw new IllegalStateException(said.toString(StandardCharsets.UTF_8));
    }
    // The site's tables refuse what their foreign keys do not allow.
    constrain("faces_image_id_foreign", "(image_id) references images (id) on delete cascade");
    constrain("faces_parent_id_foreign", "(parent_id) references faces (id) on delete set null");
    try (Connection connection =
            DriverManager.getConnection(
                oldUrl,
                site.settings.getOrDefault("caravel.db.user", ""),
                site.settings.getOrDefault("caravel.db.password", ""));
        Statement statement = connection.createStatement()) {
      for (String each : Files.readString(file).split(";\n")) {
        if (!each.isBlank()) {
          statement.execute(each);
        }
      }
    }
  }

  private void constrain(String name, String key) {
    long there =
        old.sql(
                "select count(*) from information_schema.table_constraints where table_schema = database() and constraint_name = :name")
            .param("name", name)
            .query(Long.class)
            .single();
    if (there == 0) {
      old.sql("alter table faces add constraint %s foreign key %s".formatted(name, key)).update();
    }
  }
}
