package io.caravel.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.photo.DrawnVideo;
import io.caravel.route.Api.Part;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Films and duplicates before a browser. */
@NullUnmarked
@DirtiesContext // nobody shares it
@TestPropertySource(properties = "caravel.home=${test.home}/kinds-page")
class KindsPageTest extends PageTest {
  @TempDir Path directory;

  @Test
  void aFilmIsPlayed() throws Exception {
    Path film = DrawnVideo.write(directory.resolve("film.webm"));
    long id = taken("film.webm", Files.readAllBytes(film));

    browser.open("/#/photos/" + id);
    browser.find("dialog.viewer .frame video[poster]");
    browser.until(
        "the film is read",
        () ->
            Boolean.TRUE.equals(
                browser.run(
                    "const film = document.querySelector('video'); return film.readyState >= 1 && film.duration > 1.5")));
    browser.run("const film = document.querySelector('video'); film.muted = true; film.play()");
    browser.until(
        "it plays",
        () ->
            Boolean.TRUE.equals(
                browser.run("return document.querySelector('video').currentTime > 0.3")));
  }

  @Test
  void theLesserCopyGoesIntoTheTrashAndComesBack() throws Exception {
    BufferedImage scene = scene(900, 600);
    long best = taken("best.png", encoded(scene));
    long lesser = taken("<b>lesser.png", encoded(scene(450, 300)));

    browser.open("/#/duplicates");
    browser.read("<b>lesser.png");
    browser.read("900 × 600");
    assertThat(browser.count(".duplicates > li")).isEqualTo(1);
    assertThat(browser.count(".duplicates input:checked")).isEqualTo(1);
    browser.screenshot("view-duplicates-full");
    assertThat(browser.barriers()).isEmpty();
    browser.find(".duplicates > li button").click();
    browser.read("No photo is there twice");
    assertThat(count("select deleted_at is not null from images where id = " + lesser))
        .isEqualTo(1);
    assertThat(count("select deleted_at is not null from images where id = " + best)).isZero();

    browser.press(Keys.CONTROL, "z");
    browser.read("<b>lesser.png");
    assertThat(count("select count(*) from images where deleted_at is not null")).isZero();
  }

  private long taken(String name, byte[] bytes) {
    JsonNode answer = api.upload(Part.file(name, bytes)).photo();
    long id = answer.path("id").asLong();
    assertThat(ended(id, "thumbnails").path("state").asText()).isEqualTo("done");
    ended(id, "metadata");
    return id;
  }

  private static BufferedImage scene(int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    graphics.scale(width / 600.0, height / 400.0);
    Random random = new Random(3);
    for (int i = 0; i < 60; i++) {
      graphics.setColor(new Color(random.nextInt(1 << 24)));
      int size = 30 + random.nextInt(200);
      graphics.fillOval(random.nextInt(600) - size / 2, random.nextInt(400) - size / 2, size, size);
    }
    graphics.dispose();
    return picture;
  }

  private static byte[] encoded(BufferedImage picture) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(picture, "png", bytes);
    return bytes.toByteArray();
  }
}
