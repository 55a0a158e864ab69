package io.caravel.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where metadata say that faces are, in parts of the upright picture. */
class RegionsTest {
  private static final String ANNA =
      """
      "XMP-mwg-rs:RegionInfo": {"AppliedToDimensions": {"W": 400, "H": 200, "Unit": "pixel"}, "RegionList": [
        {"Area": {"X": 0.2, "Y": 0.35, "W": 0.2, "H": 0.1, "Unit": "normalized"}, "Name": "Anna", "Type": "Face"}]}
      """;

  private final MetadataReader reader =
      new MetadataReader(new ZoneMap(), ZoneOffset.UTC, InstantSource.system());

  private JsonNode regions(String tags) throws Exception {
    String json = reader.read("[{\"SourceFile\": \"x\", " + tags + "}]", "a.jpg", null).json();
    return new ObjectMapper().readTree(json).path("Caravel:FaceRegions");
  }

  private static void is(JsonNode region, double left, double top, double width, double height) {
    Offset<Double> near = Offset.offset(1e-9);
    assertThat(region.path("left").asDouble()).isCloseTo(left, near);
    assertThat(region.path("top").asDouble()).isCloseTo(top, near);
    assertThat(region.path("width").asDouble()).isCloseTo(width, near);
    assertThat(region.path("height").asDouble()).isCloseTo(height, near);
  }

  /** As a picture is turned by each value of EXIF's orientation (CIPA DC-008, 4.6.4 A). */
  @ParameterizedTest
  @CsvSource({
    "1, 0.1, 0.3, 0.2, 0.1",
    "2, 0.7, 0.3, 0.2, 0.1",
    "3, 0.7, 0.6, 0.2, 0.1",
    "4, 0.1, 0.6, 0.2, 0.1",
    "5, 0.3, 0.1, 0.1, 0.2",
    "6, 0.6, 0.1, 0.1, 0.2",
    "7, 0.6, 0.7, 0.1, 0.2",
    "8, 0.3, 0.7, 0.1, 0.2",
  })
  void theWorkingGroupsAreTurnedAsThePhoto(
      int orientation, double left, double top, double width, double height) throws Exception {
    JsonNode regions = regions("\"IFD0:Orientation\": " + orientation + ", " + ANNA);
    assertThat(regions).hasSize(1);
    assertThat(regions.get(0).path("name").asText()).isEqualTo("Anna");
    is(regions.get(0), left, top, width, height);
  }

  @Test
  void pixelsAreOfTheDimensionsTheyWereAppliedTo() throws Exception {
    JsonNode regions =
        regions(
            ANNA.replace(
                    "0.2, \"Y\": 0.35, \"W\": 0.2, \"H\": 0.1",
                    "80, \"Y\": 70, \"W\": 80, \"H\": 20")
                .replace("normalized", "pixel"));
    is(regions.get(0), 0.1, 0.3, 0.2, 0.1);
  }

  @Test
  void microsoftsAreRead() throws Exception {
    JsonNode regions =
        regions(
            """
            "XMP-MP:RegionInfoMP": {"Regions": [{"PersonDisplayName": "Bob", "Rectangle": "0.1, 0.2, 0.3, 0.4"}]}
            """);
    assertThat(regions.get(0).path("name").asText()).isEqualTo("Bob");
    is(regions.get(0), 0.1, 0.2, 0.3, 0.4);
  }

  /** digiKam writes both. */
  @Test
  void whatBothTellIsOneFace() throws Exception {
    JsonNode regions =
        regions(
            ANNA
                + """
                , "XMP-MP:RegionInfoMP": {"Regions": [{"PersonDisplayName": "Anna", "Rectangle": "0.1, 0.3, 0.2, 0.1"}]}
                """);
    assertThat(regions).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"XMP-mwg-rs:RegionInfo\": {\"RegionList\": [{\"Area\": {\"X\": 0.5, \"Y\": 0.5, \"W\": 0.1, \"H\": 0.1}, \"Type\": \"Pet\"}]}",
        "\"XMP-mwg-rs:RegionInfo\": {\"RegionList\": [{\"Area\": {\"X\": 0.5, \"Y\": 0.5, \"W\": 0, \"H\": 0.1}}]}",
        "\"XMP-mwg-rs:RegionInfo\": {\"RegionList\": [{\"Area\": {\"X\": \"a\", \"Y\": 0.5, \"W\": 0.1, \"H\": 0.1}}]}",
        "\"XMP-mwg-rs:RegionInfo\": {\"RegionList\": [{\"Area\": {\"X\": 7, \"Y\": 0.5, \"W\": 0.1, \"H\": 0.1}}]}",
        "\"XMP-mwg-rs:RegionInfo\": {\"RegionList\": [{\"Area\": {\"X\": 80, \"Y\": 70, \"W\": 80, \"H\": 20, \"Unit\": \"pixel\"}}]}",
        "\"XMP-mwg-rs:RegionInfo\": \"nothing\"",
        "\"XMP-MP:RegionInfoMP\": {\"Regions\": [{\"Rectangle\": \"0.1, 0.2, 0.3\"}]}",
        "\"XMP-MP:RegionInfoMP\": {\"Regions\": [{\"PersonDisplayName\": \"Bob\"}]}",
      })
  void whatIsNoFaceInThePictureIsPassedOver(String tags) throws Exception {
    assertThat(regions(tags).isMissingNode()).isTrue();
  }
}
