package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.route.Api.Answer;
import io.caravel.route.Api.Part;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What tells when a photo was taken, from its arrival to the lists. */
class DatesTest extends FlowTest {
  private static final Instant WRITTEN = Instant.parse("2012-07-14T16:30:05.250Z");

  private JsonNode read(long photo) {
    assertThat(ended(photo, "metadata").path("state").asText()).isEqualTo("done");
    return api.get("/api/photos/" + photo).json();
  }

  private static String taken(JsonNode photo) {
    return photo.path("taken_at").asText().replaceAll("[+-]\\d\\d:\\d\\d$", "")
        + " "
        + photo.path("taken_from").asText();
  }

  private List<String> months(String query) {
    List<String> months = new ArrayList<>();
    api.get("/api/timeline?" + query)
        .json()
        .path("items")
        .forEach(month -> months.add(month.path("month").asText() + " " + month.path("photos")));
    return months;
  }

  private List<String> names(String query) {
    return api.get("/api/photos?" + query).json().path("items").findValuesAsText("filename");
  }

  @Test
  void lastModifiedCountsForTheFileThatFollowsItAndForNoOther() {
    Answer answer =
        api.upload(
            Part.file("first.jpg", Picture.tiny().bytes()),
            Part.field("lastModified", String.valueOf(WRITTEN.toEpochMilli())),
            Part.file("second.jpg", Picture.tiny().bytes()),
            Part.file("third.jpg", Picture.tiny().bytes()));
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    JsonNode photos = answer.json().path("photos");
    assertThat(taken(read(photos.path(0).path("id").asLong()))).isEqualTo("null null");
    JsonNode second = read(photos.path(1).path("id").asLong());
    assertThat(second.path("taken_from").asText()).isEqualTo("file");
    assertThat(Instant.from(java.time.OffsetDateTime.parse(second.path("taken_at").asText())))
        .isEqualTo(WRITTEN);
    assertThat(second.path("taken_zone_from").asText()).isEqualTo("setting");
    assertThat(taken(read(photos.path(2).path("id").asLong()))).isEqualTo("null null");
  }

  @ParameterizedTest
  @ValueSource(strings = {"yesterday", "", "1e12", "12345678901234567"})
  void aLastModifiedThatIsNoTimeIsRefused(String value) {
    Answer answer =
        api.upload(Part.field("lastModified", value), Part.file("a.jpg", Picture.tiny().bytes()));
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.detail()).contains("milliseconds since 1970");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-9999999999999999", "9999999999999999", "0"})
  void aTimeThatCannotBeIsNone(String value) {
    Answer answer =
        api.upload(Part.field("lastModified", value), Part.file("a.jpg", Picture.tiny().bytes()));
    assertThat(taken(read(answer.photo().path("id").asLong()))).isEqualTo("null null");
  }

  @Test
  void theSameFileAgainBringsItsTimeWithIt() {
    byte[] bytes = Picture.tiny().bytes();
    long photo = api.accepted("a.jpg", bytes);
    assertThat(taken(read(photo))).isEqualTo("null null");
    String written = String.valueOf(WRITTEN.toEpochMilli());
    api.upload(Part.field("lastModified", written), Part.file("a.jpg", bytes));
    assertThat(api.post("/api/photos/" + photo + "/jobs/metadata?force=true").status())
        .isLessThan(300);
    assertThat(read(photo).path("taken_from").asText()).isEqualTo("file");
  }

  @Test
  void aFileOfTheInboxKeepsItsTimeUnlessItWasWrittenOnlyNow() throws Exception {
    String old = UUID.randomUUID() + ".jpg";
    String copied = UUID.randomUUID() + ".jpg";
    for (String name : List.of(old, copied)) {
      Path file = Files.write(home(name), Picture.tiny().bytes());
      if (name.equals(old)) {
        Files.setLastModifiedTime(file, FileTime.from(WRITTEN));
      }
      Files.move(file, inbox().resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
    for (String name : List.of(old, copied)) {
      eventually("it is there", () -> !names("q=" + name).isEmpty());
      long id = api.get("/api/photos?q=" + name).json().at("/items/0/id").asLong();
      JsonNode photo = read(id);
      assertThat(photo.path("taken_from").asText())
          .as(name)
          .isEqualTo(name.equals(old) ? "file" : "null");
    }
    Path done = inbox().resolve(".done").resolve(old);
    eventually("it lies in .done", () -> Files.exists(done));
    assertThat(Files.getLastModifiedTime(done).toInstant()).isEqualTo(WRITTEN);
  }

  @Test
  void theUploadIsNeverADate() {
    String mark = UUID.randomUUID().toString();
    long photo = api.accepted(mark + ".jpg", Picture.tiny().bytes());
    assertThat(months("q=" + mark)).containsExactly("null 1");
    JsonNode read = read(photo);
    assertThat(read.path("taken_at").isNull()).isTrue();
    assertThat(read.path("taken_from").isNull()).isTrue();
    assertThat(months("q=" + mark)).containsExactly("null 1");
    assertThat(months("q=" + mark + "&dated=false")).containsExactly("null 1");
    assertThat(names("q=" + mark + "&dated=true")).isEmpty();
    assertThat(names("q=" + mark + "&from=1000-01-01")).isEmpty();
  }

  /** Each in the order of the list: the year before its December, the month behind its days. */
  @Test
  void aPartOfADateIsKeptAndSortedIntoItsYearOrMonth() {
    String mark = UUID.randomUUID().toString();
    String[] days = {
      "1986:01:01 00:00:00",
      "1985:00:00 00:00:00",
      "1985:12:31 23:59:59",
      "1985:06:15",
      "1985:06:00 00:00:00",
      "1985:01:01 00:00:00",
      "1984:12:31 23:59:59",
      "0000:00:00 00:00:00",
    };
    List<Long> photos = new ArrayList<>();
    for (int i = days.length - 1; i >= 0; i--) {
      photos.add(api.accepted(mark + "-" + i, Picture.tiny().takenAt(days[i]).bytes()));
    }
    photos.forEach(this::read);
    assertThat(names("q=" + mark))
        .containsExactly(
            mark + "-0",
            mark + "-1",
            mark + "-2",
            mark + "-3",
            mark + "-4",
            mark + "-5",
            mark + "-6",
            mark + "-7");
    assertThat(months("q=" + mark))
        .containsExactly(
            "1986-01 1", "1985 1", "1985-12 1", "1985-06 2", "1985-01 1", "1984-12 1", "null 1");
    assertThat(api.get("/api/photos?q=" + mark).json().findValuesAsText("taken_at"))
        .map(each -> each.replaceAll("T.*", ""))
        .containsExactly(
            "1986-01-01",
            "1985",
            "1985-12-31",
            "1985-06-15",
            "1985-06",
            "1985-01-01",
            "1984-12-31",
            "null");
    assertThat(names("q=" + mark + "&from=1985-01-01&to=1985-12-31")).hasSize(5);
    api.delete("/api/photos/" + photos.get(6));
    assertThat(api.get("/api/trash?size=1").json().at("/items/0/taken_at").asText())
        .isEqualTo("1985");
  }

  @Test
  void addedIsAnOrderOfItsOwn() {
    String mark = UUID.randomUUID().toString();
    for (String year : List.of("2020", "2022", "2021")) {
      read(api.accepted(mark + year, Picture.tiny().takenAt(year + ":01:02 03:04:05").bytes()));
    }
    assertThat(names("q=" + mark)).containsExactly(mark + "2022", mark + "2021", mark + "2020");
    assertThat(names("q=" + mark + "&order=taken")).isEqualTo(names("q=" + mark));
    assertThat(names("q=" + mark + "&order=added"))
        .containsExactly(mark + "2021", mark + "2022", mark + "2020");
    assertThat(names("q=" + mark + "&order=added&from=2021-01-01&damaged=false"))
        .containsExactly(mark + "2021", mark + "2022");
    assertThat(api.get("/api/photos?order=size").status()).isEqualTo(400);
  }

  @Test
  void aDateThatIsPassedOverStandsInTheJourney() {
    String day = "2099:01:01 00:00:00";
    long photo = api.accepted("IMG-20190704-WA0003.jpg", Picture.tiny().takenAt(day).bytes());
    assertThat(taken(read(photo))).isEqualTo("2019-07-04 name");
    JsonNode steps = api.get("/api/photos/" + photo + "/journey").json().path("items");
    assertThat(steps.findValuesAsText("sentence"))
        .contains(
            "DateTimeOriginal \"2099:01:01 00:00:00\" lies in the future: it was passed over.");
  }

  @Test
  void aPhotoMayLieADayAhead() {
    Instant soon = Instant.now().plus(Duration.ofHours(20));
    String written = String.valueOf(soon.toEpochMilli());
    Answer answer =
        api.upload(Part.field("lastModified", written), Part.file("a.jpg", Picture.tiny().bytes()));
    assertThat(read(answer.photo().path("id").asLong()).path("taken_from").asText())
        .isEqualTo("file");
  }
}
