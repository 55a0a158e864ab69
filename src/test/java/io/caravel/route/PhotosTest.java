package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.photo.Disks;
import io.caravel.photo.Originals;
import io.caravel.photo.Photo;
import io.caravel.photo.Photos;
import io.caravel.route.Api.Answer;
import io.caravel.route.Api.Part;
import io.caravel.search.TextIndex;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** {@code doors.camel.yaml} and {@code upkeep.camel.yaml}: photos found, looked at, trashed. */
class PhotosTest extends FlowTest {
  @Autowired Photos photos;
  @Autowired Disks disks;
  @Autowired ProducerTemplate producer;
  @Autowired TextIndex texts;

  private List<String> found(String query) {
    Answer answer = api.get("/api/photos?" + query);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    List<String> names = answer.json().path("items").findValuesAsText("filename");
    assertThat(answer.json().path("total").asInt()).isGreaterThanOrEqualTo(names.size());
    assertThat(timeline(query.replaceAll("&(page|size)=\\d+", "")).path("total"))
        .isEqualTo(answer.json().path("total"));
    return names;
  }

  private JsonNode timeline(String query) {
    Answer answer = api.get("/api/timeline?" + query);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "q=%s | vienna,plain",
        "q=%s-vie | vienna",
        "q=%s&camera=pixel | vienna",
        "q=%s&camera=PIXEL 7 | vienna",
        "q=%s&place=stephansplatz | vienna",
        "q=%s&place=nowhere | ''",
        "q=%s&city=WIEN | vienna",
        "q=%s&city=wi | ''",
        "q=%s&country=osterreich | vienna",
        "q=%s&country=wien | ''",
        "q=%s&placed=true | vienna",
        "q=%s&placed=false | plain",
        "q=%s&from=2024-07-14 | vienna",
        "q=%s&from=2024-07-15 | ''",
        "q=%s&to=2024-07-14 | vienna",
        "q=%s&to=2024-07-13 | ''",
        "q=%s&from=2024-07-14&to=2024-07-14 | vienna",
        "q=%s&damaged=false | vienna,plain",
        "q=%s&damaged=true | ''",
        "q=%s&state=done | vienna,plain",
        "q=%s&state=skipped | plain",
        "q=%s&state=failed | ''",
        "q=%s%%25 | ''",
        "q=%s_ | ''"
      })
  void theListIsFilteredBy(String query, String expected) {
    String mark = UUID.randomUUID().toString();
    Picture vienna =
        Picture.tiny().at(48.2085, 16.3731).by("Google Pixel 7").takenAt("2024:07:14 18:30:05");
    settled(api.accepted(mark + "-plain.jpg", Picture.tiny().bytes()));
    settled(api.accepted(mark + "-vienna.jpg", vienna.bytes()));
    List<String> names =
        found(query.formatted(mark).replace(" ", "%20")).stream()
            .map(name -> name.replace(mark + "-", "").replace(".jpg", ""))
            .toList();
    assertThat(names)
        .containsExactlyInAnyOrder(expected.isEmpty() ? new String[0] : expected.split(","));
  }

  @Test
  void pagesFollowEachOtherNewestFirstAndTheTotalCountsAll() {
    String mark = UUID.randomUUID().toString();
    for (int day = 1; day <= 5; day++) {
      Picture picture = Picture.tiny().takenAt("2021:01:0" + day + " 12:00:00");
      settled(api.accepted(mark + "-" + day, picture.bytes()));
    }
    assertThat(found("q=" + mark + "&size=2")).containsExactly(mark + "-5", mark + "-4");
    assertThat(found("q=" + mark + "&size=2&page=1")).containsExactly(mark + "-3", mark + "-2");
    assertThat(found("q=" + mark + "&size=2&page=2")).containsExactly(mark + "-1");
    assertThat(found("q=" + mark + "&size=2&page=3")).isEmpty();
    assertThat(api.get("/api/photos?size=1&q=" + mark).json().path("total").asInt()).isEqualTo(5);
  }

  @Test
  void theTimelineSaysWhereInTheListEachMonthBegins() {
    String mark = UUID.randomUUID().toString();
    List<String> days =
        List.of("2021:12:31 23:59:59", "2022:01:01 00:00:00", "2022:01:31 12:00:00");
    for (String day : days) {
      settled(api.accepted(mark, Picture.tiny().takenAt(day).bytes()));
    }
    settled(api.accepted(mark, Picture.tiny().bytes()));
    assertThat(months("q=" + mark)).containsExactly("2022-01 2", "2021-12 1", "null 1");
    assertThat(months("q=" + mark + "&to=2021-12-31")).containsExactly("2021-12 1");
    assertThat(months("q=" + mark + "&from=2023-01-01")).isEmpty();
    assertThat(months("q=" + mark + "&dated=false")).containsExactly("null 1");
    assertThat(months("q=" + mark + "&dated=true")).containsExactly("2022-01 2", "2021-12 1");
    String arrived = java.time.YearMonth.now(java.time.ZoneOffset.UTC).toString();
    assertThat(months("q=" + mark + "&order=added")).containsExactly(arrived + " 4");
    assertThat(
            api.get("/api/photos?size=1&page=2&q=" + mark).json().at("/items/0/taken_at").asText())
        .startsWith("2021-12");
  }

  /** Beyond some number they are not asked for one by one. */
  @Test
  void aTextThatIsInManyPhotosFiltersListAndTimelineAsAnyOther() {
    String mark = UUID.randomUUID().toString();
    long first = 7_000_000_000L;
    int many = 1100;
    try {
      for (int n = 0; n < many; n++) {
        database
            .sql(
                """
                insert into images (id, sha256, filename, mime_type, bytes, source_disk, source_path, source_filename, dated_at, damaged)
                values (:id, :sha256, :name, 'image/jpeg', 1, 'private', 'gone', :name, :dated, :damaged)
                """)
            .param("id", first + n)
            .param("sha256", Originals.fingerprint((mark + n).getBytes(StandardCharsets.UTF_8)))
            .param("name", mark + "-" + n)
            .param("dated", n < 100 ? Photos.UNDATED : "20%02d-06-01 12:00:00.000".formatted(n % 2))
            .param("damaged", n == 700)
            .update();
        database
            .sql("insert into image_text (image_id, filename, words) values (:id, :name, :name)")
            .param("id", first + n)
            .param("name", mark + "-" + n)
            .update();
        database
            .sql("insert into changes (kind, image_id) values ('accepted', :id)")
            .param("id", first + n)
            .update();
      }
      eventually("the index answers", () -> texts.holding(mark, many).isPresent());
      assertThat(texts.holding(mark, many).orElseThrow()).hasSize(many);
      assertThat(months("q=" + mark)).containsExactly("2001-06 500", "2000-06 500", "null 100");
      assertThat(found("q=" + mark + "&size=2")).containsExactly(mark + "-1099", mark + "-1097");
      assertThat(found("q=" + mark + "&size=1&page=500")).containsExactly(mark + "-1098");
      assertThat(found("q=" + mark + "&damaged=true")).containsExactly(mark + "-700");
      assertThat(found("q=" + mark + "-109&size=500")).hasSize(11);
    } finally {
      database
          .sql("delete from images where id between :from and :to")
          .param("from", first)
          .param("to", first + many)
          .update();
    }
  }

  private List<String> months(String query) {
    List<String> months = new ArrayList<>();
    timeline(query)
        .path("items")
        .forEach(month -> months.add(month.path("month").asText() + " " + month.path("photos")));
    return months;
  }

  @Test
  void aPhotoIsFoundByTheWordsOfOneFieldAndNotAcrossTwo() {
    String mark = UUID.randomUUID().toString();
    settled(api.accepted(mark, Picture.tiny().by("Google Pixel 7").bytes()));
    assertThat(found("q=" + mark + "&camera=google%20google%20pixel")).containsExactly(mark);
    assertThat(found("q=" + mark + "google")).isEmpty();
    assertThat(found("q=" + mark + "%0Agoogle")).isEmpty();
  }

  @Test
  void aPhotoTellsWhatIsKnownOfItAndNullWhereNothingIs() {
    Picture picture =
        Picture.of(60, 40)
            .orientation(6)
            .by("Google Pixel 7")
            .takenAt("2024:07:14 18:30:05")
            .at(48.2085, 16.3731);
    JsonNode photo = settled(api.accepted("a.jpg", picture.bytes()));
    assertThat(photo.path("width").asInt()).isEqualTo(40);
    assertThat(photo.path("height").asInt()).isEqualTo(60);
    assertThat(photo.path("orientation").asInt()).isEqualTo(6);
    assertThat(photo.path("camera_make").asText()).isEqualTo("Google");
    assertThat(photo.path("camera_model").asText()).isEqualTo("Google Pixel 7");
    assertThat(photo.path("taken_at").asText()).isEqualTo("2024-07-14T18:30:05+02:00");
    assertThat(photo.path("taken_zone").asText()).isEqualTo("Europe/Vienna");
    assertThat(photo.path("taken_zone_from").asText()).isEqualTo("position");
    assertThat(photo.path("created_at").asText()).matches("\\d{4}-.*T.*Z");

    JsonNode plain = settled(api.accepted("b.jpg", Picture.tiny().bytes()));
    for (String unknown : List.of("taken_at", "lens", "latitude", "place", "damage")) {
      assertThat(plain.has(unknown)).as(unknown).isTrue();
      assertThat(plain.path(unknown).isNull()).as(unknown).isTrue();
    }
  }

  @Test
  void theMetadataAreAllThatExiftoolSaid() {
    long photo = api.accepted("a.jpg", Picture.tiny().by("Google Pixel 7").bytes());
    settled(photo);
    Answer metadata = api.get("/api/photos/" + photo + "/metadata");
    assertThat(metadata.status()).isEqualTo(200);
    assertThat(metadata.text()).contains("Pixel 7");
    assertThat(metadata.json().path("IFD0:Model").asText())
        .as("ExifTool's own object")
        .isEqualTo("Google Pixel 7");
  }

  @Test
  void theJourneyTellsEachStepWithItsDuration() {
    long photo = api.accepted("a.jpg", Picture.tiny().at(48.2085, 16.3731).bytes());
    settled(photo);
    JsonNode steps = api.get("/api/photos/" + photo + "/journey").json().path("items");
    assertThat(steps.findValuesAsText("step"))
        .startsWith("intake")
        .containsExactlyInAnyOrder("intake", "thumbnails", "metadata", "geolocation", "faces");
    assertThat(steps.findValuesAsText("outcome"))
        .containsExactly("accepted", "done", "done", "done", "done");
    for (JsonNode step : steps) {
      boolean job = !step.path("step").asText().equals("intake");
      assertThat(step.path("duration_ms").isNumber()).isEqualTo(job);
      assertThat(step.path("started_at").isNull()).isEqualTo(!job);
    }
  }

  @Test
  void whatIsInTheTrashIsInvisibleEverywhereUntilRestored() {
    byte[] bytes = withoutPixels();
    String mark = UUID.randomUUID().toString();
    long photo = api.accepted(mark, bytes);
    ended(photo, "metadata");
    assertThat(ended(photo, "thumbnails").path("state").asText()).isEqualTo("failed");
    long good = api.accepted(mark + "-good", Picture.tiny().bytes());
    settled(good);
    String trashed = "/api/photos/" + photo;

    for (long each : List.of(photo, good)) {
      assertThat(api.delete("/api/photos/" + each).status()).isEqualTo(204);
      assertThat(api.delete("/api/photos/" + each).status()).isEqualTo(404);
      for (String path : List.of("", "/original", "/metadata", "/journey")) {
        assertThat(api.get("/api/photos/" + each + path).status()).as(path).isEqualTo(404);
      }
    }
    assertThat(api.get("/api/photos/" + good + "/thumbnails/cover-300x300").status())
        .isEqualTo(404);
    assertThat(api.post(trashed + "/jobs/metadata").status()).isEqualTo(404);
    assertThat(found("q=" + mark)).isEmpty();
    assertThat(api.get("/api/failures").json().findValuesAsText("photo_id"))
        .doesNotContain(String.valueOf(photo));

    Answer restored = api.post(trashed + "/restore");
    assertThat(restored.status()).as(restored.text()).isEqualTo(200);
    assertThat(restored.json().path("id").asLong()).isEqualTo(photo);
    assertThat(found("q=" + mark)).containsExactly(mark);
    assertThat(api.get("/api/failures").json().findValuesAsText("photo_id"))
        .contains(String.valueOf(photo));
    assertThat(api.get(trashed + "/journey").json().findValuesAsText("outcome"))
        .contains("trashed", "restored");
    assertThat(api.post("/api/photos/999999999/restore").status()).isEqualTo(404);
  }

  /** A JPEG that ends where its pixels would begin. */
  private static byte[] withoutPixels() {
    byte[] bytes = Picture.tiny().bytes();
    return java.util.Arrays.copyOf(bytes, bytes.length - 60);
  }

  @Test
  void theSameBytesAgainBringAPhotoBackFromTheTrash() {
    byte[] bytes = Picture.tiny().bytes();
    long photo = api.accepted("a.jpg", bytes);
    settled(photo);
    api.delete("/api/photos/" + photo);
    JsonNode again = api.upload(Part.file("b.jpg", bytes)).photo();
    assertThat(again.path("status").asText()).isEqualTo("exists");
    assertThat(again.path("id").asLong()).isEqualTo(photo);
    assertThat(api.get("/api/photos/" + photo).status()).isEqualTo(200);
  }

  @Test
  void afterThirtyDaysFilesAndRowAreDeletedAndTheSameBytesAreNewAgain() {
    byte[] bytes = Picture.tiny().bytes();
    long photo = api.accepted("a.jpg", bytes);
    JsonNode settled = settled(photo);
    Photo known = photos.photo(photo);
    Path original = disks.resolve(known.disk(), known.path(), known.file());
    Path thumbnail = disks.thumbnailFile(known.sha256(), "cover-300x300", "jpg");
    assertThat(thumbnail).exists();
    assertThat(settled.path("sha256").asText()).isEqualTo(known.sha256());
    api.delete("/api/photos/" + photo);
    lived(30);
    trashedSince(photo, 29);
    clean();
    assertThat(original).exists();
    assertThat(count("select count(*) from images where id = " + photo)).isOne();

    trashedSince(photo, 31);
    clean();
    assertThat(original).doesNotExist();
    assertThat(thumbnail.getParent()).doesNotExist();
    assertThat(count("select count(*) from images where id = " + photo)).isZero();

    JsonNode again = api.upload(Part.file("a.jpg", bytes)).photo();
    assertThat(again.path("status").asText()).isEqualTo("accepted");
    JsonNode anew = settled(again.path("id").asLong());
    assertThat(anew.at("/jobs/thumbnails/state").asText()).isEqualTo("done");
    assertThat(Files.exists(original)).isTrue();
  }

  @Test
  void theTrashTellsWhatLiesInItTheNewestFirstAndUntilWhen() {
    Picture picture = Picture.of(60, 40).orientation(6).takenAt("2024:07:14 18:30:05");
    long older = api.accepted("older.jpg", picture.at(48.2085, 16.3731).bytes());
    long newer = api.accepted("newer.jpg", Picture.tiny().bytes());
    long kept = api.accepted("kept.jpg", Picture.tiny().bytes());
    JsonNode known = settled(older);
    settled(newer);
    long before = api.get("/api/trash").json().path("total").asLong();
    for (long photo : List.of(older, newer)) {
      api.delete("/api/photos/" + photo);
    }
    trashedSince(newer, -2); // before anything else that lies there
    trashedSince(older, -1);

    JsonNode trash = api.get("/api/trash?size=2").json();
    assertThat(trash.path("total").asLong()).isEqualTo(before + 2);
    assertThat(trash.path("items").findValuesAsText("filename"))
        .containsExactly("newer.jpg", "older.jpg");
    JsonNode second = api.get("/api/trash?size=1&page=1").json().path("items").path(0);
    assertThat(second.path("id").asLong()).isEqualTo(older);
    for (String same : List.of("mime_type", "bytes", "width", "height", "taken_at")) {
      assertThat(second.path(same)).as(same).isEqualTo(known.path(same));
    }
    assertThat(second.path("taken_at").asText()).isEqualTo("2024-07-14T18:30:05+02:00");
    assertThat(Instant.parse(second.path("purge_at").asText()))
        .isEqualTo(Instant.parse(second.path("trashed_at").asText()).plus(30, ChronoUnit.DAYS));

    String thumbnail = "/thumbnails/cover-300x300";
    assertThat(api.get("/api/trash/" + older + thumbnail).header("Content-Type"))
        .isEqualTo("image/jpeg");
    assertThat(api.get("/api/trash/" + kept + thumbnail).status()).isEqualTo(404);
    api.post("/api/photos/" + older + "/restore");
    assertThat(api.get("/api/trash/" + older + thumbnail).status()).isEqualTo(404);
    assertThat(api.get("/api/trash").json().path("total").asLong()).isEqualTo(before + 1);
    assertThat(api.get("/api/photos/" + older + thumbnail).status()).isEqualTo(200);
    api.post("/api/photos/" + newer + "/restore");
  }

  private void trashedSince(long photo, int days) {
    database
        .sql(
            "update images set deleted_at = timestampadd(day, :days, current_timestamp(3)) where id = :id")
        .param("days", -days)
        .param("id", photo)
        .update();
  }

  @Test
  void aClockThatWasSetAheadOrBackEmptiesNoTrash() throws Exception {
    lived(30);
    long photo = api.accepted("wrong.jpg", Picture.tiny().bytes());
    api.delete("/api/photos/" + photo);
    // All stored times forty days earlier: what a clock that jumps forty days ahead makes of them.
    shift(-40);
    clean();
    assertThat(api.get("/api/trash").json().findValuesAsText("id")).contains("" + photo);

    // Set right again, it is forty days back.
    shift(40);
    clean();
    assertThat(api.get("/api/trash").json().findValuesAsText("id")).contains("" + photo);
    api.post("/api/photos/" + photo + "/restore");
  }

  private void shift(int days) {
    for (String time : List.of("images set deleted_at", "lived_time set shown_at")) {
      database
          .sql(
              "update %s = timestampadd(day, :days, %s)"
                  .formatted(time, time.substring(time.lastIndexOf(' ') + 1)))
          .param("days", days)
          .update();
    }
  }

  /** Lets the route {@code clean} do now what its timer has it do every hour. */
  private void clean() {
    producer.sendBody("direct:trash", "");
  }

  @Test
  void anOriginalIsDeliveredWholeInRangesAndByHead() throws Exception {
    byte[] bytes = Picture.tiny().bytes();
    long photo = api.accepted("weiße Blüte.jpg", bytes);
    String path = "/api/photos/" + photo + "/original";
    Answer whole = api.get(path);
    assertThat(whole.body()).isEqualTo(bytes);
    assertThat(whole.header("Content-Disposition")).contains("UTF-8''wei%C3%9Fe%20Bl%C3%BCte.jpg");
    Answer range = api.get(path, "Range", "bytes=2-11");
    assertThat(range.status()).isEqualTo(206);
    assertThat(range.body()).isEqualTo(java.util.Arrays.copyOfRange(bytes, 2, 12));
    assertThat(api.get(path, "Range", "bytes=99999999-").status()).isEqualTo(416);
    assertThat(api.get(path, "If-None-Match", whole.header("ETag")).status()).isEqualTo(304);
    Answer head = api.send("HEAD", path, null);
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.header("Content-Length")).isEqualTo(String.valueOf(bytes.length));
    assertThat(head.body()).isEmpty();
  }
}
