package io.caravel.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.crash.SystemCalls.Call;
import io.caravel.place.StubGeocoder;
import io.caravel.server.CaravelProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * One Caravel on the embedded database under several hardships; at the end every promise made in
 * any of them is looked for.
 */
@NullUnmarked
class EmbeddedCrashIT {
  private static final StubGeocoder GEOCODER = new StubGeocoder();
  private static final Sender SENDER = new Sender(new Camera(3, "embedded"));

  private static CaravelProcess caravel;

  @BeforeAll
  static void start() {
    Map<String, String> settings = new HashMap<>(KillRounds.settings(GEOCODER));
    settings.put("CARAVEL_EXIFTOOL_LIMIT_SECONDS", "3");
    caravel = new CaravelProcess(settings).start();
  }

  @AfterAll
  static void reckon() throws Exception {
    try {
      Home home = Home.embedded(caravel);
      KillRounds.awaitEnded(SENDER, caravel.baseUri(), home);
      assertThat(caravel.terminate()).isEqualTo(143);
      assertThat(Reckoning.of(home, SENDER).findings()).isEmpty();
    } finally {
      caravel.close();
      GEOCODER.close();
    }
  }

  @Test
  void fiftyWhoSendTheSamePhotoAtOnceShareOne() throws Exception {
    assertThat(answersToFiftyAtOnce(SENDER, caravel)).containsExactly("accepted 1", "exists 49");
  }

  /** What fifty requests with the same new photo are answered: each answer, and how often. */
  static List<String> answersToFiftyAtOnce(Sender sender, CaravelProcess caravel) throws Exception {
    Camera.Shot shot = new Camera(4, "the same").shoot();
    List<JsonNode> answers = sender.sendFromMany(caravel.baseUri(), shot, 50);
    assertThat(answers)
        .extracting(answer -> answer.path("id").asLong())
        .containsOnly(answers.get(0).path("id").asLong());
    Map<String, Integer> counts = new TreeMap<>();
    answers.forEach(answer -> counts.merge(answer.path("status").asText(), 1, Integer::sum));
    return counts.entrySet().stream().map(each -> each.getKey() + " " + each.getValue()).toList();
  }

  @Test
  void aPhotoIsOnTheDiskBeforeItIsPromised() throws Exception {
    Camera.Shot shot = new Camera(5, "traced").shoot();
    // No job's writes among those of the intake.
    for (String queue : KillRounds.QUEUES) {
      SENDER.post(caravel.baseUri(), "/api/queues/" + queue + "/pause");
    }
    List<Call> calls;
    try (SystemCalls trace =
        new SystemCalls(
            caravel.pid(),
            "fsync",
            "fdatasync",
            "rename",
            "renameat",
            "renameat2",
            "write",
            "pwrite64",
            "writev",
            "sendto",
            "sendmsg")) {
      assertThat(SENDER.send(caravel.baseUri(), List.of(shot))).isTrue();
      calls = trace.stop();
    } finally {
      for (String queue : KillRounds.QUEUES) {
        SENDER.post(caravel.baseUri(), "/api/queues/" + queue + "/resume");
      }
    }

    String folder = "originals/" + shot.sha256().substring(0, 2);
    Call synced = after(null, calls, "fsync\\(.*/originals/\\.incoming/.*\\.part>\\) += 0");
    Call renamed =
        after(
            synced, calls, "rename.*\\.part\".*" + folder + "/" + shot.sha256() + "\\.jpg\".* = 0");
    Call listed = after(renamed, calls, "fsync\\(.*/" + folder + ">\\) += 0");
    Call written = after(listed, calls, "pwrite64\\(.*/database/caravel\\.mv\\.db>.*");
    Call answered = after(written, calls, "(write|writev|sendto|sendmsg)\\(.*HTTP/1.1 202.*");
    List<Call> writes = before(answered, calls, "pwrite64\\(.*/database/caravel\\.mv\\.db>.*");
    Call settled =
        after(
            writes.get(writes.size() - 1),
            calls,
            "(fsync|fdatasync)\\(.*/database/caravel\\.mv\\.db>\\) += 0");

    assertThat(settled.ended()).as("the database's file is synced").isLessThan(answered.began());
  }

  /** The first call of this form that began after another had returned. */
  private static Call after(Call earlier, List<Call> calls, String form) {
    return calls.stream()
        .filter(call -> earlier == null || call.began() > earlier.ended())
        .filter(call -> call.text().matches(form))
        .findFirst()
        .orElseThrow(
            () ->
                new AssertionError("no " + form + " after " + earlier + " among " + lines(calls)));
  }

  private static List<Call> before(Call later, List<Call> calls, String form) {
    return calls.stream()
        .filter(call -> call.ended() < later.began())
        .filter(call -> call.text().matches(form))
        .toList();
  }

  private static String lines(List<Call> calls) {
    return String.join("\n", calls.stream().map(Call::text).toList());
  }

  @Test
  void aStoppedExifToolIsReplacedAndNoPhotoFailsForIt() throws Exception {
    try (Load first = new Load(SENDER, List.of(caravel), 10)) {
      first.awaitSent();
    }
    await("an ExifTool").atMost(Duration.ofSeconds(60)).until(() -> !exifTools().isEmpty());
    SENDER.post(caravel.baseUri(), "/api/queues/metadata/pause");
    ProcessHandle stopped = exifTools().get(0);
    try (Load load = new Load(SENDER, List.of(caravel), 40)) {
      load.awaitSent();
    }

    assertThat(new ProcessBuilder("kill", "-STOP", "" + stopped.pid()).start().waitFor()).isZero();
    SENDER.post(caravel.baseUri(), "/api/queues/metadata/resume");
    KillRounds.awaitEnded(SENDER, caravel.baseUri(), Home.embedded(caravel));

    assertThat(stopped.onExit().get(30, TimeUnit.SECONDS).isAlive()).isFalse();
    assertThat(causes("metadata")).isEmpty();
    assertThat(SENDER.get(caravel.baseUri(), "/api/failures").get("items")).isEmpty();
    assertThat(caravel.ready()).isTrue();
  }

  private static List<ProcessHandle> exifTools() {
    return ProcessHandle.of(caravel.pid())
        .orElseThrow()
        .children()
        .filter(child -> commandLine(child).contains("-stay_open"))
        .toList();
  }

  // Not info().commandLine(), which is empty on some machines.
  private static String commandLine(ProcessHandle process) {
    try {
      return Files.readString(
          Path.of("/proc/" + process.pid() + "/cmdline"), StandardCharsets.ISO_8859_1);
    } catch (IOException ended) {
      return "";
    }
  }

  /** Why starts of this queue's jobs did not end well, from the journeys of all photos. */
  private static List<String> causes(String queue) throws Exception {
    List<String> causes = new ArrayList<>();
    for (JsonNode photo : SENDER.get(caravel.baseUri(), "/api/photos?size=500").get("items")) {
      JsonNode journey =
          SENDER.get(caravel.baseUri(), "/api/photos/" + photo.get("id").asLong() + "/journey");
      StreamSupport.stream(journey.get("items").spliterator(), false)
          .filter(step -> step.get("step").asText().equals(queue))
          .filter(step -> !step.path("cause").isNull())
          .forEach(step -> causes.add(step.get("cause").asText()));
    }
    return causes;
  }

  @Test
  void askedToEndUnderLoadItGivesBackWhatItHas() throws Exception {
    try (Load load = new Load(SENDER, List.of(caravel), 200)) {
      load.awaitPromised(60);
      long asked = System.nanoTime();

      assertThat(caravel.terminate()).isEqualTo(143);

      // systemd kills what does not end: the unit gives it more than this.
      assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(25));
    }
    caravel.start();
    KillRounds.awaitEnded(SENDER, caravel.baseUri(), Home.embedded(caravel));

    assertThat(causes("thumbnails")).isEmpty();
    assertThat(causes("metadata")).doesNotContain("interrupted", "internal");
    assertThat(causes("geolocation")).isSubsetOf("interrupted");
  }
}
