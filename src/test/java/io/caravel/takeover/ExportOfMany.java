package io.caravel.takeover;

import io.caravel.server.MariaDbNode;
import io.caravel.server.MySqlServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.springframework.util.FileSystemUtils;

/**
 * How long the statements of {@code export} (of a library on MariaDB) take on the tables of a large
 * site, which have no index on a file's name: as many uploads as faces, one in each.
 */
public final class ExportOfMany {
  private static final int CHUNK = 1000;

  /** The uploads' numbers are above the site's, as an import has them. */
  private static final long FIRST = 1_000_001;

  private final Path directory;
  private final OldSite site;

  private ExportOfMany(Path directory) {
    MariaDbNode node = MariaDbNode.shared();
    this.directory = directory;
    this.site = new OldSite(directory);
    site.settings.put("caravel.db.url", node.createDatabase());
    site.settings.put("caravel.db.user", node.user());
    site.settings.put("caravel.db.password", node.password());
  }

  /** {@code ExportOfMany IMAGES UPLOADS}. */
  public static void main(String[] arguments) throws Exception {
    Path directory = Files.createTempDirectory("caravel-export-");
    try {
      ExportOfMany many = new ExportOfMany(directory);
      many.work(Integer.parseInt(arguments[1]));
      try (Connection old = database();
          Statement statement = old.createStatement()) {
        many.measure(statement, Integer.parseInt(arguments[0]));
      }
    } finally {
      FileSystemUtils.deleteRecursively(directory);
    }
    System.exit(0);
  }

  private static Connection database() throws SQLException {
    if (MySqlServer.isNamed()) {
      MySqlServer server = MySqlServer.required();
      return DriverManager.getConnection(server.createDatabase(), server.user(), server.password());
    }
    MariaDbNode node = MariaDbNode.shared();
    return DriverManager.getConnection(node.createDatabase(), node.user(), node.password());
  }

  /** Uploads of a year, each with a face: the first is a person, and all others stand under it. */
  private void work(int uploads) {
    site.image(1, "IMG_0000001.jpg").imported();
    String encoding = OldSite.json(OldSite.somebody());
    long end = FIRST + uploads;
    for (long from = FIRST; from < end; from += CHUNK) {
      List<Long> ids = LongStream.range(from, Math.min(from + CHUNK, end)).boxed().toList();
      site.migrated()
          .sql(
              "insert into images (id, sha256, filename, mime_type, bytes, source_disk, source_path, source_filename) values :rows")
          .param(
              "rows",
              ids.stream()
                  .map(
                      id ->
                          new Object[] {
                            id,
                            "%064x".formatted(id),
                            "a.jpg",
                            "image/jpeg",
                            1,
                            "uploads",
                            "2026/%02d".formatted(1 + id % 12),
                            "%064x.jpg".formatted(id)
                          })
                  .toList())
          .update();
      site.migrated()
          .sql(
              "insert into faces (id, image_id, face_index, encoding, status, parent_id) values :rows")
          .param(
              "rows",
              ids.stream()
                  .map(id -> new Object[] {id, id, 0, encoding, "ok", id == FIRST ? null : FIRST})
                  .toList())
          .update();
    }
  }

  private void measure(Statement old, int images) throws SQLException, IOException {
    for (String table : OldSite.TABLES.split(";\n")) {
      old.execute(table);
    }
    for (int from = 1; from <= images; from += CHUNK) {
      old.execute(
          LongStream.range(from, Math.min(from + CHUNK, images + 1L))
              .mapToObj("('private', 'images', 'IMG_%07d.jpg')"::formatted)
              .reduce((some, more) -> some + "," + more)
              .map("insert into images (source_disk, source_path, source_filename) values "::concat)
              .orElseThrow());
    }
    Path file = directory.resolve("back.sql");
    long began = System.nanoTime();
    Export.run(
        List.of(file.toString(), "--since", LocalDate.EPOCH.toString()), System.out, site.settings);
    System.out.printf(Locale.ROOT, "written in %,d s%n", secondsSince(began));
    for (String which : List.of("once", "twice")) {
      began = System.nanoTime();
      for (String statement : Files.readString(file).split(";\n")) {
        if (!statement.isBlank()) {
          old.execute(statement);
        }
      }
      System.out.printf(
          Locale.ROOT,
          "applied %s: %,d s, %,d images and %,d faces there, %,d of them in their image%n",
          which,
          secondsSince(began),
          count(old, "images"),
          count(old, "faces"),
          count(old, "faces join images on images.id = image_id and source_disk = 'uploads'"));
    }
  }

  private static long secondsSince(long began) {
    return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
  }

  private static long count(Statement old, String table) throws SQLException {
    try (ResultSet rows = old.executeQuery("select count(*) from " + table)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
