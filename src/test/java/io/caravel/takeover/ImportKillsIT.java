package io.caravel.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravel.server.CaravelProcess;
import io.caravel.server.MariaDbNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.DataAccessException;

/** kill -9 in the middle of an import; the same command again ends as one that was never killed. */
class ImportKillsIT {
  /** Batches of 500 rows: several of images, and of faces. */
  private static final int IMAGES = 1200;

  /** All that an import writes, without the moments at which it does. */
  private static final List<String> WRITTEN =
      List.of(
          "select concat_ws(' ', 'image', id, sha256, source_disk, source_path, source_filename, filename, case when referenced then 'r' end, substring(cast(created_at as char(30)), 1, 19), case when deleted_at is null then '' else 'trashed' end) from images",
          "select concat_ws(' ', 'face', id, coalesce(parent_id, 0), coalesce(image_id, 0), face_index, status, name, round(distance, 4), octet_length(descriptor), octet_length(encoding), case when deleted_at is null then '' else 'gone' end) from faces",
          "select concat_ws(' ', 'job', image_id, queue, state, lane, data) from jobs",
          "select concat_ws(' ', 'import', kind, old_id, new_id) from import_ids",
          "select concat_ws(' ', 'external', external_id, image_id) from external_ids",
          "select concat_ws(' ', 'key', processorName, messageId) from idempotent_keys",
          "select concat_ws(' ', 'journey', image_id, step, outcome) from journey",
          "select concat_ws(' ', 'change', kind, image_id) from changes");

  @TempDir Path directory = Path.of("unset");
  private OldSite site = new OldSite(Path.of("unset"));

  @BeforeEach
  void anOldSite() throws IOException {
    site = new OldSite(directory);
    for (int n = 1; n <= IMAGES; n++) {
      int person = n % 10;
      site.image(n, n + ".jpg");
      site.face(
          n,
          n <= 10 ? null : person == 0 ? 10 : person,
          n,
          n % 3 == 0 || n <= 10 ? "Person " + person : null,
          OldSite.json(OldSite.somebody()),
          n % 3 == 0 || n <= 10 ? "ok" : "process");
    }
    // One of the same bytes, one that is deleted there, one whose file is missing.
    Files.copy(site.disk.resolve("images/1.jpg"), site.disk.resolve("images/twin.jpg"));
    site.imageRow(IMAGES + 1, "twin.jpg", null);
    site.picture("deleted.jpg");
    site.imageRow(IMAGES + 2, "deleted.jpg", "2026-01-20 00:00:00");
    site.imageRow(IMAGES + 3, "missing.jpg", null);
    site.dump();
  }

  private List<String> written() {
    List<String> lines = new ArrayList<>();
    for (String each : WRITTEN) {
      lines.addAll(site.migrated().sql(each).query(String.class).list());
    }
    lines.sort(null);
    return lines;
  }

  /** What an import writes that nothing interrupts. */
  private List<String> unbroken(Map<String, String> settings) throws IOException {
    site.settings.putAll(settings);
    assertThat(site.importedFrom(directory.resolve("dump.sql").toString()).status()).isZero();
    return written();
  }

  private static Map<String, String> onMariaDb() {
    MariaDbNode node = MariaDbNode.shared();
    return Map.of(
        "caravel.db.url",
        node.createDatabase(),
        "caravel.db.user",
        node.user(),
        "caravel.db.password",
        node.password());
  }

  private CaravelProcess program(Map<String, String> settings) {
    Map<String, String> environment = new HashMap<>();
    settings.forEach(
        (name, value) ->
            environment.put(name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"), value));
    return new CaravelProcess(environment);
  }

  private void importFrom(CaravelProcess caravel) {
    caravel.launch(
        "import", directory.resolve("dump.sql").toString(), "--disk", "private=" + site.disk);
  }

  private void killWhen(CaravelProcess caravel, BooleanSupplier moment) {
    importFrom(caravel);
    await("the middle of the import")
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> !caravel.alive() || moment.getAsBoolean());
    assertThat(caravel.alive()).as(caravel.tail()).isTrue();
    caravel.kill9();
  }

  private boolean cameOver(String kind, int rows) {
    try {
      return site.migrated()
              .sql("select count(*) from import_ids where kind = '" + kind + "'")
              .query(Long.class)
              .single()
          >= rows;
    } catch (DataAccessException e) {
      return false; // no tables yet
    }
  }

  private void toTheEnd(CaravelProcess caravel) {
    importFrom(caravel);
    assertThat(caravel.awaitEnd()).as(caravel.tail()).isZero();
  }

  @Test
  void anImportIntoAServerThatWasKilledTwiceEndsAsOneThatWasNot() throws IOException {
    List<String> whole = unbroken(onMariaDb());
    Map<String, String> settings = new HashMap<>(onMariaDb());
    site.settings.putAll(settings);
    try (CaravelProcess caravel = program(settings)) {
      killWhen(caravel, () -> cameOver("images", 500));
      killWhen(caravel, () -> cameOver("faces", 500));
      toTheEnd(caravel);

      assertThat(written()).isEqualTo(whole);
      toTheEnd(caravel);
      assertThat(written()).isEqualTo(whole);
    }
  }

  @Test
  void anImportIntoTheEmbeddedDatabaseThatWasKilledEndsAsOneThatWasNot() throws IOException {
    List<String> whole = unbroken(Map.of("caravel.home", directory.resolve("whole").toString()));
    Path home = directory.resolve("killed");
    site.settings.put("caravel.home", home.toString());
    Path file = home.resolve("database/caravel.mv.db");
    long full = Files.size(directory.resolve("whole/database/caravel.mv.db"));
    try (CaravelProcess caravel = program(Map.of("caravel.home", home.toString()))) {
      killWhen(caravel, () -> file.toFile().length() > full / 2);
      toTheEnd(caravel);
    }

    assertThat(written()).isEqualTo(whole);
  }
}
