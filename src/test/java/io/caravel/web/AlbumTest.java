package io.caravel.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravel.face.DrawnFace;
import io.caravel.route.Api.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The drawn folder is what the tests that drop it take it for. */
class AlbumTest extends PageTest {
  @Test
  void itHasPhotosFacesHostileNamesABrokenOneAndWhatIsNoPhoto(@TempDir Path directory)
      throws IOException {
    JsonNode answers = upload(Album.in(directory));

    assertThat(answers.path(Album.TEXT).path("status").asText()).isEqualTo("rejected");
    assertThat(answers.path(Album.LITTER).path("status").asText()).isEqualTo("rejected");
    assertThat(answers.findValues("id")).hasSize(9);
    assertThat(Album.LONG).hasSizeBetween(200, 255);

    assertThat(photo(answers, Album.MARKUP).path("place").isNull()).isFalse();
    assertThat(photo(answers, Album.RIGHT_TO_LEFT).path("camera_model").asText())
        .isEqualTo(Album.MARKUP_CAMERA);
    assertThat(photo(answers, Album.LONG).path("taken_at").asText()).startsWith("2024-07-14");
    assertThat(photo(answers, "turned.jpg").path("height").asInt()).isEqualTo(640);
    assertThat(photo(answers, "no date.jpg").path("taken_at").isNull()).isTrue();
    assertThat(photo(answers, Album.BROKEN).path("jobs").path("thumbnails").path("cause").asText())
        .isEqualTo("truncated");

    JsonNode ada = face(answers, Album.ADA);
    JsonNode ben = face(answers, Album.BEN);
    assertThat(ada.path("parent_id").isNull()).isTrue();
    assertThat(ben.path("parent_id").isNull()).isTrue();
    String named =
        "{\"faces\":[%d],\"action\":\"confirm\",\"name\":\"Ada\"}"
            .formatted(ada.path("id").asLong());
    assertThat(api.post("/api/decisions", named).status()).isLessThan(300);
    long again =
        api.accepted("again.jpg", Album.portrait(DrawnFace.ADA, 20, "2025:01:01 12:00:00").bytes());
    ended(again, "faces");
    assertThat(one(again).path("parent_id")).isEqualTo(ada.path("id"));
    assertThat(face(answers, Album.BEN).path("parent_id").isNull()).isTrue();
  }

  private JsonNode upload(Path album) throws IOException {
    List<Part> parts = new ArrayList<>();
    try (Stream<Path> files = Files.walk(album)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        parts.add(Part.file(file.getFileName().toString(), Files.readAllBytes(file)));
      }
    }
    ObjectNode answers = JsonNodeFactory.instance.objectNode();
    for (JsonNode answer : api.upload(parts.toArray(Part[]::new)).json().path("photos")) {
      answers.set(answer.path("filename").asText(), answer);
    }
    return answers;
  }

  private JsonNode photo(JsonNode answers, String filename) {
    return settled(answers.path(filename).path("id").asLong());
  }

  /** The one of that photo. */
  private JsonNode face(JsonNode answers, String filename) {
    return one(photo(answers, filename).path("id").asLong());
  }

  private JsonNode one(long photo) {
    JsonNode items = api.get("/api/photos/" + photo + "/faces").json().path("items");
    assertThat(items).hasSize(1);
    return items.get(0);
  }
}
