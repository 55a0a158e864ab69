package io.caravel.takeover;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * {@code export FILE.sql [--since TIME] [--column what=NAME]}: the way back. What was decided of
 * faces, which faces and photos came, as statements for the tables of the site that Caravel took
 * the place of, under that site's numbers. To be run twice does no harm.
 */
public final class Export {
  private static final String USAGE =
      "export takes a file that is not there yet: export FILE.sql [--since 2026-11-30T08:00] [--column file=NAME]; the time is UTC, or has an offset such as +01:00.";

  /** Rows of one look. */
  private static final int PAGE = 1000;

  private static final String CHANGED =
      """
      (f.updated_at >= :since or f.deleted_at >= :since
        or exists (select 1 from faces child where child.parent_id = f.id and child.updated_at >= :since))
      """;

  /** Those that came, and all that the faces told hang on: the site may not have them yet. */
  private static final String IMAGES =
      """
      select id, source_disk, source_path, source_filename, created_at, deleted_at is not null as deleted
      from images i
      where (deleted_at is null and created_at >= :since
        or exists (select 1 from faces f where f.image_id = i.id and %s))
        and id > :after order by id limit :page
      """
          .formatted(CHANGED);

  /** With the roots that those stand under which changed: the site may not have them yet. */
  private static final String FACES =
      """
      select f.id, f.parent_id, f.image_id, f.face_index, f.name, f.encoding, f.status, f.created_at, f.updated_at,
        f.deleted_at, i.source_filename
      from faces f left join images i on i.id = f.image_id
      where %s and f.id > :after order by f.id limit :page
      """
          .formatted(CHANGED);

  /**
   * The photos that came, each with the image there that has its file. The old table need have no
   * index on that, nor a collation that tells A.jpg from a.jpg: the text is compared by its hash.
   */
  private static final String PHOTOS =
      """
      drop temporary table if exists caravel_photos;
      create temporary table caravel_photos (
        photo bigint unsigned not null primary key, image bigint unsigned null, disk varchar(64), path varchar(255),
        file varchar(255), created_at datetime(3) null, deleted boolean not null, hash binary(32) null, key (hash)
      ) default charset = utf8mb4;""";

  /** Of three columns: disk, path and file. */
  private static final String HASH =
      "unhex(sha2(convert(concat(%s, '/', %s, '/', %s) using utf8mb4), 256))";

  /** Of the old column, tinyint unsigned. */
  private static final int LARGEST_INDEX = 255;

  private final JdbcClient database;
  private final BufferedWriter sql;
  private final String since;

  /** Of the old table images, by what they say: disk, path and file. */
  private final Map<String, String> columns;

  private final Map<Long, Long> images;
  private final Map<Long, List<Long>> faces;

  /** Faces that the old table cannot have: nobody stands under them there. */
  private final Set<Long> out = new HashSet<>();

  private long photos;
  private long decided;
  private long fresh;
  private long left;

  private Export(
      JdbcClient database, BufferedWriter sql, LocalDateTime since, Map<String, String> columns) {
    this.database = database;
    this.sql = sql;
    this.columns = columns;
    this.since = String.valueOf(Times.text(since));
    ImportIds ids = new ImportIds(database);
    this.images = images(ids);
    this.faces = byNew(ids.all(ImportIds.FACES, ImportIds.JOINED));
  }

  /** The number there of each photo that the site knows, whether it came over or was sent since. */
  private Map<Long, Long> images(ImportIds ids) {
    Map<Long, Long> numbers = new HashMap<>();
    ids.all(ImportIds.IMAGES).forEach((old, photo) -> numbers.merge(photo, old, Math::min));
    database
        .sql("select image_id, min(external_id) from external_ids group by image_id")
        .query(
            row -> {
              numbers.put(row.getLong(1), row.getLong(2));
            });
    return numbers;
  }

  /**
   * @param arguments what follows the word export
   * @return the exit status
   */
  public static int run(List<String> arguments, PrintStream out) {
    return run(arguments, out, Map.of());
  }

  /**
   * @param more settings beside those of the environment
   */
  static int run(List<String> arguments, PrintStream out, Map<String, String> more) {
    try {
      Path file = null;
      LocalDateTime since = LocalDate.EPOCH.atStartOfDay();
      Map<String, String> columns =
          new HashMap<>(
              Map.of("disk", "source_disk", "path", "source_path", "file", "source_filename"));
      for (Iterator<String> all = arguments.iterator(); all.hasNext(); ) {
        String argument = all.next();
        if (argument.equals("--since") && all.hasNext()) {
          since = time(all.next());
        } else if (argument.equals("--column")) {
          Wish.put(columns, argument, all);
        } else if (argument.startsWith("-") || file != null) {
          throw new OldTrouble(USAGE);
        } else {
          file = Path.of(argument);
        }
      }
      if (file == null || columns.size() > 3) {
        throw new OldTrouble(USAGE);
      }
      write(file, since, columns, out, more);
      return 0;
    } catch (OldTrouble e) {
      out.println("caravel: " + e.getMessage());
      return 1;
    }
  }

  private static LocalDateTime time(String text) {
    try {
      return text.matches(".*(Z|[+-]\\d\\d:\\d\\d)")
          ? OffsetDateTime.parse(text).withOffsetSameInstant(ZoneOffset.UTC).toLocalDateTime()
          : text.length() <= "2026-11-30".length()
              ? LocalDate.parse(text).atStartOfDay()
              : LocalDateTime.parse(text.replace(' ', 'T'));
    } catch (DateTimeException e) {
      throw new OldTrouble("\"%s\" is no time. %s".formatted(text, USAGE));
    }
  }

  private static void write(
      Path file,
      LocalDateTime since,
      Map<String, String> columns,
      PrintStream out,
      Map<String, String> more) {
    List<String> settings = new ArrayList<>(List.of("--logging.level.io.caravel=warn"));
    settings.add("--caravel.mark-roots=false");
    more.forEach((name, value) -> settings.add("--" + name + "=" + value));
    try (BufferedWriter sql =
            Files.newBufferedWriter(
                file, StandardCharsets.UTF_8, java.nio.file.StandardOpenOption.CREATE_NEW);
        ConfigurableApplicationContext context =
            new SpringApplicationBuilder(TakeoverProgram.class)
                .web(WebApplicationType.NONE)
                .lazyInitialization(true)
                .registerShutdownHook(false)
                .run(settings.toArray(String[]::new))) {
      Export export = new Export(context.getBean(JdbcClient.class), sql, since, columns);
      export.write();
      out.printf(
          "caravel: %s: %d new photos, %d new faces, %d faces as they were decided; %d faces left out (their number in the photo is above %d).%n",
          file, export.photos, export.fresh, export.decided, export.left, LARGEST_INDEX);
    } catch (FileAlreadyExistsException e) {
      throw new OldTrouble("%s is there already: name another file.".formatted(file));
    } catch (IOException e) {
      throw new OldTrouble("%s cannot be written (%s).".formatted(file, e));
    }
  }

  private static Map<Long, List<Long>> byNew(Map<Long, Long> byOld) {
    Map<Long, List<Long>> byNew = new HashMap<>();
    byOld.forEach((old, here) -> byNew.computeIfAbsent(here, id -> new ArrayList<>()).add(old));
    return byNew;
  }

  private void write() throws IOException {
    line(
        "-- What Caravel knows since %s (UTC), for the tables images and faces of the site before it. Twice does no harm."
            .formatted(since));
    line("set names utf8mb4;");
    line("set time_zone = '+00:00';");
    line(PHOTOS);
    line("start transaction;");
    eachPage(IMAGES, this::photo);
    images();
    eachPage(FACES, this::face);
    line("-- Whom each stands under: all are there now.");
    eachPage(FACES, this::parent);
    line("commit;");
  }

  @FunctionalInterface
  private interface Row {
    void write(ResultSet row) throws SQLException, IOException;
  }

  private void eachPage(String query, Row row) throws IOException {
    long[] last = {0, 1};
    IOException[] trouble = {null};
    while (last[1] > 0) {
      last[1] = 0;
      database
          .sql(query)
          .param("since", since)
          .param("after", last[0])
          .param("page", PAGE)
          .query(
              each -> {
                last[0] = each.getLong("id");
                last[1]++;
                try {
                  row.write(each);
                } catch (IOException e) {
                  trouble[0] = e;
                }
              });
      if (trouble[0] != null) {
        throw trouble[0];
      }
    }
  }

  private void photo(ResultSet row) throws SQLException, IOException {
    if (images.containsKey(row.getLong("id"))) {
      return;
    }
    boolean deleted = row.getBoolean("deleted");
    photos += deleted ? 0 : 1;
    line(
        "insert into caravel_photos (photo, disk, path, file, created_at, deleted) values (%d, %s, %s, %s, %s, %b);"
            .formatted(
                row.getLong("id"),
                text(row.getString("source_disk")),
                text(row.getString("source_path")),
                text(row.getString("source_filename")),
                time(row, "created_at"),
                deleted));
  }

  /** Each photo under its own number where that is no other image's there. */
  private void images() throws IOException {
    String names =
        "%s, %s, %s, created_at, updated_at".formatted(name("disk"), name("path"), name("file"));
    String those =
        "disk, path, file, created_at, created_at from caravel_photos where image is null and not deleted";
    String found =
        """
        update caravel_photos join (select %s as hash, min(id) as id from images group by 1) as there
          on there.hash = caravel_photos.hash set image = there.id;"""
            .formatted(HASH.formatted(name("disk"), name("path"), name("file")));
    line("update caravel_photos set hash = %s;".formatted(HASH.formatted("disk", "path", "file")));
    line(found);
    line(
        "insert into images (id, %s) select photo, %s and not exists (select 1 from images where id = caravel_photos.photo);"
            .formatted(names, those));
    line(found);
    line("insert into images (%s) select %s;".formatted(names, those));
    line(found);
  }

  private String name(String what) {
    return "`%s`".formatted(columns.getOrDefault(what, what).replace("`", "``"));
  }

  /** The number there of the photo that a face is in, as SQL; null: the site has none. */
  private String image(ResultSet row) throws SQLException {
    Long known = images.get(row.getLong("image_id"));
    return known != null
        ? known.toString()
        : row.getObject("source_filename") == null
            ? "null"
            : "(select image from caravel_photos where photo = %d)"
                .formatted(row.getLong("image_id"));
  }

  private void face(ResultSet row) throws SQLException, IOException {
    long id = row.getLong("id");
    List<Long> there = faces.get(id);
    if (there != null) {
      decided++;
      for (long old : there) {
        line(
            row.getObject("deleted_at") == null
                ? "update faces set name = %s, status = %s, updated_at = %s where id = %d;"
                    .formatted(
                        text(row.getString("name")),
                        text(row.getString("status")),
                        time(row, "updated_at"),
                        old)
                : "update faces set parent_id = null, deleted_at = %s, updated_at = %1$s where id = %d;"
                    .formatted(time(row, "deleted_at"), old));
      }
    } else if (row.getObject("deleted_at") == null) {
      fresh(row, id);
    } else { // of a former export
      line(
          "update faces set parent_id = null, deleted_at = %s, updated_at = %1$s where %s;"
              .formatted(time(row, "deleted_at"), isThatFace(row)));
    }
  }

  private void fresh(ResultSet row, long id) throws SQLException, IOException {
    int index = row.getInt("face_index");
    if (row.getString("status").equals("undrawn")) {
      out.add(id);
      return;
    }
    if (index > LARGEST_INDEX) {
      out.add(id);
      left++;
      return;
    }
    fresh++;
    line(
        "insert ignore into faces (id, image_id, face_index, name, encoding, status, created_at, updated_at) values (%d, %s, %d, %s, %s, %s, %s, %s);"
            .formatted(
                id,
                image(row),
                index,
                text(row.getString("name")),
                text(row.getString("encoding")),
                text(row.getString("status")),
                time(row, "created_at"),
                time(row, "updated_at")));
    // Of one that was written here before. A number that is another image's face there stays that.
    line(
        "update faces set name = %s, status = %s, updated_at = %s where %s;"
            .formatted(
                text(row.getString("name")),
                text(row.getString("status")),
                time(row, "updated_at"),
                isThatFace(row)));
  }

  private String isThatFace(ResultSet row) throws SQLException {
    return "id = %d and image_id <=> %s and face_index = %d"
        .formatted(row.getLong("id"), image(row), row.getInt("face_index"));
  }

  private void parent(ResultSet row) throws SQLException, IOException {
    long id = row.getLong("id");
    if (row.getObject("deleted_at") != null || out.contains(id)) {
      return;
    }
    long parent = row.getLong("parent_id");
    String above =
        row.wasNull() || out.contains(parent)
            ? "null"
            : String.valueOf(faces.getOrDefault(parent, List.of(parent)).get(0));
    List<Long> there = faces.get(id);
    if (there == null) {
      line("update faces set parent_id = %s where %s;".formatted(above, isThatFace(row)));
      return;
    }
    for (long old : there) {
      if (!above.equals(String.valueOf(old))) {
        line("update faces set parent_id = %s where id = %d;".formatted(above, old));
      }
    }
  }

  private void line(String statement) throws IOException {
    sql.write(statement);
    sql.write('\n');
  }

  private static String time(ResultSet row, String column) throws SQLException {
    LocalDateTime time = row.getObject(column, LocalDateTime.class);
    return time == null ? "null" : "'" + Times.text(time) + "'";
  }

  /** A value that is one under every sql_mode: what is not plain is told by its bytes. */
  private static String text(@Nullable String text) {
    if (text == null) {
      return "null";
    }
    return text.matches("[\\p{L}\\p{N} ._/,:\\[\\]-]*")
        ? "'" + text + "'"
        : "convert(x'%s' using utf8mb4)"
            .formatted(HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8)));
  }
}
