package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.FileSystemUtils;

/** {@code inbox.camel.yaml}: what becomes of a file that is dropped into the watched folder. */
@ExtendWith(OutputCaptureExtension.class)
class InboxTest extends FlowTest {
  private Path inbox = Path.of("");
  private Path done = Path.of("");
  private Path failed = Path.of("");

  @BeforeEach
  void find() {
    inbox = inbox();
    done = inbox.resolve(".done");
    failed = inbox.resolve(".failed");
  }

  @AfterEach
  void empty() throws IOException {
    try (Stream<Path> entries = Files.list(inbox)) {
      for (Path entry : (Iterable<Path>) entries::iterator) {
        FileSystemUtils.deleteRecursively(entry);
      }
    }
  }

  private Path drop(String name, byte[] bytes) throws IOException {
    Path file = inbox.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes);
  }

  private void awaitFile(Path file) {
    eventually(file + " is there", () -> Files.isRegularFile(file));
  }

  private String filename(byte[] bytes) {
    return database
        .sql("select filename from images where sha256 = :sha256")
        .param("sha256", sha256(bytes))
        .query(String.class)
        .single();
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<String> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void aFileIsTakenInAndMovedToDoneWithItsNameAndSubFolder() throws Exception {
    byte[] bytes = Picture.tiny().bytes();
    drop("2024/Lisboa 🌞/a.jpg", bytes);
    awaitFile(done.resolve("2024/Lisboa 🌞/a.jpg"));
    assertThat(Files.readAllBytes(done.resolve("2024/Lisboa 🌞/a.jpg"))).isEqualTo(bytes);
    assertThat(filename(bytes)).isEqualTo("a.jpg");
    assertThat(inbox.resolve("2024/Lisboa 🌞/a.jpg")).doesNotExist();
  }

  static List<String> oddNames() {
    return List.of(
        "-dash; $(echo hi) `x` && y.jpg",
        "O'Brien \"quoted\" & 100% #1 [x].jpg",
        "line\nbreak.jpg",
        "tab\there.jpg",
        "cafe\u0301 NFD.jpg",
        "weiße Blüte – 花 🌸.jpg",
        "${header.x} {{y}}.jpg",
        "a~12345678.jpg",
        "no ending",
        "trailing. .jpg ",
        "x".repeat(246) + ".jpg",
        "🌸".repeat(61) + ".jpg");
  }

  @ParameterizedTest
  @MethodSource("oddNames")
  void aFileMayHaveAnyName(String name) throws Exception {
    byte[] bytes = Picture.tiny().bytes();
    drop("odd/" + name, bytes);
    awaitFile(done.resolve("odd").resolve(name));
    assertThat(filename(bytes)).isEqualTo(name.replaceAll("[\n\t]", "").strip());
  }

  @Test
  void litterOfTheSystemIsLeftAlone() throws Exception {
    List<String> litter =
        List.of(
            ".DS_Store",
            "Thumbs.db",
            "desktop.ini",
            "a/.hidden.jpg",
            ".Trash-1000/x.jpg",
            "a/._a.jpg",
            "a/@eaDir/a.jpg/SYNOPHOTO_THUMB_XL.jpg",
            ".@__thumb/a.jpg",
            "#recycle/a.jpg",
            "$RECYCLE.BIN/$R1.jpg",
            "lost+found/#12.jpg",
            ".thumbnails/1.jpg",
            ".stversions/a~20200101-000000.jpg");
    for (String name : litter) {
      drop(name, Picture.tiny().bytes());
    }
    drop("a/last.jpg", Picture.tiny().bytes());
    awaitFile(done.resolve("a/last.jpg"));
    for (String name : litter) {
      assertThat(inbox.resolve(name)).exists();
    }
    assertThat(files(done)).containsExactly("a/last.jpg");
  }

  @Test
  void aFileThatStillGrowsIsWaitedFor() throws Exception {
    byte[] bytes = Picture.tiny().bytes();
    Path growing = inbox.resolve("growing.jpg");
    int[] written = {0};
    try (OutputStream out = Files.newOutputStream(growing)) {
      drop("whole.jpg", Picture.tiny().bytes());
      eventually(
          "a whole one is done while this one grows",
          () -> {
            if (written[0] < bytes.length - 1) {
              out.write(bytes, written[0]++, 1);
            }
            return Files.exists(done.resolve("whole.jpg"));
          });
      assertThat(growing).exists();
      out.write(bytes, written[0], bytes.length - written[0]);
    }
    awaitFile(done.resolve("growing.jpg"));
    assertThat(Files.readAllBytes(done.resolve("growing.jpg"))).isEqualTo(bytes);
    assertThat(files(failed)).isEmpty();
  }

  @Test
  void aFileWhoseCopyingStalledIsTakenAgainOnceItIsWhole() throws Exception {
    byte[] bytes = Picture.tiny().bytes();
    byte[] half = java.util.Arrays.copyOf(bytes, bytes.length - 10);
    Path file = inbox.resolve("x/stalled.jpg");
    Files.createDirectories(file.getParent());
    Files.write(file, half); // nobody is seen to write it, as from another machine
    awaitFile(done.resolve("x/stalled.jpg"));
    try (OutputStream out =
        Files.newOutputStream(done.resolve("x/stalled.jpg"), StandardOpenOption.APPEND)) {
      out.write(bytes, half.length, 10); // follows the file to where it lies now
    }
    eventually("the whole one is a photo", () -> isPhoto(bytes));
    assertThat(isPhoto(half)).isTrue();
    awaitFile(done.resolve("x/stalled.jpg"));
    assertThat(Files.readAllBytes(done.resolve("x/stalled.jpg"))).isEqualTo(bytes);
  }

  private boolean isPhoto(byte[] bytes) {
    return database
        .sql("select 1 from images where sha256 = :sha256")
        .param("sha256", sha256(bytes))
        .query(Integer.class)
        .optional()
        .isPresent();
  }

  @Test
  void aTakenNameGainsTheBeginningOfTheSha256ThenACountAndNothingIsOverwritten() throws Exception {
    byte[] first = Picture.tiny().bytes();
    byte[] second = Picture.tiny().bytes();
    String marked = "a~" + sha256(second).substring(0, 8);
    drop("x/a.jpg", first);
    awaitFile(done.resolve("x/a.jpg"));
    drop("x/a.jpg", second);
    awaitFile(done.resolve("x/" + marked + ".jpg"));
    drop("x/a.jpg", second);
    awaitFile(done.resolve("x/" + marked + "-2.jpg"));

    assertThat(Files.readAllBytes(done.resolve("x/a.jpg"))).isEqualTo(first);
    assertThat(Files.readAllBytes(done.resolve("x/" + marked + ".jpg"))).isEqualTo(second);
    assertThat(files(done)).hasSize(3);
  }

  @Test
  void aLongNameThatIsTakenIsCutToFit() throws Exception {
    String name = "é".repeat(125) + ".jpg";
    drop(name, Picture.tiny().bytes());
    awaitFile(done.resolve(name));
    drop(name, Picture.tiny().bytes());
    eventually("both are done", () -> files(done).size() == 2);
  }

  @Test
  void theSameFolderDroppedTwiceStoresNothingNew() throws Exception {
    List<byte[]> photos = Stream.generate(() -> Picture.tiny().bytes()).limit(5).toList();
    for (int round = 1; round <= 2; round++) {
      for (int photo = 0; photo < photos.size(); photo++) {
        drop("album/" + photo + ".jpg", photos.get(photo));
      }
      int expected = round * photos.size();
      eventually("round " + round, () -> files(done).size() == expected);
      for (byte[] photo : photos) {
        assertThat(count("select count(*) from images where sha256 = '" + sha256(photo) + "'"))
            .isOne();
      }
    }
  }

  @Test
  void aRejectedFileLiesInFailedWithItsReasonBesideIt() throws Exception {
    byte[] text = "no picture".getBytes(StandardCharsets.US_ASCII);
    drop("trip/notes.txt", text);
    awaitFile(failed.resolve("trip/notes.txt"));
    assertThat(Files.readAllBytes(failed.resolve("trip/notes.txt"))).isEqualTo(text);
    assertThat(Files.readString(failed.resolve("trip/notes.txt.error.txt")))
        .contains("not a picture")
        .contains("[not-a-picture]");
  }

  @Test
  void aFileTooLargeForAnyPhotoLiesInFailedToo() throws Exception {
    byte[] large = java.util.Arrays.copyOf(Picture.tiny().bytes(), (8 << 20) + 1);
    drop("large.jpg", large);
    awaitFile(failed.resolve("large.jpg"));
    assertThat(Files.readString(failed.resolve("large.jpg.error.txt"))).contains("[too-large]");
    drop("after.jpg", Picture.tiny().bytes());
    awaitFile(done.resolve("after.jpg"));
  }

  @Test
  void anEmptyFileIsRejectedOnceItHasStoppedGrowing() throws Exception {
    drop("empty.jpg", new byte[0]);
    awaitFile(failed.resolve("empty.jpg"));
    assertThat(Files.readString(failed.resolve("empty.jpg.error.txt"))).contains("empty");
  }

  @Test
  void symbolicLinksAndPipesAreLeftAlone(CapturedOutput output) throws Exception {
    Path elsewhere = Files.write(home("elsewhere.jpg"), Picture.tiny().bytes());
    Path folder = Files.createDirectories(home("elsewhere"));
    Files.write(folder.resolve("inside.jpg"), Picture.tiny().bytes());
    Path link = Files.createSymbolicLink(inbox.resolve("link.jpg"), elsewhere);
    Files.createSymbolicLink(inbox.resolve("linked-folder"), folder);
    Files.createSymbolicLink(inbox.resolve("dangling.jpg"), inbox.resolve("nowhere.jpg"));
    Path pipe = inbox.resolve("pipe.jpg");
    Assumptions.assumeTrue(
        new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0, "no mkfifo here");
    drop("last.jpg", Picture.tiny().bytes());
    awaitFile(done.resolve("last.jpg"));
    drop("later.jpg", Picture.tiny().bytes());
    awaitFile(done.resolve("later.jpg"));

    assertThat(link).isSymbolicLink();
    assertThat(elsewhere).exists();
    assertThat(folder.resolve("inside.jpg")).exists();
    assertThat(Files.exists(pipe, LinkOption.NOFOLLOW_LINKS)).isTrue();
    assertThat(files(done)).containsExactly("last.jpg", "later.jpg");
    assertThat(output.getOut()).contains("link.jpg is no regular file").contains("pipe.jpg is no");
  }

  @ParameterizedTest
  @ValueSource(strings = {"r--------", "---------"})
  void aFileThatMayNotBeReadOrWrittenStaysOrIsTaken(String mode) throws Exception {
    byte[] bytes = Picture.tiny().bytes();
    Path file = drop("locked.jpg", bytes);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    drop("last.jpg", Picture.tiny().bytes());
    awaitFile(done.resolve("last.jpg"));
    if (mode.startsWith("r") || System.getProperty("user.name").equals("root")) {
      awaitFile(done.resolve("locked.jpg"));
    } else {
      assertThat(files(failed)).isEmpty();
      eventually("it waits in the inbox", () -> Files.exists(file));
    }
  }

  @Test
  void emptiedSubFoldersStayForWhoeverIsStillCopyingIntoThem() throws Exception {
    drop("album/deep/a.jpg", Picture.tiny().bytes());
    awaitFile(done.resolve("album/deep/a.jpg"));
    assertThat(inbox.resolve("album/deep")).isDirectory();
    eventually("nothing is left of the claim", () -> files(inbox.resolve(".taking")).isEmpty());
    drop("album/deep/b.jpg", Picture.tiny().bytes());
    awaitFile(done.resolve("album/deep/b.jpg"));
  }

  @Test
  void hundredsOfSmallFilesAreTakenInWhileOneStillGrows() throws Exception {
    byte[] growing = Picture.tiny().bytes();
    Path slow = inbox.resolve("many/growing.jpg");
    for (int photo = 0; photo < 400; photo++) {
      drop("many/" + photo % 20 + "/" + photo + ".jpg", Picture.tiny().bytes());
    }
    Files.write(slow, java.util.Arrays.copyOf(growing, growing.length / 2));
    long start = System.nanoTime();
    int[] tick = {0};
    try (OutputStream writer = Files.newOutputStream(slow, StandardOpenOption.APPEND)) {
      eventually(
          "all but one are done",
          () -> {
            Files.setLastModifiedTime(
                slow, java.nio.file.attribute.FileTime.fromMillis(1_000_000_000L + tick[0]++));
            return files(done.resolve("many")).size() == 400;
          });
      writer.flush(); // it is open until here
    }
    LoggerFactory.getLogger("caravel")
        .info(
            "400 files of the inbox: {} ms",
            Duration.ofNanos(System.nanoTime() - start).toMillis());
    assertThat(slow).exists();
    Files.write(slow, growing);
    awaitFile(done.resolve("many/growing.jpg"));
    assertThat(files(failed)).isEmpty();
    Stream<String> dropped =
        IntStream.range(0, 400).mapToObj(photo -> photo % 20 + "/" + photo + ".jpg");
    // What a test before this one still had on its way may arrive beside them.
    assertThat(files(done.resolve("many")))
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(Stream.of("growing.jpg"), dropped).toList());
    eventually(
        "all jobs have ended",
        () -> count("select count(*) from jobs where state in ('queued', 'running')") == 0);
  }
}
