package io.caravel.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravel.server.MariaDbNode;
import io.caravel.takeover.OldSite.Said;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The old site's own database, MariaDB, is read in place of a dump, and followed. */
class ImportFromDatabaseTest {
  @TempDir Path directory = Path.of("unset");
  OldSite site = new OldSite(Path.of("unset"));
  private JdbcClient old = JdbcClient.create(new DriverManagerDataSource());
  private String url = "";

  @BeforeEach
  void anOldSiteOnMariaDb() {
    MariaDbNode node = MariaDbNode.shared();
    site = new OldSite(directory);
    site.settings.put("caravel.db.url", node.createDatabase());
    site.settings.put("caravel.db.user", node.user());
    site.settings.put("caravel.db.password", node.password());
    site.settings.put("caravel.import.user", node.user());
    site.settings.put("caravel.import.password", node.password());
    site.settings.put("caravel.import.follow-seconds", "1");
    url = node.createDatabase();
    old = JdbcClient.create(new DriverManagerDataSource(url, node.user(), node.password()));
    for (String table : OldSite.TABLES.split(";\n")) {
      old.sql(table).update();
    }
    old.sql("alter table images alter column updated_at set default current_timestamp").update();
  }

  private void image(long id, String name) {
    site.picture(name);
    old.sql(
            "insert into images (id, source_disk, source_path, source_filename, created_at, updated_at)"
                + " values (:id, 'private', 'images', :name, '2026-01-19 07:01:00', current_timestamp)")
        .param("id", id)
        .param("name", name)
        .update();
  }

  private void face(
      long id, @Nullable Long parent, long image, @Nullable String name, String status) {
    old.sql(
            "insert into faces (id, parent_id, image_id, face_index, name, encoding, status, updated_at)"
                + " values (:id, :parent, :image, 0, :name, :encoding, :status, current_timestamp)")
        .param("id", id)
        .param("parent", parent)
        .param("image", image)
        .param("name", name)
        .param("encoding", OldSite.json(OldSite.somebody()))
        .param("status", status)
        .update();
  }

  private List<String> faces() {
    return site.migrated()
        .sql(
            "select concat(id, ' ', coalesce(parent_id, 0), ' ', image_id, ' ', status, ' ', coalesce(name, '-')) from faces where deleted_at is null order by id")
        .query(String.class)
        .list();
  }

  private boolean has(String sql) {
    return site.migrated().sql("select count(*) from " + sql).query(Long.class).single() > 0;
  }

  @Test
  void whatIsWrittenDecidedAndDeletedThereIsFollowed() throws Exception {
    image(1, "a.jpg");
    image(2, "b.jpg");
    face(1, null, 1, "Anna", "ok");
    face(2, 1L, 2, null, "process");
    face(3, null, 2, null, "process");
    CountDownLatch stop = new CountDownLatch(1);
    CompletableFuture<Said> following =
        CompletableFuture.supplyAsync(() -> site.importedFrom(stop, url, "--follow"));
    try {
      eventually(
          following, // the roots come first
          () -> faces().equals(List.of("1 0 1 ok Anna", "2 1 2 process -", "3 0 2 process -")));

      image(5, "c.jpg");
      face(7, 1L, 5, null, "process");
      old.sql(
              "update faces set status = 'ok', name = 'Anna', updated_at = current_timestamp where id = 2")
          .update();
      old.sql("delete from faces where id = 3").update();
      eventually(
          following,
          () -> faces().equals(List.of("1 0 1 ok Anna", "2 1 2 ok Anna", "7 1 5 process -")));

      old.sql(
              "update images set deleted_at = current_timestamp, updated_at = current_timestamp where id = 5")
          .update();
      eventually(following, () -> has("images where id = 5 and deleted_at is not null"));
    } finally {
      stop.countDown();
    }
    Said said = following.get();
    assertThat(said.status()).as(said.text()).isZero();
    assertThat(said.text()).contains("3 photos taken by reference");
    assertThat(old.sql("select count(*) from images").query(Long.class).single()).isEqualTo(3);
  }

  /**
   * Was: what was put back there stayed deleted here, and its person's faces were people of one.
   */
  @Test
  void aRootThatIsDeletedAndPutBackThereIsFollowedWithItsFaces() throws Exception {
    image(1, "a.jpg");
    image(2, "b.jpg");
    image(3, "c.jpg");
    face(1, null, 1, "Anna", "ok");
    face(2, 1L, 2, "Anna", "ok");
    face(3, 1L, 3, "Anna", "ok");
    List<String> all = List.of("1 0 1 ok Anna", "2 1 2 ok Anna", "3 1 3 ok Anna");
    CountDownLatch stop = new CountDownLatch(1);
    CompletableFuture<Said> following =
        CompletableFuture.supplyAsync(() -> site.importedFrom(stop, url, "--follow"));
    try {
      eventually(following, () -> faces().equals(all));

      write("deleted_at = current_timestamp");
      eventually(following, () -> faces().equals(List.of("2 0 2 ok Anna", "3 2 3 ok Anna")));

      write("deleted_at = null");
      eventually(following, () -> faces().equals(all));
    } finally {
      stop.countDown();
    }
    assertThat(following.get().status()).isZero();
  }

  /** As Eloquent does, into the row of face 1. */
  private void write(String set) {
    old.sql("update faces set " + set + ", updated_at = current_timestamp where id = 1").update();
  }

  private static void eventually(
      CompletableFuture<Said> following, java.util.concurrent.Callable<Boolean> holds) {
    await()
        .atMost(Duration.ofMinutes(2))
        .ignoreExceptions() // its tables are made first
        .until(() -> following.isDone() || holds.call());
    assertThat(following).isNotDone();
  }

  @Test
  void itsOwnDatabaseOrOneThatDoesNotAnswerIsRefused() {
    assertThat(site.importedFrom("jdbc:mysql://127.0.0.1:1/none").text())
        .contains("does not answer");
    site.imported();

    assertThat(site.importedFrom(site.settings.getOrDefault("caravel.db.url", "")).text())
        .contains("Its table images is Caravel's");
  }
}
