package io.caravel.takeover;

import io.caravel.route.Picture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A site as Caravel takes the place of, with its disk and its dump; and the library it becomes. */
final class OldSite {
  static final String TABLES =
      """
      CREATE TABLE `images` (
        `id` bigint unsigned NOT NULL AUTO_INCREMENT,
        `source_disk` varchar(255) DEFAULT NULL,
        `source_path` varchar(255) DEFAULT NULL,
        `source_filename` varchar(255) DEFAULT NULL,
        `original_name` varchar(255) DEFAULT NULL,
        `created_at` timestamp NULL DEFAULT NULL,
        `updated_at` timestamp NULL DEFAULT NULL,
        `deleted_at` timestamp NULL DEFAULT NULL,
        PRIMARY KEY (`id`)
      );
      CREATE TABLE `faces` (
        `id` bigint unsigned NOT NULL AUTO_INCREMENT,
        `parent_id` bigint unsigned DEFAULT NULL,
        `image_id` bigint unsigned DEFAULT NULL,
        `face_index` tinyint unsigned NOT NULL,
        `name` varchar(255) DEFAULT NULL,
        `encoding` json DEFAULT NULL,
        `status` enum('process','unknown','not_face','ok') NOT NULL DEFAULT 'process',
        `created_at` timestamp NULL DEFAULT NULL,
        `updated_at` timestamp NULL DEFAULT NULL,
        `deleted_at` timestamp NULL DEFAULT NULL,
        PRIMARY KEY (`id`)
      );
      CREATE TABLE `queues` (
        `id` bigint unsigned NOT NULL AUTO_INCREMENT,
        `queue_key` varchar(255) NOT NULL,
        `created_at` timestamp NULL DEFAULT NULL,
        `updated_at` timestamp NULL DEFAULT NULL,
        PRIMARY KEY (`id`)
      );
      """;

  private static final Random RANDOM = new Random(7);

  final Path disk;
  final Path home;
  final Map<String, String> settings = new LinkedHashMap<>();
  private final Path directory;
  private final StringBuilder rows = new StringBuilder();

  OldSite(Path directory) {
    this.directory = directory;
    this.disk = directory.resolve("storage");
    this.home = directory.resolve("home");
    settings.put("caravel.home", home.toString());
    try {
      Files.createDirectories(disk.resolve("images"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A picture like no other, on the old disk. */
  Path picture(String name) {
    return file(name, Picture.of(40 + Math.floorMod(name.hashCode(), 97), 48).by(name).bytes());
  }

  Path file(String name, byte[] bytes) {
    try {
      Path file = Files.write(disk.resolve("images").resolve(name), bytes);
      Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2019-05-04T03:02:01Z")));
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As mysqldump writes a value. */
  private static String literal(@Nullable Object value) {
    return value == null
        ? "NULL"
        : value instanceof Number
            ? value.toString()
            : "'" + value.toString().replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  OldSite row(String table, @Nullable Object... values) {
    rows.append("INSERT INTO `%s` VALUES (".formatted(table))
        .append(
            java.util.Arrays.stream(values).map(OldSite::literal).collect(Collectors.joining(",")))
        .append(");\n");
    return this;
  }

  /** An image, with its picture. */
  OldSite image(Object id, String name) {
    picture(name);
    return imageRow(id, name, null);
  }

  OldSite imageRow(Object id, String name, @Nullable String deleted) {
    String created = "2026-01-19 07:01:00";
    return row("images", id, "private", "images", name, name, created, created, deleted);
  }

  OldSite face(
      Object id,
      @Nullable Object parent,
      @Nullable Object image,
      @Nullable String name,
      @Nullable String encoding,
      String status) {
    String created = "2026-01-20 10:01:00";
    return row("faces", id, parent, image, 0, name, encoding, status, created, created, null);
  }

  /** Like no other: some 1.4 from any other such one. */
  static float[] somebody() {
    float[] encoding = new float[128];
    double sum = 0;
    for (int i = 0; i < encoding.length; i++) {
      encoding[i] = (float) RANDOM.nextGaussian();
      sum += encoding[i] * encoding[i];
    }
    for (int i = 0; i < encoding.length; i++) {
      encoding[i] /= (float) Math.sqrt(sum);
    }
    return encoding;
  }

  static String json(float[] encoding) {
    return IntStream.range(0, encoding.length)
        .mapToObj(i -> Float.toString(encoding[i]))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  Path dump() {
    try {
      return Files.writeString(
          directory.resolve("dump.sql"),
          "/*!40103 SET TIME_ZONE='+00:00' */;\n"
              + TABLES
              + rows
              + "-- Dump completed on 2026-01-21 22:14:07\n",
          StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a command said, and how it ended. */
  record Said(int status, String text) {}

  Said imported(String... options) {
    return importedFrom(dump().toString(), options);
  }

  Said importedFrom(String source, String... options) {
    return importedFrom(new CountDownLatch(1), source, options);
  }

  /** Until it is asked to end, where it follows. */
  Said importedFrom(CountDownLatch stop, String source, String... options) {
    List<String> arguments = new ArrayList<>(List.of(source, "--disk", "private=" + disk));
    arguments.addAll(List.of(options));
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    StandardEnvironment environment = new StandardEnvironment();
    environment.getPropertySources().addFirst(new MapPropertySource("test", Map.copyOf(settings)));
    int status =
        Takeover.run(
            arguments,
            environment,
            new PrintStream(said, true, StandardCharsets.UTF_8),
            settings,
            stop);
    return new Said(status, said.toString(StandardCharsets.UTF_8));
  }

  /** The library's database; an embedded one must not be open elsewhere. */
  JdbcClient migrated() {
    String url = settings.get("caravel.db.url");
    return JdbcClient.create(
        url == null
            ? new DriverManagerDataSource(
                "jdbc:h2:"
                    + Path.of(settings.getOrDefault("caravel.home", "")).resolve("database/caravel")
                    + ";MODE=MySQL;DATABASE_TO_LOWER=TRUE;TIME ZONE=UTC;IFEXISTS=TRUE",
                "caravel",
                "")
            : new DriverManagerDataSource(
                url,
                settings.getOrDefault("caravel.db.user", ""),
                settings.getOrDefault("caravel.db.password", "")));
  }
}
