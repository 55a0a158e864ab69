package io.caravel.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/**
 * Every view, on a telephone and on a wall, light and dark: without a barrier, and whatever photos
 * are called.
 */
@DirtiesContext // nobody shares it
@TestPropertySource(properties = "caravel.home=${test.home}/accessible")
class AccessiblePageTest extends PageTest {
  private static final List<String> VIEWS =
      List.of(
          "photos",
          "add",
          "flow",
          "review",
          "review?one=all",
          "people",
          "threshold",
          "duplicates",
          "trash");

  /** The album, all of its jobs ended, one person named; the same in each test. */
  @BeforeEach
  void fill(@TempDir Path directory) throws Exception {
    if (count("select count(*) from images") > 0) {
      return;
    }
    try (Stream<Path> files = Files.walk(Album.in(directory))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        api.upload(
            io.caravel.route.Api.Part.file(
                String.valueOf(file.getFileName()), Files.readAllBytes(file)));
      }
    }
    eventually(
        "all jobs have ended",
        () -> count("select count(*) from jobs where state in ('queued', 'running')") == 0);
    List<Long> faces = database.sql("select id from faces order by id").query(Long.class).list();
    for (int i = 0; i < faces.size(); i++) {
      String name = List.of("<b>Ada</b>", "Ben <script>document.title='owned'</script>").get(i % 2);
      assertThat(
              api.post(
                      "/api/decisions",
                      "{\"faces\":[%d],\"action\":\"confirm\",\"name\":\"%s\"}"
                          .formatted(faces.get(i), name))
                  .status())
          .isEqualTo(200);
    }
  }

  @ParameterizedTest
  @CsvSource({"360, true", "1280, false", "3000, true"})
  void noViewHasABarrier(int width, boolean dark) throws Exception {
    browser.width(width);
    browser.prefers(dark, true);
    for (String view : VIEWS) {
      browser.open("/#/" + view);
      settled(view);
      browser.screenshot("view-" + view + "-" + width);
      assertThat(browser.barriers()).as(view + " at " + width).isEmpty();
      assertThat(
              browser.run(
                  "return document.documentElement.scrollWidth <= innerWidth && document.querySelector('main').scrollWidth <= document.querySelector('main').clientWidth"))
          .as(view + " fits into " + width)
          .isEqualTo(true);
    }
    browser.open("/#/photos/" + count("select min(id) from images where latitude is not null"));
    browser.find("dialog.viewer .map");
    browser.screenshot("view-photo-" + width);
    assertThat(browser.barriers()).as("one photo at " + width).isEmpty();
  }

  @Test
  void hostileNamesAndMetadataAreText() throws Exception {
    for (String view : VIEWS) {
      browser.open("/#/" + view);
      settled(view);
      assertThat(browser.run("return document.title")).asString().doesNotContain("owned");
    }
    browser.open("/#/people");
    browser.read("<b>Ada</b>");
    for (String name : List.of(Album.MARKUP, Album.RIGHT_TO_LEFT, Album.LONG)) {
      long photo =
          database
              .sql("select max(id) from images where filename = ?")
              .param(name)
              .query(Long.class)
              .single();
      browser.open("/#/photos/" + photo);
      browser.find("dialog.viewer .frame img");
      browser.until(
          name,
          () ->
              name.equals(browser.run("return document.querySelector('#photo-name').textContent")));
      browser.find("details.metadata summary").click();
      browser.find(".all-metadata dd");
      assertThat(browser.run("return document.title")).asString().doesNotContain("owned");
      assertThat(browser.count("dialog script, dialog b, main script, main b")).isZero();
    }
  }

  private void settled(String view) {
    browser.until(
        view + " is loaded",
        () ->
            Boolean.TRUE.equals(
                browser.run(
                    "return document.querySelector('main').className === 'view-' + arguments[0] && document.querySelector('main').children.length > 1",
                    view.replaceAll("\\?.*", ""))));
  }
}
