package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** {@code thumbnails.camel.yaml}: photos that are cut off. */
class DamagedTest extends FlowTest {
  /** A photo cut at six tenths of its bytes. */
  private static byte[] cutOff() {
    byte[] whole = Picture.of(1600, 1200).bytes();
    return Arrays.copyOf(whole, whole.length * 6 / 10);
  }

  private String order(long photo) {
    return "/api/photos/" + photo + "/jobs/thumbnails";
  }

  private void claimDamage(long photo, boolean damaged) {
    database
        .sql("update images set damaged = :damaged, damage = :damage where id = :id")
        .param("damaged", damaged)
        .param("damage", damaged ? "Said before." : null)
        .param("id", photo)
        .update();
  }

  private BufferedImage thumbnail(long photo) throws IOException {
    byte[] bytes = api.get("/api/photos/" + photo + "/thumbnails/scale-1600x1600").body();
    return Objects.requireNonNull(ImageIO.read(new ByteArrayInputStream(bytes)));
  }

  @Test
  void aPhotoCutOffIsKeptFlaggedAndShownAsFarAsItGoes() throws IOException {
    String mark = UUID.randomUUID().toString();
    long whole = api.accepted(mark + "-whole.jpg", Picture.of(1600, 1200).bytes());
    long cut = api.accepted(mark + "-cut.jpg", cutOff());

    assertThat(settled(whole).path("damaged").asBoolean()).isFalse();
    JsonNode photo = settled(cut);

    assertThat(photo.at("/jobs/thumbnails/state").asText()).isEqualTo("done");
    assertThat(photo.path("damaged").asBoolean()).isTrue();
    assertThat(photo.path("damage").asText())
        .startsWith("The file ends before the picture does: its lower part is missing.");
    for (int y = 0; y < 600; y += 50) {
      assertThat(thumbnail(cut).getRGB(800, y)).isEqualTo(thumbnail(whole).getRGB(800, y));
    }
    assertThat(thumbnail(cut).getRGB(800, 1190) & 0xFF).isBetween(120, 136);
    JsonNode damaged = api.get("/api/photos?damaged=true&q=" + mark).json();
    assertThat(damaged.path("total").asInt()).isOne();
    assertThat(damaged.at("/items/0/id").asLong()).isEqualTo(cut);
    assertThat(api.get("/api/photos?damaged=false&q=" + mark).json().at("/items/0/id").asLong())
        .isEqualTo(whole);
  }

  @Test
  void aPhotoWithZerosInsteadOfDataIsDamagedAndOneThatLacksButItsEndMarkerIsNot()
      throws IOException {
    BufferedImage noise = new BufferedImage(900, 600, BufferedImage.TYPE_INT_RGB);
    java.util.Random random = new java.util.Random(5);
    for (int pixel = 0; pixel < 900 * 600; pixel++) {
      noise.setRGB(pixel % 900, pixel / 900, random.nextInt());
    }
    byte[] whole = Picture.of(noise).bytes();
    byte[] zeros = whole.clone();
    Arrays.fill(zeros, zeros.length / 2, zeros.length, (byte) 0);

    JsonNode lost = settled(api.accepted("zeros.jpg", zeros));
    JsonNode unmarked = settled(api.accepted("no-end.jpg", Arrays.copyOf(whole, whole.length - 2)));

    assertThat(lost.path("damaged").asBoolean()).isTrue();
    assertThat(lost.path("damage").asText()).contains("nothing but zeros");
    assertThat(unmarked.path("damaged").asBoolean()).isFalse();
  }

  @Test
  void aPhotoThatEndsBeforeItsFirstLineFailsAsTruncated() {
    byte[] whole = Picture.of(1600, 1200).bytes();
    int scan = 2;
    while (whole[scan] != (byte) 0xFF || whole[scan + 1] != (byte) 0xDA) {
      scan++;
    }
    long photo = api.accepted("head.jpg", Arrays.copyOf(whole, scan + 14));

    JsonNode job = ended(photo, "thumbnails");

    assertThat(job.path("state").asText()).isEqualTo("failed");
    assertThat(job.path("cause").asText()).isEqualTo("truncated");
    assertThat(api.photo(photo).path("damaged").asBoolean()).isFalse();
  }

  @Test
  void aLaterRunThatDecodesClearsTheFlagAndOneThatDecodesNothingLeavesIt() {
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    settled(photo);
    claimDamage(photo, true);

    api.post(order(photo));
    ended(photo, "thumbnails");
    assertThat(api.photo(photo).path("damage").asText()).isEqualTo("Said before.");

    api.post(order(photo) + "?force=true");
    ended(photo, "thumbnails");
    assertThat(api.photo(photo).path("damaged").asBoolean()).isFalse();
    assertThat(api.photo(photo).path("damage").isNull()).isTrue();
  }

  @Test
  void aStartThatMadeTheThumbnailsAndEndedBeforeItToldIsMadeUpFor() {
    long photo = api.accepted("a.jpg", cutOff());
    settled(photo);
    claimDamage(photo, false);
    database
        .sql(
            """
            update jobs set state = 'queued', run = run + 1, attempts = 1, sent_at = null
            where image_id = :photo and queue = 'thumbnails'
            """)
        .param("photo", photo)
        .update();

    ended(photo, "thumbnails");

    assertThat(api.photo(photo).path("damaged").asBoolean()).isTrue();
  }
}
