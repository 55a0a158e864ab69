package io.caravel.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.server.MariaDbNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** The way back: an old site's dump comes over, is worked on, and the site is given the work. */
class ExportTest {
  /** Neither a quote nor a backslash nor a line break may end the value it stands in. */
  private static final String NAME = "Zoë \"O'Hara\" \\'); drop table faces; -- \n";

  @TempDir Path directory = Path.of("unset");
  private OldSite site = new OldSite(Path.of("unset"));
  private SingleConnectionDataSource source = new SingleConnectionDataSource();
  private JdbcClient old = JdbcClient.create(source);

  /** An empty one for the site's tables. */
  SingleConnectionDataSource database() {
    MariaDbNode node = MariaDbNode.shared();
    return new SingleConnectionDataSource(
        node.createDatabase(), node.user(), node.password(), true);
  }

  @AfterEach
  void closed() {
    source.destroy();
  }

  @BeforeEach
  void aSiteThatCameOver() {
    site = new OldSite(directory);
    site.image(1, "a.jpg").image(2, "b.jpg");
    site.row(
        "faces", 11, null, 1, 0, "Anna", OldSite.json(OldSite.somebody()), "ok", null, null, null);
    site.row(
        "faces", 12, 11, 2, 0, null, OldSite.json(OldSite.somebody()), "process", null, null, null);
    site.row(
        "faces",
        13,
        null,
        2,
        1,
        null,
        OldSite.json(OldSite.somebody()),
        "process",
        null,
        null,
        null);
    assertThat(site.imported().status()).isZero();
    source = database(); // one connection, as one client applies a file
    old = JdbcClient.create(source);
    for (String table : OldSite.TABLES.split(";\n")) {
      old.sql(table).update();
    }
    for (int face = 11; face <= 13; face++) {
      old.sql("insert into faces (id, image_id, face_index, status) values (:id, 1, 0, 'process')")
          .param("id", face)
          .update();
    }
  }

  private String exported(Path file, int status, String... options) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    List<String> arguments = new ArrayList<>(List.of(file.toString()));
    arguments.addAll(List.of(options));
    assertThat(
            Export.run(
                arguments, new PrintStream(said, true, StandardCharsets.UTF_8), site.settings))
        .as(said.toString(StandardCharsets.UTF_8))
        .isEqualTo(status);
    return said.toString(StandardCharsets.UTF_8);
  }

  private void apply(Path file) throws IOException {
    for (String statement : Files.readString(file).split(";\n")) {
      old.sql(statement.replace(":", "\\:")).update();
    }
  }

  private List<String> faces() {
    return old.sql(
            "select concat(id, ' ', coalesce(parent_id, 0), ' ', image_id, ' ', status, ' ', coalesce(name, '-')) from faces where deleted_at is null order by id")
        .query(String.class)
        .list();
  }

  @Test
  void whatWasDecidedAndCameIsGivenToTheSiteUnderItsOwnNumbers() throws IOException {
    JdbcClient library = site.migrated();
    library
        .sql(
            "update faces set status = 'ok', name = :name, updated_at = timestampadd(second, 5, current_timestamp(3)) where id in (11, 12)")
        .param("name", NAME)
        .update();
    library
        .sql(
            "update faces set status = 'not_face', updated_at = timestampadd(second, 5, current_timestamp(3)) where id = 13")
        .update();
    library
        .sql(
            "insert into faces (id, parent_id, image_id, face_index, encoding, status) values (20, 11, 2, 2, '[0.5]', 'process')")
        .update();
    Path file = directory.resolve("back.sql");
    assertThat(exported(file, 0))
        .contains("0 new photos, 1 new faces, 3 faces as they were decided");
    for (int time = 1; time <= 2; time++) {
      apply(file);
      assertThat(faces())
          .as("applied for the %d. time", time)
          .containsExactly(
              "11 0 1 ok " + NAME, "12 11 1 ok " + NAME, "13 0 1 not_face -", "20 11 2 process -");
    }
    assertThat(exported(file, 1)).contains("is there already");
  }

  private void photo(long id, String sha256, String path, String file, boolean referenced) {
    site.migrated()
        .sql(
            "insert into images (id, sha256, filename, mime_type, bytes, source_disk, source_path, source_filename, referenced)"
                + " values (:id, :sha, :file, 'image/jpeg', 1, 'private', :path, :file, :referenced)")
        .param("id", id)
        .param("sha", sha256)
        .param("path", path)
        .param("file", file)
        .param("referenced", referenced)
        .update();
  }

  private void face(long id, long photo, int index, String status) {
    site.migrated()
        .sql(
            "insert into faces (id, image_id, face_index, encoding, status) values (:id, :photo, :index, '[0.5]', :status)")
        .param("id", id)
        .param("photo", photo)
        .param("index", index)
        .param("status", status)
        .update();
  }

  /** Was: a face given before, that a later search replaced, stayed beside the one in its place. */
  @Test
  void aFaceThatWasReplacedIsTakenBackWhereItWasGivenBefore() throws IOException {
    face(20, 1, 3, "process");
    face(30, 1, 4, "process");
    Path first = directory.resolve("first.sql");
    exported(first, 0);
    apply(first);
    assertThat(faces()).contains("20 0 1 process -", "30 0 1 process -");
    old.sql("update faces set image_id = 2 where id = 30").update(); // another face of the site's

    site.migrated()
        .sql(
            "update faces set deleted_at = current_timestamp(3), updated_at = '2020-01-01 00:00:00' where id in (20, 30)")
        .update();
    face(21, 1, 3, "process");
    Path second = directory.resolve("second.sql");
    exported(second, 0, "--since", "2021-01-01");
    for (int time = 1; time <= 2; time++) {
      apply(second);
      assertThat(faces())
          .filteredOn(each -> each.startsWith("2") || each.startsWith("3"))
          .as("applied for the %d. time", time)
          .containsExactly("21 0 1 process -", "30 0 2 process -");
    }
  }

  /** Here the upload came first and is photo 3, there its number is an image of the site's. */
  @Test
  void facesReachTheirOwnImagesWhereNumbersThereMeanOthers() throws IOException {
    photo(3, "a3", "a3", "a3.jpg", false);
    photo(4, "c", "images", "c.jpg", true);
    site.migrated().sql("insert into external_ids (external_id, image_id) values (3, 4)").update();
    face(21, 3, 0, "ok");
    face(22, 4, 0, "process");
    face(23, 3, 300, "ok"); // a number that the old column does not hold
    face(24, 4, 1, "undrawn");
    site.migrated()
        .sql(
            "update faces set parent_id = case id when 22 then 21 else 23 end where id in (22, 12)")
        .update();
    site.migrated()
        .sql("update faces set updated_at = timestampadd(second, 5, current_timestamp(3))")
        .update();
    for (long image = 1; image <= 3; image++) {
      old.sql(
              "insert into images (id, source_disk, source_path, source_filename) values (:id, 'private', 'images', :file)")
          .param("id", image)
          .param("file", List.of("a.jpg", "b.jpg", "c.jpg").get((int) image - 1))
          .update();
    }
    old.sql(
            "alter table faces add constraint images_of_faces foreign key (image_id) references images (id)")
        .update();
    old.sql(
            "alter table faces add constraint parents_of_faces foreign key (parent_id) references faces (id)")
        .update();
    Path file = directory.resolve("numbers.sql");
    assertThat(exported(file, 0)).contains("1 new photos, 2 new faces", "1 faces left out");

    for (int time = 1; time <= 2; time++) {
      apply(file);
      assertThat(
              old.sql(
                      "select concat(f.id, ' ', coalesce(f.parent_id, 0), ' ', i.source_filename) from faces f join images i on i.id = f.image_id where f.id > 13 order by f.id")
                  .query(String.class)
                  .list())
          .as("applied for the %d. time", time)
          .containsExactly("21 0 a3.jpg", "22 21 c.jpg");
      assertThat(old.sql("select count(*) from images").query(Long.class).single()).isEqualTo(4);
      assertThat(faces()).contains("12 0 1 process -");
    }
  }

  private List<String> images() {
    return old.sql("select concat(id, ' ', source_filename) from images order by id")
        .query(String.class)
        .list();
  }

  /** The old table has no index on it, and 100,000 rows. */
  @Test
  void theTableOfImagesIsNotReadForEachPhoto() throws IOException {
    int photos = 50;
    for (int n = 0; n < photos; n++) {
      photo(100 + n, "f" + n, "2026/11", n + ".jpg", false);
      face(100 + n, 100 + n, 0, "ok");
    }
    int images = 300;
    for (int n = 1; n <= images; n++) {
      old.sql(
              "insert into images (id, source_disk, source_path, source_filename) values (:id, 'private', 'images', 'x')")
          .param("id", 1000 + n)
          .update();
    }
    Path file = directory.resolve("many.sql");
    assertThat(exported(file, 0)).contains("50 new photos, 50 new faces");
    for (int time = 1; time <= 2; time++) {
      long before = rowsRead();
      apply(file);
      assertThat(rowsRead() - before)
          .as("rows read one after the other, for the %d. time", time)
          .isLessThan(20L * images);
      assertThat(images()).hasSize(images + photos);
    }
  }

  private long rowsRead() {
    return old.sql("show session status like 'Handler_read_rnd_next'")
        .query((row, number) -> row.getLong(2))
        .single();
  }

  @Test
  void filesAreToldApartByTheirBytesInWhateverColumnsTheSiteHasThem() throws IOException {
    old.sql(
            "alter table images change source_filename `the file` varchar(100) character set latin1")
        .update();
    old.sql(
            "insert into images (id, source_disk, source_path, `the file`) values (7, 'private', 'images', 'zoë.jpg')")
        .update();
    photo(3, "a3", "images", "zoë.jpg", false);
    photo(4, "a4", "images", "ZOË.jpg", false);
    Path file = directory.resolve("columns.sql");
    assertThat(exported(file, 0, "--column", "file=the file")).contains("2 new photos");
    for (int time = 1; time <= 2; time++) {
      apply(file);
      assertThat(
              old.sql("select concat(id, ' ', `the file`) from images order by id")
                  .query(String.class)
                  .list())
          .as("applied for the %d. time", time)
          .containsExactly("4 ZOË.jpg", "7 zoë.jpg");
    }
    assertThat(exported(directory.resolve("never.sql"), 1, "--column", "size=bytes"))
        .contains("--column file=NAME");
  }

  @Test
  void aPhotoOfTheTrashIsNotGivenButIsFoundWhereItWasGivenBefore() throws IOException {
    photo(3, "a3", "2026/11", "a.jpg", false);
    face(21, 3, 0, "ok");
    Path before = directory.resolve("before.sql");
    assertThat(exported(before, 0)).contains("1 new photos, 1 new faces");
    site.migrated()
        .sql("update images set deleted_at = current_timestamp(3) where id = 3")
        .update();
    site.migrated()
        .sql(
            "update faces set name = 'Anna', updated_at = timestampadd(second, 5, current_timestamp(3)) where id = 21")
        .update();
    Path after = directory.resolve("after.sql");
    assertThat(exported(after, 0)).contains("0 new photos, 1 new faces");

    apply(after);
    assertThat(images()).isEmpty();
    assertThat(faces()).noneMatch(each -> each != null && each.startsWith("21 0 3"));
    old.sql("delete from faces where id = 21").update();
    apply(before);
    assertThat(faces()).contains("21 0 3 ok -");
    apply(after);
    assertThat(images()).containsExactly("3 a.jpg");
    assertThat(faces()).contains("21 0 3 ok Anna");
  }

  /** The face is older than that time, and the photo; but somebody stands under it now. */
  @Test
  void whomANewFaceStandsUnderIsFoundInItsPhoto() throws IOException {
    photo(3, "a3", "2026/11", "a.jpg", false);
    face(21, 3, 0, "ok");
    site.migrated()
        .sql("update images set created_at = '2026-01-01 00:00:00' where id = 3")
        .update();
    site.migrated()
        .sql(
            "update faces set created_at = '2026-01-01 00:00:00', updated_at = '2026-01-01 00:00:00'")
        .update();
    site.migrated()
        .sql("update faces set parent_id = 21, updated_at = '2026-02-03 00:00:00' where id = 12")
        .update();
    Path file = directory.resolve("root.sql");
    exported(file, 0, "--since", "2026-02-01");
    for (int time = 1; time <= 2; time++) {
      apply(file);
      assertThat(images()).as("applied for the %d. time", time).containsExactly("3 a.jpg");
      assertThat(faces()).contains("21 0 3 ok -", "12 21 1 process -");
    }
  }

  @Test
  void onlyWhatIsNewSinceATimeIsTold() throws IOException {
    Path file = directory.resolve("since.sql");
    exported(file, 0, "--since", "2999-01-01T00:00");
    assertThat(Files.readString(file))
        .doesNotContain("update faces", "insert into caravel_photos", "insert ignore");
    assertThat(exported(directory.resolve("never.sql"), 1, "--since", "yesterday"))
        .contains("\"yesterday\" is no time");
    assertThat(directory.resolve("never.sql")).doesNotExist();
  }
}
