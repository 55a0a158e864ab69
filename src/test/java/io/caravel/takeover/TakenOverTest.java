package io.caravel.takeover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.photo.Corpus;
import io.caravel.route.FlowTest;
import io.caravel.takeover.OldSite.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/** Caravel on what came over of the sample of a living site. */
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/taken-over/home",
      "caravel.disks=private=${test.home}/taken-over/storage,uploads=${test.home}/taken-over/home/originals",
      "caravel.upload-disk=uploads",
      "caravel.geocoding=off",
      "test.finder=dlib"
    })
class TakenOverTest extends FlowTest {
  @BeforeAll
  static void theSampleCameOver() throws IOException {
    assumeTrue(
        Files.isRegularFile(LaravelSampleTest.dump()),
        "no sample of a Laravel site at " + LaravelSampleTest.dump().toAbsolutePath());
    Path corpus = Corpus.directory(); // or skipped
    assertThat(corpus).isDirectory();
    OldSite site = new OldSite(home("taken-over"));
    if (!Files.exists(site.home.resolve("database"))) {
      LaravelSampleTest.layOut(site.disk);
      Said said = site.importedFrom(LaravelSampleTest.dump().toString());
      assertThat(said.status()).as(said.text()).isZero();
      assertThat(said.text())
          .contains("CARAVEL_UPLOAD_DISK=uploads")
          .contains("CARAVEL_DISKS=private=" + site.disk);
    }
  }

  private List<String> people(long photo) {
    List<String> people = new ArrayList<>();
    api.get("/api/photos/" + photo + "/faces")
        .json()
        .path("items")
        .forEach(face -> people.add(face.path("suggested_name").asText()));
    return people;
  }

  private long uploaded(String file) throws IOException {
    byte[] bytes = Files.readAllBytes(Corpus.directory().resolve(file));
    return api.accepted(Path.of(file).getFileName().toString(), bytes);
  }

  @Test
  void newPhotosOfThePeopleWhoCameOverAreSuggestedAsThem() throws IOException {
    long anna = uploaded("faces/people/deepface_A/img11.jpg");
    long boris = uploaded("faces/people/deepface_F/img57.jpg");

    assertThat(ended(anna, "faces").path("error").asText("null")).isEqualTo("null");
    assertThat(ended(boris, "faces").path("error").asText("null")).isEqualTo("null");

    assertThat(people(anna)).containsExactly("Anna Lindqvist");
    assertThat(people(boris)).containsExactly("Борис Петров");
  }

  @Test
  void facesWithoutABoxAreShownAndGetOneWhenTheyAreFoundAgain() {
    assertThat(job(1, "faces").path("state").asText()).isEqualTo("done");
    JsonNode before = api.get("/api/photos/3/faces").json().path("items");
    assertThat(before).hasSize(1);
    assertThat(before.get(0).path("left").isNull()).isTrue();
    assertThat(api.get("/api/faces/3/crop").status()).isEqualTo(404);
    assertThat(api.get("/api/faces?status=process").status()).isEqualTo(200);
    assertThat(api.get("/api/people").status()).isEqualTo(200);

    assertThat(api.post("/api/photos/3/jobs/faces?force=true", "").status()).isEqualTo(202);
    assertThat(api.post("/api/photos/1/jobs/faces?force=true", "").status()).isEqualTo(202);
    eventually(
        "found again", () -> !face(3).path("left").isNull() && !face(1).path("left").isNull());

    assertThat(api.get("/api/photos/3/faces").json().path("items")).hasSize(1);
    assertThat(face(3).path("suggested_name").asText()).isEqualTo("Anna Lindqvist");
    assertThat(face(1).path("status").asText()).isEqualTo("ok");
    assertThat(api.get("/api/faces/3/crop").status()).isEqualTo(200);
  }

  private JsonNode face(long id) {
    return api.get("/api/faces/" + id).json();
  }

  @Test
  void whatWasNotSearchedIsAndAnAddressOutlastsGeocodingThatIsOff() {
    settled(9);
    settled(11);

    assertThat(job(11, "metadata").path("state").asText()).isEqualTo("done");
    assertThat(job(9, "geolocation").path("state").asText()).isEqualTo("skipped");
    assertThat(api.photo(9).path("place").asText())
        .isEqualTo("Via Crispi, Arezzo, Toscana, Italia");
  }
}
