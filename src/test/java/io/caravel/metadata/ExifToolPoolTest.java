package io.caravel.metadata;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.caravel.ground.Failure;
import io.caravel.photo.DrawnPng;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class ExifToolPoolTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int MUCH = 8 << 20;

  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  Path directory;

  private final ExecutorService callers = Executors.newCachedThreadPool();

  @AfterEach
  void noCallerStays() {
    callers.shutdownNow();
  }

  @Test
  void oneProcessReadsManyPhotos() throws Exception {
    String a = photo("a.jpg", "-Make=Alpha");
    String b = photo("b.jpg", "-Make=Beta");
    try (ExifToolPool pool = ShippedExifTool.pool(1)) {
      assertThat(pool.read(List.of(a))).contains("Alpha").doesNotContain("Beta");
      List<Long> first = pool.pids();
      assertThat(pool.read(List.of(b))).contains("Beta").doesNotContain("Alpha");
      assertThat(pool.pids()).isEqualTo(first).hasSize(1);
    }
  }

  @Test
  void eachCallerGetsTheAnswerToItsOwnQuestion() throws Exception {
    List<String> makes = List.of("Alpha", "Beta", "Gamma", "Delta", "Epsilon");
    List<String> photos = new ArrayList<>();
    for (String make : makes) {
      photos.add(photo(make + ".jpg", "-Make=" + make));
    }
    try (ExifToolPool pool = new ExifToolPool(ShippedExifTool.settings(3, 7, LONG, MUCH))) {
      List<Future<String>> answers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        String photo = photos.get(i % photos.size());
        answers.add(callers.submit(() -> pool.read(List.of(photo))));
      }
      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i).get())
            .contains("\"IFD0:Make\": \"" + makes.get(i % makes.size()) + "\"");
      }
      assertThat(pool.pids()).hasSizeLessThanOrEqualTo(3);
    }
  }

  @Test
  void aProcessIsReplacedAfterItsShareOfPhotos() throws Exception {
    String photo = photo("a.jpg");
    try (ExifToolPool pool = new ExifToolPool(ShippedExifTool.settings(1, 2, LONG, MUCH))) {
      pool.read(List.of(photo));
      long first = pool.pids().get(0);
      pool.read(List.of(photo));
      assertThat(pool.pids()).isEmpty();
      await().until(() -> gone(first));
      pool.read(List.of(photo));
      assertThat(pool.pids()).hasSize(1).doesNotContain(first);
    }
  }

  @Test
  void aPhotoWhoseProcessIsStoppedIsReadByAFreshOne() throws Exception {
    String photo = photo("a.jpg");
    try (ExifToolPool pool =
        new ExifToolPool(ShippedExifTool.settings(2, 500, Duration.ofSeconds(3), MUCH))) {
      long stopped = stoppedProcess(pool, photo);
      Future<String> hung = callers.submit(() -> pool.read(List.of(photo)));
      await().until(() -> pool.asks(stopped));

      for (int i = 0; i < 20; i++) {
        assertThat(pool.read(List.of(photo))).contains("File:ImageWidth");
      }
      assertThat(hung.get()).contains("File:ImageWidth");
      await().until(() -> gone(stopped));
    }
  }

  @Test
  void aPhotoWhoseProcessIsKilledIsReadByAFreshOne() throws Exception {
    String photo = photo("a.jpg");
    try (ExifToolPool pool = ShippedExifTool.pool(1)) {
      long stopped = stoppedProcess(pool, photo);
      Future<String> answer = callers.submit(() -> pool.read(List.of(photo)));
      await().until(() -> pool.asks(stopped));
      signal("KILL", stopped);
      assertThat(answer.get()).contains("File:ImageWidth");
      assertThat(pool.pids()).hasSize(1).doesNotContain(stopped);
    }
  }

  @ParameterizedTest
  @CsvSource({"STOP, time-limit", "KILL, exiftool-failed"})
  void whatHangsOrKillsAFreshProcessTooIsThePhotosOwn(String signal, String cause)
      throws Exception {
    Path started = directory.resolve("started");
    Path command =
        Files.writeString(
            directory.resolve("stand-in"),
            """
            #!/bin/sh
            echo $$ >> %s
            while read -r line; do
              case $line in
                *bad.jpg) kill -%s $$ ;;
                -execute*) echo '[{}]'; echo "{ready${line#-execute}}" ;;
              esac
            done
            """
                .formatted(started, signal));
    assertThat(command.toFile().setExecutable(true)).isTrue();
    ExifToolPool.Settings settings =
        new ExifToolPool.Settings(
            command.toString(), command, List.of(), 1, 500, Duration.ofSeconds(2), MUCH);
    try (ExifToolPool pool = new ExifToolPool(settings)) {
      assertThat(pool.read(List.of("good.jpg"))).contains("[{}]");
      Failure failure = failureOf(pool, "bad.jpg");
      assertThat(failure.cause()).isEqualTo(cause);
      assertThat(failure.lasting()).isFalse();
      assertThat(Files.readAllLines(started)).hasSize(2);
      assertThat(pool.read(List.of("good.jpg"))).contains("[{}]");
    }
  }

  /** Each is unpacked whole by ExifTool alone, which takes it gigabytes. */
  @ParameterizedTest
  @ValueSource(strings = {"zTXt", "iTXt", "iCCP", "many"})
  void whatIsPackedTooSmallIsLeftOutAloneAndSaid(String kind) throws Exception {
    byte[] packed = DrawnPng.packed(kind.equals("many") ? 12 : 300);
    DrawnPng png = new DrawnPng(8, 8).chunk("tEXt", DrawnPng.latin("Author\0Ada"));
    switch (kind) {
      case "zTXt" -> png.chunk("zTXt", DrawnPng.latin("Comment\0\0"), packed);
      case "iTXt" -> png.chunk("iTXt", DrawnPng.latin("XML:com.adobe.xmp\0\1\0\0\0"), packed);
      case "iCCP" -> png.chunk("iCCP", DrawnPng.latin("profile\0\0"), packed);
      default -> {
        for (int i = 0; i < 25; i++) {
          png.chunk("zTXt", DrawnPng.latin("Text" + i + "\0\0"), packed);
        }
      }
    }
    Path photo = Files.write(directory.resolve("bomb.png"), png.pixels().end());
    try (ExifToolPool pool = ShippedExifTool.pool(1)) {
      assertThat(pool.read(List.of(photo.toString())))
          .contains("\"PNG:Author\": \"Ada\"", "\"ExifTool:Warning\": \"Error inflating ")
          .contains("\"PNG:ImageWidth\": 8");
      assertThat(peakMegabytes(pool.pids().get(0))).isLessThan(200);
    }
  }

  @Test
  void aPhotoThatNeedsMoreMemoryThanThereIsFailsAlone() throws Exception {
    byte[] text = "ø".repeat(20 << 20).getBytes(StandardCharsets.UTF_8);
    byte[] png =
        new DrawnPng(8, 8).chunk("iTXt", DrawnPng.latin("Comment\0\0\0\0\0"), text).pixels().end();
    Path large = Files.write(directory.resolve("large.png"), png);
    String photo = photo("a.jpg");
    try (ExifToolPool pool = ShippedExifTool.pool(1)) {
      Failure failure = failureOf(pool, large.toString());
      assertThat(failure.cause()).isEqualTo("memory-limit");
      assertThat(failure.lasting()).isTrue();
      assertThat(pool.read(List.of(photo))).contains("File:ImageWidth");
    }
  }

  @Test
  void aProcessThatDiesWhileIdleIsReplacedUnseen() throws Exception {
    String photo = photo("a.jpg");
    try (ExifToolPool pool = ShippedExifTool.pool(1)) {
      pool.read(List.of(photo));
      long killed = pool.pids().get(0);
      signal("KILL", killed);
      await().until(() -> pool.pids().isEmpty());
      assertThat(pool.read(List.of(photo))).contains("File:ImageWidth");
      assertThat(pool.pids()).hasSize(1).doesNotContain(killed);
    }
  }

  @Test
  void anInterruptedCallerEndsWhetherItIsAtWorkOrInLine() throws Exception {
    String photo = photo("a.jpg");
    try (ExifToolPool pool = ShippedExifTool.pool(1)) {
      long stopped = stoppedProcess(pool, photo);
      CompletableFuture<Failure> atWork = new CompletableFuture<>();
      Thread worker = caller(pool, photo, atWork);
      await().until(() -> pool.asks(stopped));
      CompletableFuture<Failure> inLine = new CompletableFuture<>();
      Thread waiting = caller(pool, photo, inLine);
      await().until(() -> waiting.getState() == Thread.State.WAITING);

      waiting.interrupt();
      assertThat(inLine.get().cause()).isEqualTo("time-limit");
      worker.interrupt();
      assertThat(atWork.get().cause()).isEqualTo("time-limit");
      await().until(() -> gone(stopped));
      assertThat(pool.read(List.of(photo))).contains("File:ImageWidth");
    }
  }

  @Test
  void aTagBeyondTheLimitIsLeftOutAlone() throws Exception {
    String photo = photo("a.jpg", "-UserComment=" + "x".repeat(20_000), "-Make=Alpha");
    try (ExifToolPool pool = new ExifToolPool(ShippedExifTool.settings(1, 500, LONG, 10_000))) {
      assertThat(pool.read(List.of(photo)))
          .contains("\"Caravel:Truncated\": [\"ExifIFD:UserComment (20029 bytes)\"]", "Alpha")
          .doesNotContain("xxx");
      assertThat(pool.pids()).hasSize(1);
    }
  }

  @Test
  void anAnswerOfFarTooMuchInShortTagsLasts() throws Exception {
    String photo = photo("a.jpg");
    try (ExifToolPool pool = new ExifToolPool(ShippedExifTool.settings(1, 500, LONG, 200))) {
      Failure failure = failureOf(pool, photo);
      assertThat(failure.cause()).isEqualTo("exiftool-failed");
      assertThat(failure.lasting()).isTrue();
      assertThat(pool.pids()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a.jpg\n-execute", "a.jpg\r", "a\0.jpg", "# a.jpg", " a.jpg", "a.jpg ", ""})
  void whatExifToolWouldTakeForFurtherOrdersIsRefused(String path) {
    try (ExifToolPool pool = ShippedExifTool.pool(1)) {
      Failure failure = failureOf(pool, path);
      assertThat(failure.cause()).isEqualTo("exiftool-failed");
      assertThat(failure.lasting()).isTrue();
      assertThat(pool.pids()).as("nothing was started for it").isEmpty();
    }
  }

  @Test
  void aMissingFileIsAnEmptyAnswer() {
    try (ExifToolPool pool = ShippedExifTool.pool(1)) {
      assertThat(pool.read(List.of(directory.resolve("none.jpg").toString()))).isBlank();
    }
  }

  @Test
  void aMissingExifToolNamesThePackage() {
    ExifToolPool.Settings absent =
        new ExifToolPool.Settings(
            "exiftool-that-is-absent", ShippedExifTool.config(), List.of(), 1, 500, LONG, MUCH);
    try (ExifToolPool pool = new ExifToolPool(absent)) {
      assertThat(pool.available()).isFalse();
      Failure failure = failureOf(pool, "a.jpg");
      assertThat(failure.cause()).isEqualTo("exiftool-missing");
      assertThat(failure.lasting()).isFalse();
      assertThat(failure).hasMessageContaining("libimage-exiftool-perl");
    }
  }

  @Test
  void closingLeavesNoProcess() throws Exception {
    String photo = photo("a.jpg");
    ExifToolPool pool = ShippedExifTool.pool(1);
    pool.read(List.of(photo));
    long pid = pool.pids().get(0);
    pool.close();
    await().until(() -> gone(pid));
    assertThat(failureOf(pool, photo).cause()).isEqualTo("interrupted");
    assertThat(pool.pids()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aKilledProgramLeavesNoExifToolBehind(boolean stopped) throws Exception {
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                HoldsAPool.class.getName(),
                photo("a.jpg"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long pid = Long.parseLong(program.inputReader().readLine());
    assertThat(gone(pid)).isFalse();
    if (stopped) {
      signal("STOP", pid);
    }
    assertThat(program.destroyForcibly().waitFor(30, TimeUnit.SECONDS)).isTrue();
    await().until(() -> gone(pid));
  }

  /** A program that has read one photo and then waits to be killed. */
  static final class HoldsAPool {
    public static void main(String[] photo) throws Exception {
      try (ExifToolPool pool = ShippedExifTool.pool(1)) {
        // The asking thread ends, as a worker's may: ExifTool must not end with it.
        Thread asking = new Thread(() -> pool.read(List.of(photo)));
        asking.start();
        asking.join();
        pool.read(List.of(photo));
        System.out.println(pool.pids().get(0));
        new CountDownLatch(1).await();
      }
    }
  }

  private String photo(String name, String... tags) throws Exception {
    return DrawnPhoto.with(directory, name, tags).toString();
  }

  private static long stoppedProcess(ExifToolPool pool, String photo) throws Exception {
    pool.read(List.of(photo));
    long pid = pool.pids().get(0);
    signal("STOP", pid);
    return pid;
  }

  private static Thread caller(ExifToolPool pool, String photo, CompletableFuture<Failure> end) {
    Thread thread = new Thread(() -> end.complete(failureOf(pool, photo)));
    thread.start();
    return thread;
  }

  private static Failure failureOf(ExifToolPool pool, String path) {
    return requireNonNull(catchThrowableOfType(Failure.class, () -> pool.read(List.of(path))));
  }

  private static long peakMegabytes(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) / 1024)
        .findFirst()
        .orElseThrow();
  }

  private static void signal(String name, long pid) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, String.valueOf(pid)).start();
    assertThat(kill.waitFor()).isZero();
  }

  // An orphan whose adopter does not reap it stays as a zombie: it is gone for us.
  private static boolean gone(long pid) {
    try {
      String state = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
      return state.charAt(state.lastIndexOf(')') + 2) == 'Z';
    } catch (IOException e) {
      return true;
    }
  }
}
