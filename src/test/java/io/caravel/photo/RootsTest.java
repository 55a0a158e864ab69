package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.ground.DatabaseWatch;
import io.caravel.ground.Failure;
import io.caravel.server.SmallDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.util.FileSystemUtils;

/** Whether a storage root is the one it was, and has room. Each new Roots is a new start. */
class RootsTest {
  @TempDir Path directory = Path.of("");
  private Path home = Path.of("");
  private DataSource database = new DriverManagerDataSource();

  @BeforeEach
  void library() {
    home = directory.resolve("home");
    database = database("one");
  }

  private static DataSource database(String name) {
    DataSource source =
        new DriverManagerDataSource(
            "jdbc:h2:mem:"
                + name
                + System.nanoTime()
                + ";MODE=MySQL;DATABASE_TO_LOWER=TRUE;DB_CLOSE_DELAY=-1");
    new ResourceDatabasePopulator(
            new ClassPathResource("db/migration/V1__photos_jobs_places.sql"),
            new ClassPathResource("db/migration/" + ROOTS))
        .execute(source);
    return source;
  }

  private static final String ROOTS = "V4__roots.sql";

  private Roots start(String... disks) {
    return start(database, 0, disks);
  }

  private Roots start(DataSource source, long keepFreeMb, String... disks) {
    return new Roots(
        new Disks(home.toString(), List.of(disks)),
        new RootMarks(JdbcClient.create(source), true),
        DatabaseWatch.of(source, true),
        home.toString(),
        keepFreeMb);
  }

  private Path disk(String name) throws Exception {
    return Files.createDirectories(directory.resolve(name));
  }

  private Path original(Path disk) throws Exception {
    return original("private", disk);
  }

  private Path original(String name, Path disk) throws Exception {
    Path file = Files.createDirectories(disk.resolve("ab")).resolve("abc.jpg");
    JdbcClient.create(database)
        .sql(
            "insert into images (sha256, filename, mime_type, bytes, source_disk, source_path, source_filename)"
                + " values ('abc', 'a.jpg', 'image/jpeg', 1, :name, 'ab', 'abc.jpg')")
        .param("name", name)
        .update();
    return Files.write(file, new byte[] {1});
  }

  @Test
  void theFirstStartMarksEachRootOfItsOwnAndTheNextFindsItsMark() throws Exception {
    Path disk = disk("disk");
    assertThat(start("private=" + disk).troubles()).isEmpty();
    assertThat(disk.resolve(RootMarks.MARK)).isRegularFile();
    assertThat(home.resolve(RootMarks.MARK)).hasSameTextualContentAs(disk.resolve(RootMarks.MARK));
    assertThat(start("private=" + disk).troubles()).isEmpty();
    assertThat(start("private=" + disk).missing("thumbnails")).isNull();
  }

  /** Was: the site's disk got a mark, though nothing is to be written there. */
  @Test
  void aRootThatIsItsOwnersIsKnownByItsPhotosAndNotWrittenTo() throws Exception {
    Path nas = disk("nas");
    assertThat(start("nas=" + nas).troubles()).isEmpty();
    assertThat(nas).isEmptyDirectory();
    Path file = original("nas", nas);
    assertThat(start("nas=" + nas).troubles()).isEmpty();

    Path away = Files.move(nas, directory.resolve("away"));
    Files.createDirectories(nas);
    Roots roots = start("nas=" + nas);
    assertThat(roots.troubles().get("nas"))
        .contains("may not be mounted")
        .contains("./caravel adopt-root nas");
    assertThat(roots.missing("metadata")).contains("not be mounted");
    assertThatThrownBy(() -> roots.requireThere("nas")).hasMessageContaining("not be mounted");
    assertThat(nas).isEmptyDirectory();

    Files.delete(nas);
    Files.move(away, nas);
    roots.requireThere("nas");
    assertThat(start("nas=" + nas).troubles()).isEmpty();
    try (Stream<Path> all = Files.walk(nas)) {
      assertThat(all.filter(Files::isRegularFile)).containsExactly(file);
    }
  }

  @Test
  void aMarkOfAFormerVersionOnAnOwnersRootCountsAndMayBeTakenAway() throws Exception {
    start();
    Path nas = disk("nas");
    original("nas", nas);
    Path mark = Files.copy(home.resolve(RootMarks.MARK), nas.resolve(RootMarks.MARK));
    assertThat(start("nas=" + nas).troubles()).isEmpty();
    assertThat(mark).exists();

    Files.delete(mark);
    assertThat(start("nas=" + nas).troubles()).isEmpty();

    Files.writeString(mark, "another's");
    assertThat(start("nas=" + nas).troubles().get("nas")).contains("another database");
    Files.createFile(nas.resolve(RootMarks.ADOPT));
    assertThat(start("nas=" + nas).troubles()).isEmpty();
    assertThat(mark).doesNotExist();
    assertThat(nas.resolve(RootMarks.ADOPT)).doesNotExist();
  }

  /** Was: all nodes tried with a file of one name, and one took it away from another. */
  @Test
  void nodesThatTryOneRootAtTheSameMomentDoNotTakeItForAway() {
    start();
    List<String> troubles =
        IntStream.range(0, 400)
            .parallel()
            .mapToObj(each -> start().troubles().toString())
            .filter(told -> !told.equals("{}"))
            .toList();
    assertThat(troubles).isEmpty();
  }

  /** Was: a kill or a power cut in the middle of a try left its file in the root for good. */
  @Test
  void whatAKilledTryLeftIsDiscardedOnceItIsOld() throws Exception {
    Files.createDirectories(home);
    Path old = Files.createFile(home.resolve(".caravel-try-1.part"));
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    Path underWay = Files.createFile(home.resolve(".caravel-try-2.part"));

    assertThat(start().troubles()).isEmpty();

    assertThat(old).doesNotExist();
    assertThat(underWay).exists();
  }

  /** Was: a node whose shared folder was not mounted took 20 uploads onto its local disk. */
  @Test
  void anEmptyFolderInPlaceOfADiskRestsUntilTheDiskIsThereAgain() throws Exception {
    Path disk = disk("disk");
    start("private=" + disk);
    Path away = Files.move(disk, directory.resolve("away"));
    Files.createDirectories(disk);
    Roots roots = start("private=" + disk);
    assertThat(roots.troubles().get("private"))
        .contains("may not be mounted")
        .contains("./caravel adopt-root private");
    assertThat(roots.missing("thumbnails")).contains("not be mounted");
    assertThat(roots.missing("geolocation")).isNull();
    assertThat(roots.closed()).isNotNull();
    assertThatThrownBy(() -> roots.ready("private"))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.cause()).isEqualTo("disk-unavailable");
              assertThat(failure.lasting()).isFalse();
            });
    assertThat(disk).isEmptyDirectory();
    Files.delete(disk);
    Files.move(away, disk);
    roots.ready("private");
    assertThat(start("private=" + disk).troubles()).isEmpty();
  }

  @Test
  void anUnmountWhileItRunsIsSeenAtTheNextOriginal() throws Exception {
    Path disk = disk("disk");
    Roots roots = start("private=" + disk);
    roots.ready("private");
    FileSystemUtils.deleteRecursively(disk);
    assertThatThrownBy(() -> roots.ready("private")).hasMessageContaining("is not there");
    Files.createDirectories(disk);
    assertThatThrownBy(() -> roots.ready("private")).hasMessageContaining("not be mounted");
  }

  @Test
  void anotherLibrarysDiskRestsUntilItIsAdopted() throws Exception {
    Path disk = disk("disk");
    start("private=" + disk);
    FileSystemUtils.deleteRecursively(home);
    DataSource other = database("other");
    Roots roots = start(other, 0, "private=" + disk);
    assertThat(roots.troubles().get("private")).contains("another database");
    assertThat(roots.troubles()).doesNotContainKey(Roots.HOME);
    Files.createFile(disk.resolve(RootMarks.ADOPT));
    roots.ready("private");
    assertThat(disk.resolve(RootMarks.ADOPT)).doesNotExist();
    assertThat(start(other, 0, "private=" + disk).troubles()).isEmpty();
    assertThat(start("private=" + disk).troubles().get("private")).contains("another database");
  }

  @Test
  void aMovedRootIsAdopted() throws Exception {
    Path nas = disk("nas");
    original("nas", nas);
    start("nas=" + nas);
    Path moved = disk("moved");
    Roots roots = start("nas=" + moved);
    assertThat(roots.troubles()).containsOnlyKeys("nas");
    assertThat(roots.closed()).as("nothing is taken in there").isNull();
    Files.createFile(moved.resolve(RootMarks.ADOPT));
    assertThat(start("nas=" + moved).troubles()).isEmpty();
    assertThat(moved).isEmptyDirectory();
  }

  @Test
  void aRootThatCannotBeWrittenIsKnownByAnOriginal() throws Exception {
    Path disk = disk("disk");
    Path original = original(disk);
    try (SmallDisk mount = SmallDisk.bound(disk)) {
      Path other = Files.write(disk.resolve("ab/other.jpg"), new byte[] {1});
      mount.readOnly();
      assertThat(start("private=" + disk).troubles().get("private")).contains("cannot be written");
      assertThat(disk.resolve(RootMarks.MARK)).doesNotExist();
      assertThat(other).exists();
    }
    Files.move(original, original.resolveSibling("elsewhere"));
    assertThat(start("private=" + disk).troubles().get("private")).contains("not be mounted");
  }

  @Test
  void belowWhatIsToBeKeptFreeNothingIsTakenInAndQueuesRest() {
    Roots roots = start(database, Long.MAX_VALUE >> 21);
    Failure closed = Objects.requireNonNull(roots.closed());
    assertThat(closed.cause()).isEqualTo("disk-full");
    assertThat(closed)
        .hasMessageContaining("CARAVEL_KEEP_FREE_MB")
        .hasMessageContaining("make room");
    for (String queue : List.of("thumbnails", "metadata", "geolocation", "faces")) {
      assertThat(roots.missing(queue)).contains("make room");
    }
    assertThat(roots.lastRoom()).isNotNull();
    assertThatThrownBy(() -> roots.ready("private")).hasMessageContaining("make room");
  }

  @Test
  void inodesUsedUpAreAFullDisk() throws Exception {
    try (SmallDisk disk = SmallDisk.mounted(directory.resolve("disk"), "size=64m,nr_inodes=64")) {
      start("private=" + disk.path());
      disk.useUpInodes();
      Roots roots = start("private=" + disk.path());
      Failure closed = Objects.requireNonNull(roots.closed());
      assertThat(closed.cause()).isEqualTo("disk-full");
      assertThat(closed).hasMessageContaining("inodes");
    }
  }

  @Test
  void aDiskThatIsNotThereIsToldAndTheProgramStarts() {
    Roots roots = start("nas=" + directory.resolve("not-there"));
    assertThat(roots.troubles().get("nas")).contains("is not there").contains("Mount it");
    assertThat(roots.missing("metadata")).contains("nas");
  }
}
