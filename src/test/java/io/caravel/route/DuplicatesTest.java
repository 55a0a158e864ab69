package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.duplicate.PictureHashes;
import io.caravel.route.Api.Part;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.StreamSupport;
import javax.imageio.ImageIO;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.util.ReflectionTestUtils;

/** The same picture twice: found, grouped around the best, and trashed as one decision. */
@NullUnmarked
@DirtiesContext // nobody shares it
@TestPropertySource(properties = "caravel.home=${test.home}/duplicates")
class DuplicatesTest extends FlowTest {
  @Autowired private PictureHashes pictureHashes;

  @BeforeEach
  void nothingIsThere() {
    database.sql("update images set deleted_at = current_timestamp(3)").update();
  }

  /** Circles on a sky, which no other number makes. */
  private static BufferedImage scene(int seed, int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    graphics.scale(width / 600.0, height / 400.0);
    Random random = new Random(seed);
    for (int i = 0; i < 60; i++) {
      graphics.setColor(new Color(random.nextInt(1 << 24)));
      int size = 30 + random.nextInt(200);
      graphics.fillOval(random.nextInt(600) - size / 2, random.nextInt(400) - size / 2, size, size);
    }
    graphics.dispose();
    return picture;
  }

  private static byte[] encoded(BufferedImage picture, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(picture, format, bytes);
    return bytes.toByteArray();
  }

  private long taken(String name, BufferedImage picture, String format) throws IOException {
    JsonNode answer = api.upload(Part.file(name, encoded(picture, format))).photo();
    long id = answer.path("id").asLong();
    assertThat(ended(id, "thumbnails").path("state").asText()).isEqualTo("done");
    ended(id, "metadata");
    return id;
  }

  private List<List<Long>> groups() {
    List<List<Long>> groups = new ArrayList<>();
    for (JsonNode group : api.get("/api/duplicates").json().path("items")) {
      assertThat(group.path("id").asLong())
          .isEqualTo(group.path("photos").path(0).path("id").asLong());
      groups.add(
          StreamSupport.stream(group.path("photos").spliterator(), false)
              .map(photo -> photo.path("id").asLong())
              .toList());
    }
    return groups;
  }

  @Test
  void copiesStandAroundTheBestAndOtherScenesAlone() throws IOException {
    long large = taken("large.jpg", scene(1, 1200, 800), "jpg");
    long small = taken("small.jpg", scene(1, 300, 200), "jpg");
    long other = taken("same.png", scene(1, 600, 400), "png");
    taken("another.jpg", scene(2, 600, 400), "jpg");

    assertThat(groups()).hasSize(1);
    assertThat(groups().get(0)).startsWith(large).containsExactlyInAnyOrder(large, small, other);
    JsonNode best =
        api.get("/api/duplicates?size=1").json().path("items").path(0).path("photos").path(0);
    assertThat(best.path("filename").asText()).isEqualTo("large.jpg");
    assertThat(best.path("width").asInt()).isEqualTo(1200);
    assertThat(best.path("distance").asInt()).isZero();
    assertThat(api.get("/api/duplicates").json().path("total").asInt()).isEqualTo(1);
  }

  @Test
  void partsAndFlatPicturesAreNoDuplicates() throws IOException {
    BufferedImage scene = scene(3, 900, 600);
    taken("whole.png", scene, "png");
    // The middle of it is what the square thumbnail shows of both.
    taken("part.png", scene.getSubimage(150, 0, 600, 600), "png");
    taken("white.png", new BufferedImage(300, 300, BufferedImage.TYPE_INT_RGB), "png");
    taken("white2.png", new BufferedImage(600, 600, BufferedImage.TYPE_INT_RGB), "png");

    assertThat(groups()).isEmpty();
  }

  /** C is like B, and B like the best one; C is not. */
  @Test
  void nobodyIsInAGroupByWayOfAnother() throws IOException {
    long best = taken("a.png", scene(7, 900, 600), "png");
    long b = taken("b.png", scene(8, 600, 400), "png");
    long c = taken("c.png", scene(9, 300, 200), "png");
    hash(best, 0b0);
    hash(b, 0b111);
    hash(c, 0b111111);

    assertThat(groups()).containsExactly(List.of(best, b));
    hash(c, 0b1111);
    assertThat(groups()).containsExactly(List.of(best, b, c));
  }

  private void hash(long photo, long hash) {
    database.sql("delete from picture_hashes where image_id = :id").param("id", photo).update();
    database
        .sql("insert into picture_hashes (image_id, hash) values (:id, :hash)")
        .param("id", photo)
        .param("hash", hash)
        .update();
  }

  @Test
  void theLesserOnesAreTrashedAsOneDecisionAndComeBackByOneUndo() throws IOException {
    long best = taken("best.png", scene(4, 900, 600), "png");
    long lesser = taken("lesser.png", scene(4, 450, 300), "png");
    long least = taken("least.png", scene(4, 300, 200), "png");
    assertThat(groups()).containsExactly(List.of(best, lesser, least));

    JsonNode decided =
        api.post(
                "/api/photos/actions",
                "{\"photos\":[%d,%d],\"action\":\"trash\"}".formatted(lesser, least))
            .json();

    assertThat(decided.path("changed").asInt()).isEqualTo(2);
    JsonNode decision = decided.path("decision");
    assertThat(decision.path("action").asText()).isEqualTo("trash");
    assertThat(decision.path("photos").asInt()).isEqualTo(2);
    assertThat(decision.path("sentence").asText()).isEqualTo("2 photos put into the trash.");
    assertThat(groups()).isEmpty();
    assertThat(api.get("/api/photos/" + lesser).status()).isEqualTo(404);

    long id = decision.path("id").asLong();
    JsonNode undone = api.post("/api/decisions/" + id + "/undo").json();
    assertThat(undone.path("changed").asInt()).isEqualTo(2);
    assertThat(groups()).hasSize(1);
    assertThat(api.post("/api/decisions/" + id + "/undo").status()).isEqualTo(409);

    long undo = undone.path("decision").path("id").asLong();
    assertThat(api.post("/api/decisions/" + undo + "/undo").status()).isEqualTo(200);
    assertThat(groups()).isEmpty();
    JsonNode listed = api.get("/api/decisions?size=3").json().path("items");
    assertThat(listed.path(2).path("undone").asBoolean()).as("made again").isFalse();

    long again = listed.path(0).path("id").asLong();
    assertThat(api.post("/api/decisions/" + again + "/undo").status()).isEqualTo(200);
    assertThat(groups()).hasSize(1);
  }

  @Test
  void anActionNamesPhotosThatAreThere() throws IOException {
    long photo = taken("alone.png", scene(5, 300, 200), "png");
    assertThat(
            api.post(
                    "/api/photos/actions",
                    "{\"photos\":[%d,99999],\"action\":\"trash\"}".formatted(photo))
                .status())
        .isEqualTo(404);
    assertThat(api.get("/api/photos/" + photo).status()).as("nothing was done").isEqualTo(200);
    assertThat(api.post("/api/photos/actions", "{\"photos\":[],\"action\":\"trash\"}").status())
        .isEqualTo(400);
    assertThat(
            api.post(
                    "/api/photos/actions", "{\"photos\":[%d],\"action\":\"burn\"}".formatted(photo))
                .status())
        .isEqualTo(400);
    JsonNode nothing =
        api.post("/api/photos/actions", "{\"photos\":[%d],\"action\":\"restore\"}".formatted(photo))
            .json();
    assertThat(nothing.path("changed").asInt()).isZero();
    assertThat(nothing.has("decision")).isFalse();
  }

  @Test
  void photosOfBeforeAreLookedAtAfterwards() throws IOException {
    long one = taken("one.png", scene(6, 900, 600), "png");
    long other = taken("other.png", scene(6, 450, 300), "png");
    database.sql("delete from picture_hashes").update();

    eventually(
        "both have a hash again",
        () -> {
          // As after a start; a look that is under way sets it anew.
          ReflectionTestUtils.setField(pictureHashes, "lookedUpTo", 0L);
          return count(
                  "select count(*) from picture_hashes where image_id in (%d, %d)"
                      .formatted(one, other))
              == 2;
        });
    assertThat(groups()).containsExactly(List.of(one, other));
  }
}
