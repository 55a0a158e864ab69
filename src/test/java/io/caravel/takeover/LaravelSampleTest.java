package io.caravel.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.photo.Corpus;
import io.caravel.takeover.OldSite.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sample of a living site yields what its page says. */
class LaravelSampleTest {
  private static final Path SAMPLE = Path.of("../shared/laravel");

  @TempDir Path directory = Path.of("unset");
  OldSite site = new OldSite(Path.of("unset"));

  @BeforeEach
  void theSample() throws IOException {
    assumeTrue(
        Files.isRegularFile(SAMPLE.resolve("laravel-small.sql")),
        "no sample of a Laravel site at " + SAMPLE.toAbsolutePath());
    site = new OldSite(directory);
    layOut(site.disk);
  }

  /** As the sample's lay-out does. */
  static void layOut(Path disk) throws IOException {
    JsonNode files =
        new ObjectMapper().readTree(SAMPLE.resolve("laravel-small.files.json").toFile());
    for (JsonNode each : files) {
      Path file = disk.resolve(each.get(0).asText());
      Files.createDirectories(file.getParent());
      Files.copy(Corpus.directory().resolve(each.get(1).asText()), file);
    }
  }

  static Path dump() {
    return SAMPLE.resolve("laravel-small.sql");
  }

  private Said imported(String... options) {
    Said said = site.importedFrom(dump().toString(), options);
    assertThat(said.status()).as(said.text()).isZero();
    return said;
  }

  private List<String> lines(String sql) {
    return site.migrated().sql(sql).query(String.class).list();
  }

  private static List<String> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted(Comparator.naturalOrder())
          .map(file -> file + " " + file.toFile().lastModified() + " " + file.toFile().length())
          .toList();
    }
  }

  @Test
  void comesOverAsItsPageSays() throws IOException {
    List<String> before = files(site.disk.resolve("images"));

    assertThat(imported("--dry-run").text())
        .contains("12 photos would be taken", "9 faces would be taken");
    assertThat(site.home.resolve("database/caravel.mv.db")).doesNotExist();
    Said said = imported();

    assertThat(said.text())
        .contains("12 photos taken by reference, 0 of them under another number")
        .contains("4 open rows of the queue table taken")
        .doesNotContain("  queues ")
        .contains("0 images and 0 faces left out");
    assertThat(files(site.disk.resolve("images"))).isEqualTo(before);
    assertThat(
            lines(
                "select concat(id, '') from images where source_disk = 'private' and source_path = 'images' and referenced order by id"))
        .hasSize(12)
        .startsWith("1")
        .endsWith("12");
    assertThat(
            lines("select substring(cast(created_at as char(30)), 1, 19) from images order by id"))
        .startsWith("2026-01-19 07:01:00")
        .endsWith("2026-01-19 07:12:00");
    assertThat(
            lines(
                "select concat(id, ' ', coalesce(parent_id, 0), ' ', image_id, ' ', face_index, ' ', status, ' ', coalesce(name, '-'), ' ', octet_length(descriptor), ' ', coalesce(box_left, -1)) from faces order by id"))
        .containsExactly(
            "1 0 1 0 ok Anna Lindqvist 512 -1",
            "2 1 2 0 ok Anna Lindqvist 512 -1",
            "3 1 3 0 process - 512 -1",
            "4 0 4 0 ok Борис Петров 512 -1",
            "5 4 5 0 process - 512 -1",
            "6 0 6 0 process - 512 -1",
            "7 0 6 1 unknown - 512 -1",
            "8 0 7 0 process - 512 -1",
            "9 0 8 0 not_face - 512 -1");
    assertThat(
            lines(
                "select concat(id, ' ', round(distance, 3)) from faces where distance is not null order by id"))
        .containsExactly("2 0.425", "3 0.399", "5 0.504");
    assertThat(
            lines(
                "select concat(image_id, '') from jobs where queue = 'faces' and state = 'queued' order by image_id"))
        .containsExactly("9", "10", "11", "12");
    assertThat(
            lines(
                "select concat(image_id, '') from jobs where queue = 'metadata' and state = 'queued' order by image_id"))
        .hasSize(12);
    assertThat(
            lines(
                "select concat(image_id, ' ', queue) from jobs where lane = 1 order by image_id, queue"))
        .containsExactly("11 metadata", "11 thumbnails", "12 faces", "12 metadata");
    assertThat(
            lines("select p.name from images i join places p on p.id = i.place_id where i.id = 9"))
        .containsExactly("Via Crispi, Arezzo, Toscana, Italia");

    assertThat(imported().text())
        .contains(
            "0 photos taken",
            "0 faces taken",
            "0 faces changed",
            "12 images and 9 faces exist already");
  }
}
