package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.face.FaceIndex;
import io.caravel.route.Api.Answer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** {@code doors.camel.yaml}: the lists that the page is made of, beside that of the photos. */
class ListsTest extends FlowTest {
  @Autowired FaceIndex index;
  private FaceRows rows;
  private String mark = "";

  @BeforeEach
  void begin() {
    rows = new FaceRows(database, index);
    mark = "L" + UUID.randomUUID().toString().substring(0, 8) + " ";
  }

  private JsonNode got(String path) {
    Answer answer = api.get(path);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json();
  }

  private List<Long> faces(String query) {
    JsonNode page = got("/api/faces?size=500&" + query);
    List<Long> ids = new ArrayList<>();
    page.path("items").forEach(face -> ids.add(face.path("id").asLong()));
    assertThat(page.path("total").asInt()).isEqualTo(ids.size());
    return ids;
  }

  private long named(String name) {
    return named(rows.face(FaceRows.somebody()), name);
  }

  private long named(long face, String name) {
    Answer answer =
        api.post(
            "/api/decisions",
            "{\"faces\":[%d],\"action\":\"confirm\",\"name\":\"%s\"}".formatted(face, mark + name));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return face;
  }

  private long suggested(long person, double distance) {
    long face = rows.face(rows.photo(), FaceRows.somebody(), person);
    database
        .sql("update faces set distance = :distance where id = :id")
        .param("distance", distance)
        .param("id", face)
        .update();
    return face;
  }

  private void trash(long face) {
    long photo = got("/api/faces/" + face).path("photo_id").asLong();
    assertThat(api.delete("/api/photos/" + photo).status()).isEqualTo(204);
  }

  @Test
  void theFacesOfAPersonAreThoseConfirmedAndThoseSuggested() {
    long ada = named("Ada");
    long far = suggested(ada, 0.5);
    long near = suggested(ada, 0.3);
    long confirmed = named(suggested(ada, 0.4), "Ada");
    long other = suggested(named("Eve"), 0.1);
    for (long any : List.of(ada, far, confirmed)) {
      assertThat(faces("person=" + any)).containsExactly(ada, far, near, confirmed);
    }
    assertThat(faces("person=" + ada + "&status=process")).containsExactly(far, near);
    assertThat(faces("person=" + ada + "&status=process&order=distance"))
        .containsExactly(near, far);
    assertThat(faces("person=" + ada + "&status=ok")).containsExactly(ada, confirmed);
    assertThat(faces("person=" + ada + "&after=" + far)).containsExactly(near, confirmed);
    assertThat(faces("person=" + ada + "&suggested=true")).containsExactly(far, near);
    assertThat(faces("person=" + ada + "&suggested=false")).isEmpty();
    assertThat(faces("person=" + ada)).doesNotContain(other);
    trash(near);
    assertThat(faces("person=" + ada + "&status=process")).containsExactly(far);
  }

  @Test
  void aFaceIsSuggestedToBeAPersonAndNotAnUnnamedFaceOfItsPhoto() {
    long after = rows.face(FaceRows.somebody());
    long ada = named("Ada");
    long thoughtToBeAda = suggested(ada, 0.4);
    long first = rows.face(FaceRows.somebody());
    long sameAsFirst = suggested(first, 0.2);
    String these = "after=" + after + "&suggested=";
    assertThat(faces(these + true)).containsExactly(thoughtToBeAda);
    assertThat(faces(these + false)).containsExactly(first, sameAsFirst);
    assertThat(faces(these + false + "&order=distance")).containsExactly(sameAsFirst, first);
    assertThat(faces(these + false + "&status=ok")).isEmpty();
    assertThat(got("/api/faces/" + thoughtToBeAda).path("suggested_name").asText())
        .isEqualTo(mark + "Ada");
    for (long nobody : List.of(ada, first, sameAsFirst)) {
      assertThat(got("/api/faces/" + nobody).path("suggested_name").isNull()).isTrue();
    }
    named(thoughtToBeAda, "Ada");
    assertThat(got("/api/faces/" + thoughtToBeAda).path("suggested_name").isNull()).isTrue();
  }

  @Test
  void facesComeInPagesAndTheTotalCountsAll() {
    long ada = named("Ada");
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(suggested(ada, 0.5 - i * 0.1));
    }
    String these = "/api/faces?status=process&order=distance&size=2&person=" + ada;
    JsonNode second = got(these + "&page=1");
    assertThat(second.path("total").asInt()).isEqualTo(5);
    assertThat(second.at("/items/0/id").asLong()).isEqualTo(all.get(2));
    assertThat(second.at("/items/1/id").asLong()).isEqualTo(all.get(1));
    assertThat(got(these + "&page=3").path("items")).isEmpty();
  }

  @Test
  void thePeopleWithMostToReviewComeFirst() {
    long few = named("Few");
    long none = named("None");
    long many = named("Many");
    long asMany = named("As many");
    suggested(few, 0.4);
    for (long person : List.of(many, asMany)) {
      suggested(person, 0.4);
      suggested(person, 0.5);
    }
    trash(suggested(none, 0.4));
    String these = "/api/people?q=" + mark.strip();
    assertThat(names(these + "&suggested=true")).containsExactly("As many 2", "Many 2", "Few 1");
    assertThat(names(these + "&suggested=false"))
        .containsExactly("As many 2", "Few 1", "Many 2", "None 0");
    assertThat(names(these + "&suggested=true&size=2&page=1")).containsExactly("Few 1");
    assertThat(got(these + "&suggested=true&size=2").path("total").asInt()).isEqualTo(3);
  }

  private List<String> names(String path) {
    List<String> names = new ArrayList<>();
    got(path)
        .path("items")
        .forEach(
            person ->
                names.add(
                    person.path("name").asText().replace(mark, "")
                        + " "
                        + person.path("suggested")));
    return names;
  }

  @Test
  void theTrashTellsWhatLiesInItAndUntilWhen() {
    List<Long> photos = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      photos.add(api.accepted(mark + i, Picture.of(60, 40).bytes()));
      settled(photos.get(i));
    }
    long before = got("/api/trash").path("total").asLong();
    for (int i = 0; i < 2; i++) {
      trashedAt(photos.get(i), "2100-01-0" + (i + 1) + " 12:00:00");
    }
    JsonNode trash = got("/api/trash?size=2");
    assertThat(trash.path("total").asLong()).isEqualTo(before + 2);
    assertThat(trash.path("items").findValuesAsText("id"))
        .containsExactly(photos.get(1).toString(), photos.get(0).toString());
    JsonNode first = trash.at("/items/0");
    assertThat(first.path("filename").asText()).isEqualTo(mark + 1);
    assertThat(first.path("width").asInt()).isEqualTo(60);
    assertThat(first.path("trashed_at").asText()).isEqualTo("2100-01-02T12:00:00Z");
    assertThat(first.path("purge_at").asText()).isEqualTo("2100-02-01T12:00:00Z");
    assertThat(got("/api/trash?size=1&page=1").at("/items/0/id").asLong()).isEqualTo(photos.get(0));

    assertThat(thumbnail("trash", photos.get(0)).header("Content-Type")).isEqualTo("image/jpeg");
    assertThat(thumbnail("photos", photos.get(0)).status()).isEqualTo(404);
    assertThat(thumbnail("trash", photos.get(2)).status()).isEqualTo(404);
    photos.forEach(photo -> api.post("/api/photos/" + photo + "/restore"));
    assertThat(thumbnail("trash", photos.get(0)).status()).isEqualTo(404);
    assertThat(got("/api/trash").path("total").asLong()).isEqualTo(before);
  }

  private Answer thumbnail(String where, long photo) {
    return api.get("/api/%s/%d/thumbnails/cover-300x300".formatted(where, photo));
  }

  private void trashedAt(long photo, String time) {
    assertThat(api.delete("/api/photos/" + photo).status()).isEqualTo(204);
    database
        .sql("update images set deleted_at = :time where id = :id")
        .param("time", time)
        .param("id", photo)
        .update();
  }

  @Test
  void theNamesOfCamerasAndPlacesFindTheirPhotos() {
    String make = "M" + mark.strip();
    taken(make + " Pixel 7");
    taken(make + " Pixel 7");
    long parted = taken(make + " D70");
    database
        .sql("update image_text set camera_model = 'D70' where image_id = :id")
        .param("id", parted)
        .update();
    assertThat(api.delete("/api/photos/" + taken(make + " Gone")).status()).isEqualTo(204);
    List<String> cameras = new ArrayList<>();
    for (JsonNode camera : got("/api/cameras").path("items")) {
      String name = camera.path("name").asText();
      if (name.startsWith(make)) {
        cameras.add(name.replace(make, "M") + " " + camera.path("photos"));
        JsonNode found = got("/api/photos?camera=" + name.replace(" ", "%20"));
        assertThat(found.path("total")).isEqualTo(camera.path("photos"));
      }
    }
    assertThat(cameras).containsExactly("M Pixel 7 2", "M D70 1");

    JsonNode place = got("/api/places?q=STEPHANSPL").at("/items/0");
    assertThat(place.path("name").asText()).isEqualTo("1, Stephansplatz, Wien, Österreich");
    assertThat(got("/api/photos?place=1,%20Stephansplatz,%20Wien").path("total"))
        .isEqualTo(place.path("photos"));
    assertThat(got("/api/places?q=%25").path("items")).isEmpty();
    assertThat(got("/api/places").path("items")).isNotEmpty();
  }

  private long taken(String camera) {
    long photo = api.accepted(mark, Picture.tiny().by(camera).at(48.2085, 16.3731).bytes());
    settled(photo);
    return photo;
  }

  @Test
  void aNodeTellsHowItIsSetUp() {
    JsonNode node = got("/api/about");
    assertThat(node.path("user").isNull()).isTrue();
    assertThat(node.path("inbox").asText()).isEqualTo(inbox().toString());
    assertThat(node.path("version").asText()).matches("\\d+\\..*");
    assertThat(node.path("thumbnails"))
        .extracting(JsonNode::asText)
        .containsExactly("cover-300x300", "scale-1600x1600");
    assertThat(node.path("max_upload_mb").asInt()).isEqualTo(8);
    assertThat(node.path("trash_days").asInt()).isEqualTo(30);
    assertThat(node.path("face_threshold").asDouble()).isEqualTo(0.6);
    assertThat(node.path("geocoding").asBoolean()).isTrue();
    assertThat(node.at("/nominatim/period_ms").asInt()).isEqualTo(5);
    assertThat(node.path("roles")).hasSize(6);
    assertThat(node.path("photos").asLong()).isEqualTo(got("/api/photos").path("total").asLong());
  }
}
