package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.ground.DatabaseWatch;
import io.caravel.job.JobRoom;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Which originals are read when, and what is told of them. Each new Scrub is a new start. */
class ScrubTest {
  private static final long MINUTES = Duration.ofMinutes(5).toNanos();
  private static final int BYTES = 1000;

  @TempDir Path home = Path.of("");
  private final JobRoom room = JobRoom.embedded();
  private boolean rest = true;
  private int nodes = 1;
  private long clock = 1;

  @BeforeEach
  void noPhotos() throws Exception {
    Files.createDirectories(home.resolve("originals"));
  }

  @AfterEach
  void close() {
    room.close();
  }

  private Scrub start(int days, String... disks) {
    Disks all = new Disks(home.toString(), List.of(disks));
    Roots roots =
        new Roots(
            all,
            new RootMarks(room.database, true),
            DatabaseWatch.of(new DriverManagerDataSource("jdbc:h2:mem:scrub"), true),
            home.toString(),
            0);
    return new Scrub(
        room.database, all, roots, room.journey, room.transaction, () -> rest, () -> nodes, days);
  }

  private Path file(long id) {
    return home.resolve("originals/" + id + ".jpg");
  }

  private void photo(long id) throws Exception {
    byte[] bytes = new byte[BYTES];
    bytes[0] = (byte) id;
    Files.write(file(id), bytes);
    room.database
        .sql(
            """
            insert into images (id, sha256, filename, mime_type, bytes, source_disk, source_path, source_filename)
            values (:id, :sha256, 'a.jpg', 'image/jpeg', 1000, 'private', '', :file)
            """)
        .param("id", id)
        .param("sha256", Originals.fingerprint(bytes))
        .param("file", id + ".jpg")
        .update();
  }

  /** As a disk that decays: the same length, and a time of its own. */
  private byte[] decay(long id) throws Exception {
    byte[] bytes = Files.readAllBytes(file(id));
    bytes[BYTES - 5] ^= 1;
    Files.write(file(id), bytes);
    return bytes;
  }

  private void replace(long id, byte[] bytes) throws Exception {
    Path fresh = Files.write(home.resolve("fresh"), bytes);
    Files.setLastModifiedTime(fresh, FileTime.from(Instant.EPOCH));
    Files.move(fresh, file(id), StandardCopyOption.REPLACE_EXISTING);
  }

  private void pass(Scrub scrub, int turns) {
    for (int turn = 0; turn < turns; turn++) {
      clock += MINUTES;
      scrub.proveDue(clock);
    }
  }

  private long reached() {
    return room.database.sql("select reached from scrub").query(Long.class).single();
  }

  private boolean ended() {
    return room.database
        .sql("select count(*) from scrub where ended_at is not null")
        .query(Boolean.class)
        .single();
  }

  private List<String> journey(long id) {
    return room.journey.of(id).stream().map(step -> step.step() + " " + step.outcome()).toList();
  }

  @Test
  void eachIsReadOnceInThePeriodAndARestartGoesOn() throws Exception {
    for (long id = 1; id <= 4; id++) {
      photo(id);
    }
    Scrub scrub = start(1);
    pass(scrub, 2);
    assertThat(reached()).as("one, and then what it cost is waited for").isEqualTo(1);
    pass(scrub, 60);
    assertThat(reached()).isEqualTo(1);
    pass(scrub, 80);
    assertThat(reached()).as("half of the day").isEqualTo(2);
    pass(start(1), 60);
    assertThat(reached()).as("goes on after a restart").isGreaterThanOrEqualTo(3);
    pass(start(1), 288);
    assertThat(ended()).isTrue();
  }

  @Test
  void twoNodesShareTheWork() throws Exception {
    for (long id = 1; id <= 4; id++) {
      photo(id);
    }
    nodes = 2;
    pass(start(1), 144);
    assertThat(reached()).isEqualTo(1);
  }

  @Test
  void whileOtherWorkWaitsItIsOwedForADayAndThenReadBesideIt() throws Exception {
    photo(1);
    photo(2);
    rest = false;
    Scrub scrub = start(2);
    pass(scrub, 280);
    assertThat(reached()).isZero();
    pass(scrub, 20);
    assertThat(reached()).isEqualTo(1);
  }

  @Test
  void whatChangedIsToldNeverTouchedAndForgottenOnceItIsGoodAgain() throws Exception {
    photo(1);
    photo(2);
    byte[] good = Files.readAllBytes(file(2));
    byte[] bad = decay(2);
    FileTime then = Files.getLastModifiedTime(file(2));
    Scrub scrub = start(0);
    pass(scrub, 300);
    assertThat(scrub.faults()).as("0 days: never by itself").isZero();
    assertThat(scrub.all()).isEqualTo(2);
    pass(scrub, 1);
    assertThat(scrub.faults()).isEqualTo(1);
    assertThat(scrub.causes()).containsExactly(new Scrub.Counted("original-changed", 1));
    Scrub.Fault fault = scrub.of("original-changed").get(0);
    assertThat(fault.photo()).isEqualTo(2);
    assertThat(fault.sentence()).contains("2.jpg").contains("upload a good copy");
    assertThat(Files.readAllBytes(file(2))).isEqualTo(bad);
    assertThat(Files.getLastModifiedTime(file(2))).isEqualTo(then);
    assertThat(journey(2)).containsExactly("scrub failed");
    assertThat(journey(1)).isEmpty();
    scrub.all();
    pass(scrub, 1);
    assertThat(journey(2)).as("told once").hasSize(1);
    assertThat(ended()).isTrue();

    replace(2, good);
    pass(start(0), 1);
    assertThat(scrub.causes()).isEmpty();
    assertThat(journey(2)).containsExactly("scrub failed", "scrub done");
  }

  @Test
  void whatIsGoneIsToldUnlessItsDiskIsAwayOrItLiesInTheTrash() throws Exception {
    photo(1);
    photo(2);
    photo(3);
    Files.delete(file(1));
    Files.delete(file(2));
    room.database.sql("update images set deleted_at = current_timestamp(3) where id = 2").update();
    Path nas = Files.createDirectories(home.resolveSibling(home.getFileName() + "-nas"));
    Scrub scrub = start(0, "nas=" + nas);
    scrub.all();
    pass(scrub, 1);
    assertThat(scrub.causes()).containsExactly(new Scrub.Counted("original-missing", 1));
    assertThat(scrub.of("original-missing").get(0).photo()).isEqualTo(1);

    room.database.sql("update images set source_disk = 'nas' where id = 3").update();
    Files.delete(nas);
    scrub = start(0, "nas=" + nas);
    scrub.all();
    pass(scrub, 1);
    assertThat(scrub.faults()).as("a disk that is away is told elsewhere").isEqualTo(1);
    assertThat(ended()).isTrue();
  }

  @Test
  void whatSomebodyAsksForIsProvedAgain() throws Exception {
    photo(1);
    byte[] good = Files.readAllBytes(file(1));
    decay(1);
    Scrub scrub = start(0);
    scrub.all();
    pass(scrub, 1);
    assertThat(scrub.again("original-missing")).isZero();
    assertThat(scrub.again(null)).isEqualTo(1);
    replace(1, good);
    pass(scrub, 1);
    assertThat(scrub.faults()).isZero();
  }
}
