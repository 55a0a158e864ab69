package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.face.FaceFinder;
import io.caravel.face.FaceRegions;
import io.caravel.photo.Photos;
import io.caravel.route.Api.Part;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** The faces that metadata name, told by an XMP file beside the photo. */
class FaceRegionsTest extends FlowTest {
  private static final int WIDTH = 402;
  private static final int HEIGHT = 200;

  @Autowired private FaceRegions regions;
  @Autowired private Photos photos;
  private final String name = UUID.randomUUID().toString();
  private final String anna = "Anna " + name;
  private final String bob = "Bob " + name;

  /** Of a name, its left upper corner and its sides, in parts of the picture. */
  private static String region(String name, double left, double top, double width, double height) {
    return String.format(
        Locale.ROOT,
        "<rdf:li rdf:parseType='Resource'><mwg-rs:Name>%s</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type>"
            + "<mwg-rs:Area stArea:x='%s' stArea:y='%s' stArea:w='%s' stArea:h='%s' stArea:unit='normalized'/></rdf:li>",
        name,
        left + width / 2,
        top + height / 2,
        width,
        height);
  }

  private static byte[] xmp(String... regions) {
    return """
    <x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>
    <rdf:Description rdf:about='' xmlns:mwg-rs='http://www.metadataworkinggroup.com/schemas/regions/'
      xmlns:stArea='http://ns.adobe.com/xmp/sType/Area#'>
    <mwg-rs:Regions rdf:parseType='Resource'><mwg-rs:RegionList><rdf:Bag>%s</rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>
    </rdf:Description></rdf:RDF></x:xmpmeta>
    """
        .formatted(Stream.of(regions).collect(Collectors.joining()))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** In half pixels, as the table finds them. */
  private static void found(FaceFinder.Face... faces) {
    TableFinder.tell(WIDTH, HEIGHT, faces);
  }

  private List<JsonNode> faces(long photo) {
    JsonNode items = api.get("/api/photos/" + photo + "/faces").json().path("items");
    return IntStream.range(0, items.size()).mapToObj(items::get).toList();
  }

  private List<String> names(long photo) {
    return faces(photo).stream().map(face -> face.path("name").asText("")).sorted().toList();
  }

  private long upload(byte[] sidecar) {
    JsonNode answer =
        api.upload(
                Part.file(name + ".xmp", sidecar),
                Part.file(name + ".jpg", Picture.of(WIDTH, HEIGHT).bytes()))
            .json();
    return answer.path("photos").get(1).path("id").asLong();
  }

  @Test
  void aRegionNamesTheFaceThatItOverlapsAndMakesOneWhereNoneWasFound() {
    // The first is found at 0.2 of the width and 0.2 of the height, its sides 0.1 and 0.2.
    found(TableFinder.face(40, 20, 20, TableFinder.person(90)));
    long photo = upload(xmp(region(anna, 0.21, 0.22, 0.1, 0.2), region(bob, 0.6, 0.5, 0.1, 0.25)));

    eventually("both are named", () -> names(photo).equals(List.of(anna, bob)));
    List<JsonNode> faces = faces(photo);
    assertThat(faces).hasSize(2);
    assertThat(faces).allMatch(face -> face.path("status").asText().equals("ok"));
    JsonNode drawn =
        faces.stream()
            .filter(face -> face.path("name").asText().equals(bob))
            .findFirst()
            .orElseThrow();
    assertThat(drawn.path("left").asInt()).isBetween(240, 243);
    assertThat(drawn.path("top").asInt()).isEqualTo(100);
    assertThat(drawn.path("width").asInt()).isBetween(39, 42);
    assertThat(drawn.path("height").asInt()).isEqualTo(50);
    assertThat(
            database
                .sql(
                    "select distinct d.who from decisions d join decision_faces f on f.decision_id = d.id where f.face_id in (:faces) and f.kind = 'decided'")
                .param("faces", faces.stream().map(face -> face.path("id").asLong()).toList())
                .query(String.class)
                .list())
        .containsExactly("metadata");
  }

  @Test
  void whatWasUndoneIsNotNamedAgain() {
    found(TableFinder.face(40, 20, 20, TableFinder.person(91)));
    long photo = upload(xmp(region(anna, 0.2, 0.2, 0.1, 0.2)));
    eventually("it is named", () -> names(photo).equals(List.of(anna)));
    long decision =
        database
            .sql("select decision_id from decision_faces where face_id = :face")
            .param("face", faces(photo).get(0).path("id").asLong())
            .query(Long.class)
            .single();
    assertThat(api.post("/api/decisions/" + decision + "/undo").status()).isEqualTo(200);
    assertThat(names(photo)).containsExactly("");
    assertThat(regions.name(photos.photo(photo))).isFalse();
    assertThat(names(photo)).containsExactly("");
    // While it is still being searched it is not put there once more.
    ended(photo, "faces");
    String run = "select run from jobs where queue = 'faces' and image_id = " + photo;
    long before = count(run);
    assertThat(api.post("/api/photos/" + photo + "/jobs/faces?force=true").status()).isEqualTo(202);
    eventually("it is searched again", () -> count(run) > before && ended(photo, "faces") != null);
    assertThat(names(photo)).as("nor after another search").containsExactly("");
  }
}
