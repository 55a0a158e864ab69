package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.face.FaceIndex;
import io.caravel.photo.Folded;
import io.caravel.route.Api.Answer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** {@code doors.camel.yaml}: the cameras and places by which photos can be filtered. */
class FacetsTest extends FlowTest {
  @Autowired FaceIndex index;
  private final String mark = UUID.randomUUID().toString().substring(0, 8);

  private Map<String, Long> facets(String path) {
    Answer answer = api.get(path);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    Map<String, Long> facets = new LinkedHashMap<>();
    for (JsonNode each : answer.json().path("items")) {
      facets.put(each.path("name").asText(), each.path("photos").asLong());
    }
    return facets;
  }

  private List<Long> found(String filter, String value) {
    String query = filter + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8);
    return api.get("/api/photos?" + query)
        .json()
        .path("items")
        .valueStream()
        .map(photo -> photo.path("id").asLong())
        .toList();
  }

  private long photo(Picture picture) {
    long photo = api.accepted("a.jpg", picture.bytes());
    settled(photo);
    return photo;
  }

  @ParameterizedTest
  @CsvSource({
    "Google,            Pixel 7 %s,     Google Pixel 7 %s",
    "NIKON CORPORATION, NIKON D70 %s,   NIKON D70 %s",
    "samsung,           SAMSUNG S21 %s, SAMSUNG S21 %s",
    "OLYMPUS 100%%_!,   E-M10 %s,       OLYMPUS 100%%_! E-M10 %s"
  })
  void aCameraIsNamedOnceByMakeAndModelAndFindsItsPhotos(String make, String model, String name) {
    long photo = photo(Picture.tiny().by(make.formatted(), model.formatted(mark)));
    String camera = name.formatted(mark);
    assertThat(facets("/api/cameras")).containsEntry(camera, 1L);
    assertThat(found("camera", camera)).containsExactly(photo);
  }

  @Test
  void theCameraWithMostPhotosComesFirstAndCaseDoesNotPartThem() {
    String many = "MANY " + mark;
    String few = "few " + mark;
    photo(Picture.tiny().by("Few", few));
    for (int i = 0; i < 2; i++) {
      photo(Picture.tiny().by("Many", many));
    }
    photo(Picture.tiny().by("Many", many.toLowerCase(Locale.ROOT)));
    assertThat(facets("/api/cameras")).containsEntry(many, 3L).containsEntry(few, 1L);
    assertThat(facets("/api/cameras").keySet()).containsSubsequence(many, few);
  }

  @Test
  void whatIsInTheTrashDoesNotCount() {
    long photo = photo(Picture.tiny().by("Acme", "Acme " + mark).at(47.4, 15.4));
    String place = "Graben " + mark;
    place(photo, place);
    assertThat(facets("/api/cameras")).containsEntry("Acme " + mark, 1L);
    assertThat(facets("/api/places?q=" + mark)).containsOnly(Map.entry(place, 1L));
    api.delete("/api/photos/" + photo);
    assertThat(facets("/api/cameras")).doesNotContainKey("Acme " + mark);
    assertThat(facets("/api/places?q=" + mark)).isEmpty();
  }

  @Test
  void placesAreFoundByPartOfTheirNameTheOneWithMostPhotosFirst() {
    long alone = photo(Picture.tiny().at(47.1, 15.1));
    long first = photo(Picture.tiny().at(47.2, 15.2));
    long near = photo(Picture.tiny().at(47.2001, 15.2));
    String graz = "Grazbachgasse, %s, Österreich".formatted(mark);
    String wien = "Zeltgasse, %s, Österreich".formatted(mark);
    place(alone, graz);
    place(first, wien);
    place(near, wien); // another point of the same name
    assertThat(facets("/api/places?q=" + mark).entrySet())
        .containsExactly(Map.entry(wien, 2L), Map.entry(graz, 1L));
    String part = URLEncoder.encode("BACHGASSE, " + mark + ", ö", StandardCharsets.UTF_8);
    assertThat(facets("/api/places?q=" + part)).containsOnly(Map.entry(graz, 1L));
    assertThat(facets("/api/places?q=" + mark + "%25")).as("no wildcard").isEmpty();
    assertThat(found("place", wien)).containsExactlyInAnyOrder(first, near);
    assertThat(facets("/api/places")).hasSizeBetween(2, 20);
  }

  @Test
  void aLongNameIsShortenedToWhatTheFilterTakes() {
    long photo = photo(Picture.tiny().at(47.3, 15.3));
    place(photo, mark + " " + "street ".repeat(40));
    Map<String, Long> places = facets("/api/places?q=" + mark);
    assertThat(places).hasSize(1);
    String name = places.keySet().iterator().next();
    assertThat(name).hasSizeBetween(190, 200).startsWith(mark + " street street");
    assertThat(found("place", name)).containsExactly(photo);
  }

  @Test
  void atMostTwentyPlacesAreTold() {
    FaceRows rows = new FaceRows(database, index);
    for (int i = 0; i <= 20; i++) {
      String name = mark + " " + i;
      database
          .sql(
              "insert into places (latitude, longitude, found, name) values (:i, -70, true, :name)")
          .param("i", i)
          .param("name", name)
          .update();
      database
          .sql(
              "update images set place_id = (select id from places where name = :name) where id = :id")
          .param("name", name)
          .param("id", rows.photo())
          .update();
    }
    assertThat(facets("/api/places?q=" + mark)).hasSize(20);
  }

  /** Calls the photo's place, which is its own, by another name. */
  private void place(long photo, String name) {
    database
        .sql(
            "update places set name = :name, folded = :folded where id = (select place_id from images where id = :id)")
        .param("name", name)
        .param("folded", Folded.of(name))
        .param("id", photo)
        .update();
  }
}
