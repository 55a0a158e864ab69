package io.caravel.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.crash.Disk.Loss;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The disk of the power cuts: it loses what was not synced, and keeps what was. */
@SuppressWarnings("NullAway.Init")
class DiskTest {
  private final Random random = new Random(1);
  private Disk disk;

  @BeforeEach
  void plugIn() throws Exception {
    disk = new Disk();
  }

  @AfterEach
  void unplug() {
    disk.close();
  }

  @Test
  void losesWhatWasWrittenAndNotSynced() throws Exception {
    run("write:note:first", "sync:note:", "list::", "overwrite:note:2XX", "write:other:text");

    disk.losePower(Loss.ALL, random);

    assertThat(tree()).containsExactly("note=first");
  }

  @Test
  void keepsWhatWasSynced() throws Exception {
    run("write:note:first", "sync:note:", "list::", "overwrite:note:2XX", "sync:note:");

    disk.losePower(Loss.ALL, random);

    assertThat(tree()).containsExactly("note=fiXXt");
  }

  @Test
  void losesASyncedFileWhoseDirectoryWasNot() throws Exception {
    run("make:a:", "write:a/note:text", "sync:a/note:", "list:a:");
    disk.losePower(Loss.ALL, random);
    assertThat(tree()).as("nobody synced what lists a").isEmpty();

    run("make:a:", "list::", "write:a/note:text", "sync:a/note:");
    disk.losePower(Loss.ALL, random);
    assertThat(tree()).containsExactly("a/");
  }

  @Test
  void takesBackARenameWhoseDirectoryWasNotSynced() throws Exception {
    run("write:note:old", "write:new:new", "sync:note:", "sync:new:", "list::", "move:new:note");
    disk.losePower(Loss.ALL, random);
    assertThat(tree()).containsExactly("new=new", "note=old");

    run("move:new:note", "list::");
    disk.losePower(Loss.ALL, random);
    assertThat(tree()).containsExactly("note=new");
  }

  @Test
  void aRenameIsDurableWithEitherOfItsDirectories() throws Exception {
    run("make:a:", "make:b:", "write:a/note:text", "sync:a/note:", "list:a:", "list::");
    run("move:a/note:b/note", "list:b:");
    disk.losePower(Loss.ALL, random);
    assertThat(tree()).containsExactly("a/", "b/", "b/note=text");
  }

  @Test
  void takesBackRemovalsLinksAndCuts() throws Exception {
    run("write:a:one", "write:b:two", "sync:a:", "sync:b:", "list::");
    run("delete:a:", "link:b:c", "cut:b:1");
    disk.losePower(Loss.ALL, random);
    assertThat(tree()).containsExactly("a=one", "b=two");
  }

  @Test
  void remembersWhatAnEarlierLifeDidNotSync() throws Exception {
    run("write:note:first", "sync:note:", "list::", "overwrite:note:0X");
    run("overwrite:note:1Y");

    disk.losePower(Loss.ALL, random);

    assertThat(tree()).containsExactly("note=first");
  }

  @Test
  void aDurableFileIsWholeOrAsItWas() throws Exception {
    run("durable:note:first");
    disk.losePower(Loss.ALL, random);
    assertThat(tree()).containsExactly("note=first");

    run("durable:note:second");
    disk.losePower(Loss.SOME, random);
    assertThat(tree()).containsExactly("note=second");
  }

  @Test
  void aDirectoryThatALifeMadeWhichWasKilledIsListedByTheNext() throws Exception {
    run("make:a:");
    run("durable-in:a/b:text");
    disk.losePower(Loss.ALL, random);
    assertThat(tree()).containsExactly("a/", "a/b/", "a/b/note=text");
  }

  @Test
  void keepsAnyPagesWhenItLosesSome() throws Exception {
    run("pages:note:o", "sync:note:", "list::", "pages:note:n");

    disk.losePower(Loss.SOME, random);

    String text = Files.readString(disk.root().resolve("note"), StandardCharsets.US_ASCII);
    TreeSet<String> pages = new TreeSet<>();
    for (int page = 0; page < 64; page++) {
      pages.add(text.substring(page * 4096, (page + 1) * 4096));
    }
    assertThat(pages).containsExactly("n".repeat(4096), "o".repeat(4096));
  }

  /** What the promises of Caravel must do more than: else its power cuts could not fail. */
  @Test
  void losesTheCommitsOfADatabaseThatWritesAtOnceAndDoesNotSync() throws Exception {
    run("commit:caravel:unsynced");
    disk.losePower(Loss.ALL, random);
    assertThat(answered()).isZero();
  }

  @Test
  void keepsTheCommitsBeforeASync() throws Exception {
    run("commit:caravel:synced");
    disk.losePower(Loss.ALL, random);
    assertThat(answered()).isEqualTo(200);
  }

  private int answered() throws Exception {
    try (Connection connection =
            DriverManager.getConnection(
                "jdbc:h2:" + disk.root().resolve("caravel") + ";IFEXISTS=TRUE");
        ResultSet row =
            connection.createStatement().executeQuery("select count(*) from answered")) {
      row.next();
      return row.getInt(1);
    }
  }

  private void run(String... commands) throws Exception {
    List<String> command = new ArrayList<>(disk.mount());
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.add(Scribe.class.getName());
    command.add(disk.root().toString());
    command.addAll(List.of(commands));
    Process scribe = new ProcessBuilder(command).inheritIO().start();
    assertThat(scribe.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(scribe.exitValue()).isZero();
  }

  /** What lies on the disk: directories, and files with what stands in them. */
  private List<String> tree() throws IOException {
    try (Stream<Path> all = Files.walk(disk.root())) {
      List<String> found = new ArrayList<>();
      for (Path each : (Iterable<Path>) all.skip(1).sorted()::iterator) {
        String name = disk.root().relativize(each).toString();
        found.add(Files.isDirectory(each) ? name + "/" : name + "=" + Files.readString(each));
      }
      return found;
    }
  }
}
