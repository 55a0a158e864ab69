package io.caravel.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.takeover.OldSite.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What comes over of dumps that hold what living sites do, into the embedded database. */
class ImportTest {
  private static final String ALL_FACES =
      """
      select concat(f.id, ' ', coalesce(f.parent_id, 0), ' ', coalesce(f.image_id, 0), ' ', f.status, ' ', coalesce(f.name, '-'),
        case when f.descriptor is null then '' else ' encoded' end)
      from faces f where f.deleted_at is null order by f.id
      """;

  @TempDir Path directory = Path.of("unset");
  OldSite site = new OldSite(Path.of("unset"));

  @BeforeEach
  void anOldSite() {
    site = new OldSite(directory);
    settings(site.settings);
  }

  /** Of the library. */
  void settings(Map<String, String> settings) {}

  List<String> lines(String sql) {
    return site.migrated().sql(sql).query(String.class).list();
  }

  long count(String sql) {
    return site.migrated().sql(sql).query(Long.class).single();
  }

  private static Said right(Said said) {
    assertThat(said.status()).as(said.text()).isZero();
    return said;
  }

  /** All of the old site's disk, folders too, with its bytes and times. */
  private List<String> oldFiles() throws IOException {
    List<String> files = new ArrayList<>();
    try (Stream<Path> all = Files.walk(site.disk)) {
      for (Path each : (Iterable<Path>) all.sorted()::iterator) {
        files.add(
            each
                + " "
                + Files.getLastModifiedTime(each)
                + " "
                + (Files.isRegularFile(each)
                    ? HexFormat.of().formatHex(Files.readAllBytes(each))
                    : ""));
      }
    }
    return files;
  }

  @Test
  void photosAndFacesKeepTheirNumbersTimesAndDecisionsAndTheirFilesLieAsTheyLay()
      throws IOException {
    String encoding = OldSite.json(OldSite.somebody());
    site.image(50, "a.jpg")
        .image(4_294_967_297L, "it's ; é.jpg")
        .face(7, null, 50, "Анна", encoding, "ok")
        .face(9, 7, 4_294_967_297L, null, OldSite.json(OldSite.somebody()), "process");
    List<String> before = oldFiles();

    Said said = right(site.imported());

    assertThat(said.text())
        .contains("2 photos taken by reference, 0 of them under another number", "2 faces taken");
    assertThat(
            lines(
                "select concat(id, ' ', source_disk, '/', source_path, '/', source_filename, ' ', filename, ' ', referenced) from images order by id"))
        .containsExactly(
            "50 private/images/a.jpg a.jpg " + truth(),
            "4294967297 private/images/it's ; é.jpg it's ; é.jpg " + truth());
    assertThat(
            lines(
                "select substring(cast(created_at as char(30)), 1, 19) from images where id = 50"))
        .containsExactly("2026-01-19 07:01:00");
    assertThat(lines(ALL_FACES))
        .containsExactly("7 0 50 ok Анна encoded", "9 7 4294967297 process - encoded");
    assertThat(lines("select encoding from faces where id = 7")).containsExactly(encoding);
    assertThat(lines("select concat(external_id, ' ', image_id) from external_ids order by 1"))
        .containsExactlyInAnyOrder("50 50", "4294967297 4294967297");
    assertThat(
            lines(
                "select concat(image_id, ' ', queue, ' ', state) from jobs order by image_id, queue"))
        .containsExactly(
            "50 faces done",
            "50 metadata queued",
            "50 thumbnails queued",
            "4294967297 faces done",
            "4294967297 metadata queued",
            "4294967297 thumbnails queued");
    assertThat(oldFiles()).isEqualTo(before);
  }

  /** As the database says true. */
  String truth() {
    return "TRUE";
  }

  @Test
  void aDryRunSaysTheSameAndLeavesNothing() throws IOException {
    site.image(1, "a.jpg").imageRow(2, "gone.jpg", null).face(3, null, 1, "Anna", null, "ok");

    Said dry = right(site.imported("--dry-run"));

    assertThat(dry.text())
        .contains("1 photos would be taken by reference", "1 faces would be taken", "images 2: ");
    assertThat(site.home.resolve("database/caravel.mv.db")).doesNotExist();
    right(site.imported());
    site.image(4, "b.jpg");

    assertThat(right(site.imported("--dry-run")).text())
        .contains("1 photos would be taken", "1 images and 1 faces exist already");
    assertThat(count("select count(*) from images")).isEqualTo(1);
    assertThat(count("select count(*) from import_ids")).isEqualTo(2);
  }

  @Test
  void aSecondRunChangesNothingAndGoesOnWithWhatIsNew() {
    site.image(1, "a.jpg").face(2, null, 1, "Anna", OldSite.json(OldSite.somebody()), "ok");
    right(site.imported());
    List<String> before = everything();

    assertThat(right(site.imported()).text())
        .contains("0 photos taken", "0 faces taken", "1 images and 1 faces exist already");
    assertThat(everything()).isEqualTo(before);

    site.image(3, "b.jpg").face(4, 2, 3, "Anna", OldSite.json(OldSite.somebody()), "ok");
    assertThat(right(site.imported()).text())
        .contains("1 photos taken", "1 faces taken", "1 images and 1 faces exist already");
    assertThat(lines(ALL_FACES)).containsExactly("2 0 1 ok Anna encoded", "4 2 3 ok Anna encoded");
  }

  private List<String> everything() {
    List<String> all = new ArrayList<>();
    for (String table :
        List.of("images", "faces", "jobs", "journey", "import_ids", "changes", "external_ids")) {
      all.add(table + " " + lines("select count(*) from " + table));
    }
    all.addAll(lines("select concat(id, ' ', revision) from faces order by id"));
    all.addAll(lines("select concat(id, ' ', updated_at) from images order by id"));
    return all;
  }

  @Test
  void whatIsNotWholeIsToldOnceWithItsReason() throws IOException {
    site.image(1, "a.jpg")
        .imageRow(2, "missing.jpg", null)
        .imageRow(3, "../../outside.jpg", null)
        .image("18446744073709551615", "huge.jpg")
        .image(Long.MAX_VALUE, "large.jpg")
        .row("images", 5, "s3", "images", "x.jpg", null, null, null, null)
        .row("images", 6, "private", "images", null, null, null, null, null)
        .face(10, null, 1, "Anna", "[1, 2]", "ok")
        .face(11, 10, 1, null, "[\"NaN\"]", "process")
        .face(12, null, 2, null, OldSite.json(OldSite.somebody()), "process")
        .face(13, null, 2, "Bo", OldSite.json(OldSite.somebody()), "ok")
        .face("9223372036854775808", null, 1, null, null, "process")
        .face(Long.MAX_VALUE, 10, 1, null, OldSite.json(OldSite.somebody()), "process")
        .face(14, null, 1, null, null, "");
    site.file("text.jpg", "no picture".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    site.imageRow(7, "text.jpg", null);

    Said said = right(site.imported());

    assertThat(said.text().lines().filter(line -> line.startsWith("  ")))
        .anyMatch(line -> line.startsWith("  images 2: There is no file"))
        .anyMatch(line -> line.startsWith("  images 3: "))
        .anyMatch(line -> line.startsWith("  images 18446744073709551615: Its id"))
        .anyMatch(line -> line.startsWith("  images 5: It lies on disk \"s3\""))
        .anyMatch(line -> line.startsWith("  images 6: The row names no file"))
        .anyMatch(line -> line.startsWith("  images 7: "))
        .anyMatch(line -> line.startsWith("  faces 10: Its encoding"))
        .anyMatch(line -> line.startsWith("  faces 11: Its encoding"))
        .anyMatch(line -> line.startsWith("  faces 12: Its image 2 did not come over"))
        .anyMatch(line -> line.startsWith("  faces 9223372036854775808: Its id"))
        .anyMatch(line -> line.startsWith("  faces 14: Its status is \"\""))
        .doesNotHaveDuplicates();
    assertThat(count("select count(*) from images")).isEqualTo(2);
    long large = count("select image_id from external_ids where external_id = " + Long.MAX_VALUE);
    assertThat(large).isLessThan(1000);
    long face =
        count("select new_id from import_ids where kind = 'faces' and old_id = " + Long.MAX_VALUE);
    assertThat(lines(ALL_FACES))
        .containsExactlyInAnyOrder(
            "10 0 1 ok Anna",
            "11 10 1 process -",
            "13 0 0 ok Bo encoded",
            "14 0 1 process -",
            face + " 10 1 process - encoded");
    assertThat(face).isLessThan(1000);
    // The counters go on behind what came over.
    JdbcClient library = site.migrated();
    library.sql("insert into faces (status) values ('process')").update();
    assertThat(count("select max(id) from faces")).isLessThan(1000);
  }

  @Test
  void theNumberOfWhatDoesNotComeOverIsNoOthersHere() {
    site.image(1, "a.jpg")
        .imageRow(40, "missing.jpg", null)
        .face(3, null, 1, null, null, "process")
        .face(50, null, 40, null, null, "process");

    right(site.imported());

    JdbcClient library = site.migrated();
    library.sql("insert into faces (status) values ('process')").update();
    library
        .sql(
            "insert into images (sha256, filename, mime_type, bytes, source_disk, source_path, source_filename)"
                + " values ('00', 'b.jpg', 'image/jpeg', 1, 'private', 'aa', '00.jpg')")
        .update();
    assertThat(count("select max(id) from faces")).isGreaterThan(50);
    assertThat(count("select max(id) from images")).isGreaterThan(40);
    right(site.imported());
    library.sql("insert into faces (status) values ('process')").update();
    assertThat(count("select max(id) from faces")).isLessThan(60);
  }

  @Test
  void imagesOfTheSameBytesAreOnePhotoAndTheirFacesOneFace() throws IOException {
    byte[] bytes = Files.readAllBytes(site.picture("a.jpg"));
    site.file("b.jpg", bytes);
    String anna = OldSite.json(OldSite.somebody());
    String other = OldSite.json(OldSite.somebody());
    site.imageRow(1, "a.jpg", null)
        .imageRow(2, "b.jpg", null)
        .image(3, "c.jpg")
        .face(10, null, 1, null, anna, "process")
        .face(11, null, 1, null, other, "unknown")
        .face(12, 20, 2, "Anna", anna, "ok")
        .face(13, null, 2, null, other, "process")
        .face(20, null, 3, "Anna", OldSite.json(OldSite.somebody()), "ok");

    Said said = right(site.imported());

    assertThat(said.text()).contains("1 images another number of a photo of the same bytes");
    assertThat(lines(ALL_FACES))
        .containsExactly(
            "10 20 1 ok Anna encoded", "11 0 1 unknown - encoded", "20 0 3 ok Anna encoded");
    assertThat(
            lines(
                "select concat(external_id, ' ', image_id) from external_ids order by external_id"))
        .containsExactly("1 1", "2 1", "3 3");
    List<String> before = everything();
    assertThat(right(site.imported()).text()).contains("0 photos taken");
    assertThat(everything()).isEqualTo(before);
  }

  @Test
  void numbersThatAreTakenHereAreOthersThen() {
    site.image(1, "a.jpg").face(1, null, 1, "Anna", OldSite.json(OldSite.somebody()), "ok");
    right(site.imported());
    OldSite another = new OldSite(directory.resolve("another"));
    site.settings.put(
        "caravel.disks",
        "private="
            + site.disk
            + ",other="
            + another.disk
            + ",uploads="
            + site.home.resolve("originals"));
    site.settings.put("caravel.upload-disk", "uploads");
    another.settings.putAll(site.settings);
    site.migrated().sql("delete from import_ids").update();
    another
        .image(1, "b.jpg")
        .face(1, null, 1, "Bo", OldSite.json(OldSite.somebody()), "ok")
        .face(2, 1, 1, null, OldSite.json(OldSite.somebody()), "process");

    Said said = right(another.imported());

    assertThat(said.text()).contains("1 photos taken by reference, 1 of them under another number");
    long photo = count("select new_id from import_ids where kind = 'images'");
    long bo = count("select new_id from import_ids where kind = 'faces' and old_id = 1");
    assertThat(lines("select concat(source_disk, source_filename) from images where id = " + photo))
        .containsExactly("otherb.jpg");
    assertThat(lines("select concat(coalesce(parent_id, 0), name) from faces where id = " + bo))
        .containsExactly("0Bo");
    assertThat(
            count(
                "select f.parent_id from faces f join import_ids m on m.new_id = f.id where m.kind = 'faces' and m.old_id = 2"))
        .isEqualTo(bo);
    assertThat(count("select image_id from external_ids where external_id = 1")).isEqualTo(photo);
  }

  @Test
  void whatIsDeletedThereLiesInTheTrashHereAndItsPeopleLiveOn() {
    site.picture("a.jpg");
    site.imageRow(1, "a.jpg", "2026-01-20 00:00:00")
        .image(2, "b.jpg")
        .imageRow(3, "c.jpg", "0000-00-00 00:00:00")
        .face(10, null, 1, "Anna", OldSite.json(OldSite.somebody()), "ok")
        .face(11, 10, 2, "Anna", OldSite.json(OldSite.somebody()), "ok");
    site.picture("c.jpg");

    right(site.imported());

    assertThat(lines("select concat(id, '') from images where deleted_at is not null"))
        .containsExactly("1");
    assertThat(lines(ALL_FACES))
        .containsExactly("10 11 1 ok Anna encoded", "11 0 2 ok Anna encoded");
    assertThat(right(site.imported()).text())
        .contains("0 photos put into the trash", "0 faces changed");
  }

  @Test
  void openRowsOfTheQueueTableComeFirst() {
    site.image(1, "a.jpg")
        .image(2, "b/ é.jpg".replace("b/ ", "b "))
        .row(
            "queues",
            5,
            OldKeys.of(1, "private", "images", "a.jpg", List.of()).entrySet().stream()
                .filter(each -> each.getValue().equals("metadata"))
                .findFirst()
                .orElseThrow()
                .getKey(),
            null,
            null)
        .row("queues", 6, "00000000000000000000000000000000", null, null);

    Said said = right(site.imported("--searched"));

    assertThat(said.text()).contains("1 open rows of the queue table taken", "  queues 6: ");
    assertThat(
            lines(
                "select concat(image_id, ' ', queue, ' ', state, ' ', lane) from jobs order by image_id, queue"))
        .containsExactly(
            "1 faces done 2",
            "1 metadata queued 1",
            "1 thumbnails queued 2",
            "2 faces done 2",
            "2 metadata queued 2",
            "2 thumbnails queued 2");
  }

  @Test
  void whatIsDecidedThereLaterComesOverButNotOverWhatIsDecidedHere() {
    site.image(1, "a.jpg")
        .face(1, null, 1, "Anna", OldSite.json(OldSite.somebody()), "ok")
        .face(2, 1, 1, null, OldSite.json(OldSite.somebody()), "process")
        .face(3, 1, 1, null, OldSite.json(OldSite.somebody()), "process")
        .face(4, null, 1, null, OldSite.json(OldSite.somebody()), "process");
    right(site.imported());
    JdbcClient library = site.migrated();
    library.sql("update faces set status = 'unknown', parent_id = null where id = 3").update();
    library
        .sql("insert into decisions (id, action, who, sentence) values (1, 'unknown', 'me', 'x')")
        .update();
    library
        .sql(
            "insert into decision_faces (decision_id, face_id, before_json, after_json) values (1, 3, '{}', '{}')")
        .update();

    OldSite later = new OldSite(directory);
    later.settings.putAll(site.settings);
    later
        .imageRow(1, "a.jpg", null)
        .face(1, null, 1, "Anna", OldSite.json(OldSite.somebody()), "ok")
        .face(2, 1, 1, "Anna", OldSite.json(OldSite.somebody()), "ok")
        .face(3, 1, 1, "Anna", OldSite.json(OldSite.somebody()), "ok");
    Said said = right(later.imported());

    assertThat(said.text())
        .contains("2 faces changed as there", "  faces 3: Something else was decided");
    assertThat(lines(ALL_FACES))
        .containsExactly(
            "1 0 1 ok Anna encoded", "2 1 1 ok Anna encoded", "3 0 1 unknown - encoded");
  }

  @Test
  void aDumpOrADiskThatCannotBeUsedIsRefusedInASentence() throws IOException {
    Path dump = site.image(1, "a.jpg").dump();
    Path cut =
        Files.writeString(
            directory.resolve("cut.sql"),
            Files.readString(dump).substring(0, 1200) + "INSERT INTO `images` VALUES (1,");

    assertThat(site.importedFrom(cut.toString()).text()).contains("cut off");
    assertThat(site.importedFrom(directory.resolve("none.sql").toString()).text())
        .contains("none.sql cannot be read");
    assertThat(site.imported("--column", "file=nothing").text()).contains("no column nothing");
    assertThat(site.imported("--follow").text()).contains("not with a dump");
    assertThat(site.imported("--sideways").text()).contains("does not know \"--sideways\"");
    assertThat(site.home.resolve("database")).doesNotExist();
  }

  @Test
  void moreThanOneBatchComesOver() {
    for (int i = 1; i <= 1100; i++) {
      site.image(i, i + ".jpg")
          .face(
              i,
              i == 1 ? null : 1,
              i,
              i == 1 ? "Anna" : null,
              OldSite.json(OldSite.somebody()),
              i == 1 ? "ok" : "process");
    }

    right(site.imported());

    assertThat(count("select count(*) from images")).isEqualTo(1100);
    assertThat(count("select count(*) from faces where parent_id = 1")).isEqualTo(1099);
  }
}
