package io.caravel.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.photo.Corpus;
import io.caravel.server.CaravelProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Real faces, found by dlib in the packaged program, which is killed with kill -9 while it looks
 * for them: {@code -Dcaravel.test.face-kills=10} times, else 3.
 */
class FaceKillsIT {
  private static final int PHOTOS_A_ROUND = 3;

  private final Random random = new Random(11);
  private int taken;

  @Test
  void noFaceIsDoubledAndNoneIsLost() throws Exception {
    List<byte[]> pictures = pictures();
    Map<String, Integer> kinds = new HashMap<>();
    try (CaravelProcess caravel = new CaravelProcess(Map.of())) {
      Sender sender = new Sender(new Camera(11, "faces"));
      caravel.start();
      assumeTrue(
          sender.get(caravel.baseUri(), "/api/queues").at("/faces/waiting").isNull(),
          "no face models on this machine: ./caravel run fetches them");
      int kills = Integer.getInteger("caravel.test.face-kills", 3);
      for (int kill = 0; kill < kills; kill++) {
        List<Camera.Shot> shots = new ArrayList<>();
        for (int i = 0; i < PHOTOS_A_ROUND; i++) {
          int kind = taken % pictures.size();
          Camera.Shot shot = shot(pictures.get(kind));
          kinds.put(shot.sha256(), kind);
          shots.add(shot);
        }
        assertThat(sender.send(caravel.baseUri(), shots)).isTrue();
        await("a faces job at work")
            .atMost(Duration.ofMinutes(2))
            .pollInterval(Duration.ofMillis(20))
            .until(() -> faces(sender, caravel).path("running").asInt() > 0);
        // Somewhere between its claim and its end.
        long least = System.nanoTime() + random.nextInt(600) * 1_000_000L;
        await("a moment")
            .pollInterval(Duration.ofMillis(5))
            .until(() -> System.nanoTime() - least > 0);
        caravel.kill9();
        caravel.start();
      }
      await("the end of all faces jobs")
          .atMost(Duration.ofMinutes(5))
          .pollInterval(Duration.ofMillis(500))
          .until(() -> faces(sender, caravel).path("done").asInt() == kinds.size());
      caravel.terminate();

      reckon(Home.embedded(caravel), kinds);
    }
  }

  private static JsonNode faces(Sender sender, CaravelProcess caravel) throws IOException {
    return sender.get(caravel.baseUri(), "/api/queues").path("faces");
  }

  /** The same picture has the same faces, whenever it was searched and however often begun. */
  private static void reckon(Home home, Map<String, Integer> kinds) throws Exception {
    Map<Integer, List<String>> seen = new HashMap<>();
    int interrupted = 0;
    try (Connection database = home.connect();
        ResultSet row =
            database
                .createStatement()
                .executeQuery(
                    """
                    select i.sha256, j.interrupted, j.run,
                      (select count(*) from journey s where s.job_id = j.id and s.outcome = 'done') as ends,
                      (select count(*) from faces f where f.image_id = i.id) as faces,
                      (select count(distinct f.face_index) from faces f where f.image_id = i.id) as numbers
                    from images i join jobs j on j.image_id = i.id and j.queue = 'faces'
                    """)) {
      while (row.next()) {
        String sha256 = row.getString("sha256");
        interrupted += row.getInt("interrupted");
        assertThat(row.getInt("ends")).as("ends of the job of " + sha256).isOne();
        assertThat(row.getInt("faces")).as("faces of " + sha256).isPositive();
        assertThat(row.getInt("numbers")).as("numbers").isEqualTo(row.getInt("faces"));
        seen.computeIfAbsent(kinds.remove(sha256), kind -> new ArrayList<>())
            .add(row.getString("faces"));
      }
    }
    assertThat(kinds).as("photos without a faces job").isEmpty();
    assertThat(interrupted).as("starts that were killed").isPositive();
    seen.forEach((kind, counts) -> assertThat(counts).as("" + kind).containsOnly(counts.get(0)));
    assertThat(Home.files(home.directory().resolve("debug")))
        .noneMatch(file -> file.toString().endsWith(".part"));
  }

  /** Photos of groups: each search finds several faces. */
  private static List<byte[]> pictures() throws IOException {
    Path groups = Corpus.directory().resolve("faces/groups");
    try (Stream<Path> all = Files.list(groups)) {
      List<byte[]> pictures = new ArrayList<>();
      for (Path each :
          all.filter(file -> file.toString().endsWith(".jpg")).sorted().limit(3).toList()) {
        pictures.add(Files.readAllBytes(each));
      }
      return pictures;
    }
  }

  /** The picture with a comment of its own: other bytes, the same pixels. */
  private Camera.Shot shot(byte[] jpeg) {
    byte[] comment = ("photo " + ++taken).getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream photo = new ByteArrayOutputStream();
    photo.write(jpeg, 0, 2);
    photo.write(0xFF);
    photo.write(0xFE);
    photo.write(0);
    photo.write(comment.length + 2);
    photo.writeBytes(comment);
    photo.write(jpeg, 2, jpeg.length - 2);
    byte[] bytes = photo.toByteArray();
    return new Camera.Shot("IMG.jpg", bytes, Camera.sha256(bytes), false);
  }
}
