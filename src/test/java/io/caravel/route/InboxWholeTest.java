package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.util.FileSystemUtils;

/**
 * {@code inbox.camel.yaml}: a file is whole, or it is not taken; and what cannot be taken says why.
 */
@ExtendWith(OutputCaptureExtension.class)
class InboxWholeTest extends FlowTest {
  private Path inbox = Path.of("");
  private Path done = Path.of("");
  private final String mark = UUID.randomUUID().toString().substring(0, 8);

  @BeforeEach
  void find() {
    inbox = inbox();
    done = inbox.resolve(".done");
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
    eventually(file + " is there", () -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS));
  }

  private void awaitDone(String name, byte[] bytes) {
    eventually(
        name + " is done whole",
        () ->
            Files.isRegularFile(done.resolve(name))
                && Arrays.equals(Files.readAllBytes(done.resolve(name)), bytes));
  }

  /** Once this one is done, the inbox was looked at and what was there before had its time. */
  private void another() throws IOException {
    String name = "another-" + UUID.randomUUID() + ".jpg";
    drop(name, Picture.tiny().bytes());
    awaitFile(done.resolve(name));
  }

  private List<JsonNode> photos(String text) {
    String sought = URLEncoder.encode(text, StandardCharsets.UTF_8);
    return StreamSupport.stream(
            api.get("/api/photos?q=" + sought).json().path("items").spliterator(), false)
        .toList();
  }

  private byte[] stored(JsonNode photo) {
    return api.get("/api/photos/" + photo.path("id").asLong() + "/original").body();
  }

  private void assertOneWholePhoto(String name, byte[] bytes) {
    eventually(name + " is one photo", () -> photos(name).size() == 1);
    assertThat(stored(photos(name).get(0))).isEqualTo(bytes);
  }

  private long trashed(String name) {
    return database
        .sql("select count(*) from images where filename = :name and deleted_at is not null")
        .param("name", name)
        .query(Long.class)
        .single();
  }

  private static byte[] half(byte[] bytes) {
    byte[] half = new byte[bytes.length];
    System.arraycopy(bytes, 0, half, 0, bytes.length / 2);
    return half;
  }

  private static void writeRest(Path file, byte[] bytes) throws IOException {
    try (RandomAccessFile rest = new RandomAccessFile(file.toFile(), "rw")) {
      rest.seek(bytes.length / 2);
      rest.write(bytes, bytes.length / 2, bytes.length - bytes.length / 2);
    }
  }

  @Test
  void aCopyThatReservedItsSizeAndStalledIsOneWholePhotoThoughNobodySawItsWriter()
      throws Exception {
    String name = "reserved-" + mark + ".jpg";
    byte[] bytes = Picture.of(600, 400).bytes();
    drop("x/" + name, half(bytes));
    awaitFile(done.resolve("x").resolve(name));

    writeRest(done.resolve("x").resolve(name), bytes);

    awaitDone("x/" + name, bytes);
    eventually("what there was of it is trashed", () -> trashed(name) == 1);
    assertOneWholePhoto(name, bytes);
    long half =
        database
            .sql("select id from images where filename = :name and deleted_at is not null")
            .param("name", name)
            .query(Long.class)
            .single();
    assertThat(
            database
                .sql("select sentence from journey where image_id = :id and outcome = 'trashed'")
                .param("id", half)
                .query(String.class)
                .single())
        .contains("still being copied")
        .contains("x/" + name);
  }

  @Test
  void aFileThatIsOpenForWritingIsWaitedFor(CapturedOutput output) throws Exception {
    Assumptions.assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "no /proc here");
    String name = "open-" + mark + ".jpg";
    byte[] bytes = Picture.of(600, 400).bytes();
    Path file = inbox.resolve(name);
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(bytes, 0, bytes.length / 2);
      another();
      eventually("it is said", () -> output.getOut().contains(name + " is open for writing"));
      another();
      assertThat(file).exists();
      out.write(bytes, bytes.length / 2, bytes.length - bytes.length / 2);
    }
    awaitDone(name, bytes);
    assertOneWholePhoto(name, bytes);
    assertThat(trashed(name)).isZero();
  }

  @Test
  void aTailOfZerosOrNoEndIsWaitedForLonger() throws Exception {
    byte[] bytes = Picture.of(600, 400).bytes();
    Path zeros = drop("zeros-" + mark + ".jpg", half(bytes));
    Path cut = drop("cut-" + mark + ".jpg", Arrays.copyOf(bytes, bytes.length / 2));
    another();
    assertThat(zeros).exists();
    assertThat(cut).exists();
    Files.write(zeros, bytes);
    writeRest(cut, bytes);
    awaitDone("zeros-" + mark + ".jpg", bytes);
    awaitDone("cut-" + mark + ".jpg", bytes);
    assertThat(trashed("zeros-" + mark + ".jpg") + trashed("cut-" + mark + ".jpg")).isZero();
  }

  @Test
  void whatIsEditedInDoneIsAPhotoOfItsOwnAndTheFirstOneStays() throws Exception {
    String name = "edited-" + mark + ".jpg";
    byte[] first = Picture.tiny().bytes();
    byte[] second = Picture.tiny().bytes();
    drop(name, first);
    awaitFile(done.resolve(name));
    Files.write(done.resolve(name), second, StandardOpenOption.WRITE);
    eventually("both are photos", () -> photos(name).size() == 2);
    assertThat(trashed(name)).isZero();
  }

  @Test
  void whoeverTouchesAFileInDoneChangesNothing() throws Exception {
    String name = "touched-" + mark + ".jpg";
    byte[] bytes = Picture.tiny().bytes();
    drop(name, bytes);
    awaitFile(done.resolve(name));
    Files.setLastModifiedTime(
        done.resolve(name), java.nio.file.attribute.FileTime.fromMillis(1_600_000_000_000L));
    another();
    another();
    assertThat(Files.readAllBytes(done.resolve(name))).isEqualTo(bytes);
    assertOneWholePhoto(name, bytes);
  }

  @Test
  void namesOfTransfersUnderWayAreLeftAloneUntilTheyAreRenamed(CapturedOutput output)
      throws Exception {
    Map<String, String> tools = new LinkedHashMap<>();
    tools.put("winscp", "%s.filepart");
    tools.put("rclone", "%s.1a2b3c4d.partial");
    tools.put("cloud", "%s.ocTransferId1234.part");
    tools.put("chrome", "%s.crdownload");
    tools.put("safari", "%s.download");
    tools.put("syncthing", "~syncthing~%s.tmp");
    tools.put("torrent", "%s.!uT");
    tools.put("rsync", ".%s.Ab12Cd");
    byte[] aria = Picture.tiny().bytes();
    drop("aria-" + mark + ".jpg", aria);
    Path control = drop("aria-" + mark + ".jpg.aria2", new byte[] {1});
    Map<Path, Path> names = new LinkedHashMap<>();
    Map<String, byte[]> contents = new LinkedHashMap<>();
    for (Map.Entry<String, String> tool : tools.entrySet()) {
      String name = tool.getKey() + "-" + mark + ".jpg";
      byte[] bytes = Picture.tiny().bytes();
      contents.put(name, bytes);
      names.put(drop(tool.getValue().formatted(name), bytes), inbox.resolve(name));
    }
    another();
    another();
    for (Map.Entry<Path, Path> name : names.entrySet()) {
      assertThat(name.getKey()).exists();
      Files.move(name.getKey(), name.getValue());
    }
    assertThat(inbox.resolve("aria-" + mark + ".jpg")).exists();
    Files.delete(control);
    awaitDone("aria-" + mark + ".jpg", aria);
    for (Map.Entry<String, byte[]> each : contents.entrySet()) {
      awaitDone(each.getKey(), each.getValue());
      assertOneWholePhoto(each.getKey(), each.getValue());
    }
    assertThat(output.getOut()).contains(".filepart in its name says");
  }

  @ParameterizedTest
  @ValueSource(strings = {"early-dot", "backslash"})
  void aNameThatIsDroppedTwiceDoesNotStick(String kind) throws Exception {
    String name = kind.equals("early-dot") ? "a." + "b".repeat(253) : "2019\\IMG_1.jpg";
    Path folder = inbox.resolve("stick-" + kind);
    Files.createDirectories(folder);
    for (int times = 1; times <= 2; times++) {
      Files.write(folder.resolve(name), Picture.tiny().bytes());
      int expected = times;
      eventually(
          "dropped " + times + " times",
          () -> {
            try (Stream<Path> files = Files.list(done.resolve("stick-" + kind))) {
              return files.count() == expected;
            } catch (java.nio.file.NoSuchFileException e) {
              return false;
            }
          });
    }
    eventually("the inbox is empty", () -> isEmpty(folder));
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    }
  }

  @Test
  void aFolderOfANameThatAFileHasInDoneIsTakenToo() throws Exception {
    byte[] file = Picture.tiny().bytes();
    byte[] inside = Picture.tiny().bytes();
    drop("same", file);
    awaitFile(done.resolve("same"));
    drop("same/inside.jpg", inside);
    eventually(
        "it is done",
        () -> {
          try (Stream<Path> all = Files.walk(done)) {
            return all.anyMatch(each -> each.endsWith("inside.jpg"));
          }
        });
    assertThat(Files.readAllBytes(done.resolve("same"))).isEqualTo(file);
  }

  @Test
  void aFileSoDeepThatItsClaimWouldBeTooLongIsTaken() throws Exception {
    byte[] bytes = Picture.tiny().bytes();
    Path folder = inbox;
    while (folder.toString().length() < 4070 - 200) {
      folder = folder.resolve("d".repeat(100));
    }
    folder = folder.resolve("e".repeat(Math.max(1, 4095 - 20 - folder.toString().length() - 1)));
    Files.createDirectories(folder);
    Path file = folder.resolve(mark + ".jpg");
    Files.write(file, bytes);
    eventually("it is gone from there", () -> !Files.exists(file));
    assertOneWholePhoto(mark + ".jpg", bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {".done", ".failed", ".taking"})
  void aSymbolicLinkInPlaceOfOneOfItsOwnFoldersIsNeverFollowed(String own) throws Exception {
    Path elsewhere = Files.createDirectories(home("linked" + own));
    Files.createDirectories(elsewhere.resolve("somebody"));
    Files.write(elsewhere.resolve("somebody/theirs.jpg"), Picture.tiny().bytes());
    if (Files.exists(inbox.resolve(own), LinkOption.NOFOLLOW_LINKS)) {
      FileSystemUtils.deleteRecursively(inbox.resolve(own));
    }
    Path link = Files.createSymbolicLink(inbox.resolve(own), elsewhere);
    String name = "link-" + mark + ".jpg";
    byte[] bytes = Picture.tiny().bytes();
    Path file = drop(name, bytes);

    JsonNode failure = failure(name);

    assertThat(failure.path("error").asText()).contains(own).contains("symbolic link");
    assertThat(failure.path("photo_id").isNull()).isTrue();
    assertThat(file).exists();
    assertThat(elsewhere.resolve("somebody/theirs.jpg")).exists();
    try (Stream<Path> theirs = Files.walk(elsewhere)) {
      assertThat(theirs).hasSize(3);
    }
    Files.delete(link);
    assertThat(api.post("/api/failures/replay?queue=inbox").status()).isEqualTo(202);
    awaitDone(name, bytes);
    eventually("it is no failure any more", () -> failures(name).isEmpty());
  }

  @Test
  void aSymbolicLinkBelowDoneIsNeverFollowedEither() throws Exception {
    Path elsewhere = Files.createDirectories(home("linked-below"));
    Files.createDirectories(done);
    Files.createSymbolicLink(done.resolve("2024"), elsewhere);
    byte[] bytes = Picture.tiny().bytes();
    drop("2024/a.jpg", bytes);
    awaitDone("2024~1/a.jpg", bytes);
    assertThat(isEmpty(elsewhere)).isTrue();
  }

  private List<JsonNode> failures(String name) {
    return StreamSupport.stream(
            api.get("/api/failures?queue=inbox").json().path("items").spliterator(), false)
        .flatMap(group -> StreamSupport.stream(group.path("failures").spliterator(), false))
        .filter(one -> one.path("filename").asText().equals(name))
        .toList();
  }

  private JsonNode failure(String name) {
    eventually(name + " is a failure", () -> !failures(name).isEmpty());
    return failures(name).get(0);
  }

  private static boolean run(String... command) throws Exception {
    return new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  @Test
  void aFileThatCannotBeClaimedRestsAndSaysOnceWhy(CapturedOutput output) throws Exception {
    String name = "immutable-" + mark + ".jpg";
    byte[] bytes = Picture.tiny().bytes();
    Path file = drop(name, bytes);
    Assumptions.assumeTrue(run("chattr", "+i", file.toString()), "only root can make a file so");
    try {
      JsonNode failure = failure(name);
      assertThat(failure.path("error").asText()).contains("Operation not permitted");
      eventually("tried thrice", () -> failure(name).path("attempts").asInt() >= 3);
      assertThat(output.getOut().split(name + " waits: ", -1)).hasSize(2);
      assertThat(photos(name)).isEmpty();
    } finally {
      run("chattr", "-i", file.toString());
    }
    awaitDone(name, bytes);
    eventually("it is no failure any more", () -> failures(name).isEmpty());
  }

  @Test
  void aFileSystemMountedBelowTheInboxIsTakenIn() throws Exception {
    Path card = Files.createDirectories(inbox.resolve("card/mnt"));
    Assumptions.assumeTrue(
        run("mount", "-t", "tmpfs", "tmpfs", card.toString()), "only root can mount");
    try {
      byte[] bytes = Picture.tiny().bytes();
      String name = "mounted-" + mark + ".jpg";
      Files.createDirectories(card.resolve("DCIM"));
      Files.write(card.resolve("DCIM").resolve(name), bytes);
      awaitFile(card.resolve(".done/DCIM").resolve(name));
      assertOneWholePhoto(name, bytes);
      assertThat(card.resolve("DCIM").resolve(name)).doesNotExist();
      assertThat(inbox.resolve("card/.taking")).doesNotExist();
    } finally {
      eventually("nothing uses it", () -> run("umount", card.toString()));
    }
  }

  @Test
  void aFolderOfTheSameDiskMountedBelowTheInboxIsTakenInToo() throws Exception {
    Path elsewhere = Files.createDirectories(home("bound-" + mark));
    Path bound = Files.createDirectories(inbox.resolve("bound"));
    Assumptions.assumeTrue(
        run("mount", "--bind", elsewhere.toString(), bound.toString()), "only root can mount");
    try {
      byte[] bytes = Picture.tiny().bytes();
      String name = "bound-" + mark + ".jpg";
      Files.write(elsewhere.resolve(name), bytes);
      awaitFile(elsewhere.resolve(".done").resolve(name));
      assertOneWholePhoto(name, bytes);
    } finally {
      eventually("nothing uses it", () -> run("umount", bound.toString()));
    }
  }
}
