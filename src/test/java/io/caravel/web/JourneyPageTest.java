package io.caravel.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.face.DrawnFace;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** What a person does with the page, from the first start on. */
@DirtiesContext // nobody shares it
@TestPropertySource(properties = "caravel.home=${test.home}/journey")
class JourneyPageTest extends PageTest {
  private static final String SHOWN = ".tile img.there";

  private Path directory = Path.of("");

  /** One story, since each step stands on those before it. */
  @Test
  void aFolderIsDroppedLookedAtNamedAndUndone(@TempDir Path empty) {
    directory = empty;
    browser.forgive("415"); // what is no photo is refused
    anEmptyLibrarySaysWhatToDo();
    aDroppedFolderIsTakenInAndItsRefusalsAreToldWithTheirSentence();
    thumbnailsAppearWithoutAReload();
    whatFailedIsReadInASentenceAndTriedAgain();
    aQueueIsPausedAndResumed();
    aFaceIsNamedByKeyboardItsPhotosFoundAndAllOfItUndone();
    aPhotoIsLookedAtTrashedAndRestored();
    droppedOnceMoreNothingIsTakenTwice();
    aMissedFaceIsDrawnByKeysAndByMouseAndThatIsUndone();
    aPhotoThatWaitsSaysWhy();
    aCityLeadsToItsPhotos();
  }

  private void anEmptyLibrarySaysWhatToDo() {
    browser.open("/");
    browser.read("No photos yet");
    browser.read(inbox().toString());
    assertThat(browser.find("a[href='#/add'].primary").getText()).isEqualTo("Add photos");
  }

  private void aDroppedFolderIsTakenInAndItsRefusalsAreToldWithTheirSentence() {
    browser.drop("main", Album.in(directory));
    browser.read("All 10 files sent: 9 taken in, 0 there already, 1 refused.");
    assertThat(browser.find(".refused").getText())
        .contains(Album.TEXT)
        .contains("is not a picture or film that Caravel takes");
    assertThat(browser.text()).doesNotContain(Album.LITTER);
  }

  private void thumbnailsAppearWithoutAReload() {
    browser.run("window.reloaded = false");
    goTo("Photos");
    allAreSeen(9);
    assertThat(browser.run("return window.reloaded")).as("the same document").isEqualTo(false);
    browser.read("July 2024");

    // One more comes in by the watched folder while the page lies open: of the one found first.
    eventually("both faces are found", () -> count("select count(*) from faces") == 2);
    String first =
        database
            .sql(
                "select i.filename from faces f join images i on i.id = f.image_id order by f.id limit 1")
            .query(String.class)
            .single();
    DrawnFace who = first.equals(Album.ADA) ? DrawnFace.ADA : DrawnFace.BEN;
    drop(Album.portrait(who, 40, "2024:08:05 12:00:00").bytes());
    allAreSeen(10);
    assertThat(browser.run("return window.reloaded")).as("the same document").isEqualTo(false);
  }

  private void drop(byte[] photo) {
    try {
      Path waiting = Files.write(directory.resolve("late.jpg"), photo);
      Files.move(waiting, inbox().resolve("late.jpg"));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void whatFailedIsReadInASentenceAndTriedAgain() {
    goTo("Flow");
    browser.until("all is done", () -> browser.text().contains("All is done."));
    String sentence =
        database
            .sql("select error from jobs where state = 'failed' and queue = 'thumbnails'")
            .query(String.class)
            .single();
    browser.read(sentence);
    browser.read(Album.BROKEN);
    long runs = count("select run from jobs where state = 'failed' and queue = 'thumbnails'");
    browser.find(".failure-row > button[aria-label$='thumbnails']").click();
    browser.read("1 job will be tried again.");
    browser.until(
        "it has run again",
        () ->
            count("select max(run) from jobs where state = 'failed' and queue = 'thumbnails'")
                > runs);
  }

  private void aQueueIsPausedAndResumed() {
    browser.find("button[aria-label='Pause metadata']").click();
    browser.read("Metadata paused.");
    assertThat(count("select count(*) from queues where name = 'metadata' and paused"))
        .isEqualTo(1);
    browser.find("button[aria-label='Resume metadata']").click();
    browser.read("Metadata resumed.");
    assertThat(count("select count(*) from queues where paused")).isZero();
  }

  private void aFaceIsNamedByKeyboardItsPhotosFoundAndAllOfItUndone() {
    goTo("Faces");
    browser.find("a[href='#/review?one=nobody']").sendKeys(Keys.ENTER);
    browser.read("Who is this?");
    browser.press("n");
    browser.press("Grace", Keys.ENTER);
    browser.read("confirmed as Grace.");
    browser.read("like this one");

    // The other photo of her is suggested at once, as a group; she is confirmed by one key.
    browser.press("g");
    browser.read("Confirm 1 as Grace");
    browser.press(Keys.ENTER);
    browser.until(
        "both are confirmed", () -> count("select count(*) from faces where status = 'ok'") == 2);

    goTo("Photos");
    allAreSeen(10);
    browser.press("/");
    browser.press("Grace");
    browser.until("her two photos are found", () -> browser.count(SHOWN) == 2);
    browser.press(Keys.TAB);
    browser.run("document.activeElement.blur()");
    browser.press(Keys.CONTROL, "z");
    browser.until("one photo is left", () -> browser.count(SHOWN) == 1);
    browser.press(Keys.CONTROL, "z");
    browser.read("No photo fits");
    assertThat(count("select count(*) from faces where status = 'ok'")).isZero();
    browser.find(".filters button[type=reset]").click();
    allAreSeen(10);
  }

  private void aMissedFaceIsDrawnByKeysAndByMouseAndThatIsUndone() {
    long photo =
        count(
            "select min(id) from images where width > 40 and height > 40 and id in (select image_id from jobs where queue = 'faces' and state = 'done') and id not in (select image_id from faces)");
    long before = count("select count(*) from faces");
    browser.open("/#/photos/" + photo);
    browser.find("dialog.viewer .frame img");
    browser.find("[data-focus=draw]").click();
    browser.press(Keys.ESCAPE);
    browser.until("it is left", () -> browser.count(".drawn") == 0);
    assertThat(browser.count("dialog.viewer[open]")).isEqualTo(1);
    browser.find("[data-focus=draw]").click();
    browser.press(Keys.ARROW_RIGHT, Keys.ENTER);
    browser.read("drawn on photo " + photo);
    browser.find("dialog.viewer .box.process");
    assertThat(count("select count(*) from faces")).isEqualTo(before + 1);
    browser.press(Keys.CONTROL, "z");
    browser.until("it is gone", () -> browser.count("dialog.viewer .box") == 0);

    browser.find("[data-focus=draw]").click();
    browser.drag("dialog.viewer .pane", 0.6, 0.6, 0.9, 0.9);
    browser.find("dialog.viewer .box.process");
    assertThat(
            count(
                "select count(*) from faces f join images i on i.id = f.image_id where f.status = 'process' and f.engine like 'drawn%' and abs(f.box_left - 0.6 * i.width) <= 0.05 * i.width and abs(f.box_width - 0.3 * i.width) <= 0.05 * i.width"))
        .isEqualTo(1);
    browser.press(Keys.CONTROL, "z");
    browser.until("it is gone, too", () -> browser.count("dialog.viewer .box") == 0);
  }

  private void aPhotoIsLookedAtTrashedAndRestored() {
    browser.press(Keys.HOME);
    browser.press(Keys.ENTER);
    browser.find("dialog.viewer .frame img");
    String first = browser.find("#photo-name").getText();
    browser.press(Keys.ARROW_RIGHT);
    browser.until("the next photo", () -> !browser.find("#photo-name").getText().equals(first));
    String gone = browser.find("#photo-name").getText();
    browser.press(Keys.DELETE);
    browser.read("lies in the trash");
    browser.press(Keys.ESCAPE);
    allAreSeen(9);
    goTo("Trash");
    browser.read(gone);
    browser.press(Keys.CONTROL, "z");
    browser.until(
        "it is back", () -> count("select count(*) from images where deleted_at is not null") == 0);
  }

  private void aPhotoThatWaitsSaysWhy() {
    long photo = count("select min(id) from images");
    api.post("/api/queues/metadata/pause");
    api.post("/api/photos/" + photo + "/jobs/metadata?force=true");
    browser.open("/#/photos/" + photo);
    browser.read("The queue metadata is paused: resume it.");
    api.post("/api/queues/metadata/resume");
  }

  private void aCityLeadsToItsPhotos() {
    String located =
        "select %s from images i join places p on p.id = i.place_id where city = 'Wien'";
    long photo = count(located.formatted("min(i.id)"));
    browser.open("/#/photos/" + photo);
    browser.find("dialog.viewer .place a[href='#/photos?city=Wien']").click();
    browser.read(count(located.formatted("count(*)")) + " photos in all");
    assertThat(browser.find("#filter-city").getDomProperty("value")).isEqualTo("Wien");
  }

  private void droppedOnceMoreNothingIsTakenTwice() {
    browser.drop("main", directory.resolve("album"));
    browser.read("All 20 files sent: 9 taken in, 9 there already, 2 refused.");
    assertThat(count("select count(*) from images")).isEqualTo(10);
  }

  /** The broken one alone has no picture. */
  private void allAreSeen(int photos) {
    browser.read(photos + " photos in all");
    browser.until(
        "all thumbnails on the screen are seen",
        () -> browser.count(SHOWN) > 2 && browser.count(".tile:not(:has(img.there))") == 1);
  }

  private void goTo(String view) {
    browser.find("nav[aria-label=Main]");
    browser.run(
        "[...document.querySelectorAll('nav[aria-label=Main] a')]"
            + ".find(a => a.firstChild.textContent === arguments[0]).click()",
        view);
  }
}
