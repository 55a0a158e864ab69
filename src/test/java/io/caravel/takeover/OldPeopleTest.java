package io.caravel.takeover;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which person an old face belongs to, whatever its parents are. Images over 900 do not come. */
class OldPeopleTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final Remarks remarks = new Remarks(new PrintStream(said, true, StandardCharsets.UTF_8));
  private final OldPeople people = new OldPeople();

  private void face(long id, @Nullable Long parent, String status, @Nullable String name) {
    face(id, parent, id, status, name, false);
  }

  private void face(
      long id,
      @Nullable Long parent,
      long image,
      String status,
      @Nullable String name,
      boolean deleted) {
    people.add(new OldFace(id, parent, image, status, name, deleted));
  }

  private String placed(long id) {
    OldFace face = people.placed(id);
    return face == null ? "none" : face.parent() + " " + face.name();
  }

  private String place() {
    people.place(image -> image < 900, remarks);
    return said.toString(StandardCharsets.UTF_8);
  }

  @Test
  void whatIsAsItShouldBeStaysSo() {
    face(1, null, "ok", "Anna");
    face(2, 1L, "ok", "Anna");
    face(3, 1L, "process", null);
    face(4, null, "process", null);

    assertThat(place()).isEmpty();
    assertThat(placed(1)).isEqualTo("null Anna");
    assertThat(placed(2)).isEqualTo("1 Anna");
    assertThat(placed(3)).isEqualTo("1 null");
    assertThat(placed(4)).isEqualTo("null null");
  }

  @Test
  void aChainOfParentsEndsAtItsRoot() {
    face(9, null, "ok", "Anna");
    face(3, 9L, "process", null);
    face(2, 3L, "process", null);
    face(1, 2L, "ok", "Anna");

    assertThat(place()).isEmpty();
    assertThat(placed(1)).isEqualTo("9 Anna");
    assertThat(placed(2)).isEqualTo("9 null");
    assertThat(placed(3)).isEqualTo("9 null");
  }

  @Test
  void ofARingTheFirstConfirmedFaceIsTheRoot() {
    face(1, 3L, "process", null);
    face(2, 1L, "ok", "Anna");
    face(3, 2L, "ok", null);
    face(4, 4L, "ok", "Self");

    place();
    assertThat(placed(1)).isEqualTo("2 null");
    assertThat(placed(2)).isEqualTo("null Anna");
    assertThat(placed(3)).isEqualTo("2 Anna");
    assertThat(placed(4)).isEqualTo("null Self");
  }

  @Test
  void aRingOfFacesToReviewStandsForNobody() {
    face(1, 2L, "process", null);
    face(2, 1L, "process", null);

    assertThat(place()).contains("faces 2: Its parent 1 stands for no person");
    assertThat(placed(1)).isEqualTo("null null");
    assertThat(placed(2)).isEqualTo("null null");
  }

  @Test
  void aPersonWhoseRootWasDeletedOrIsMissingLivesOn() {
    face(1, null, 1, "ok", "Anna", true);
    face(2, 1L, "process", null);
    face(3, 1L, "ok", "Anna");
    face(4, 1L, "ok", null);
    face(6, 77L, "ok", "Bo");
    face(7, 77L, "ok", "Bo");

    assertThat(place()).contains("faces 1: It stands for no person here (it was deleted): face 3");
    assertThat(placed(1)).isEqualTo("none");
    assertThat(placed(2)).isEqualTo("3 null");
    assertThat(people.isHeir(3)).isTrue();
    assertThat(placed(3)).isEqualTo("null Anna");
    assertThat(placed(4)).isEqualTo("3 Anna");
    assertThat(placed(7)).isEqualTo("6 Bo");
  }

  @Test
  void aPersonWhoseRootsImageDoesNotComeLivesOnInAnotherOrStaysAlone() {
    face(1, null, 901, "ok", "Anna", false);
    face(2, 1L, "ok", "Anna");
    face(3, null, 902, "ok", "Bo", false);

    place();
    assertThat(placed(2)).isEqualTo("null Anna");
    assertThat(placed(1)).isEqualTo("2 Anna");
    assertThat(placed(3)).isEqualTo("null Bo");
  }

  @Test
  void faceToReviewStandsUnderAnotherOfItsPhotoOnly() {
    face(1, null, 5, "process", null, false);
    face(2, 1L, 5, "process", null, false);
    face(3, 1L, 6, "process", null, false);

    assertThat(place()).contains("faces 3: ").doesNotContain("faces 2: ");
    assertThat(placed(2)).isEqualTo("1 null");
    assertThat(placed(3)).isEqualTo("null null");
  }

  @Test
  void aConfirmedFaceUnderOneToReviewIsAPersonItself() {
    face(1, null, "process", null);
    face(2, 1L, "ok", "Anna");
    face(3, 1L, "ok", "Anna");

    place();
    assertThat(placed(1)).isEqualTo("null null");
    assertThat(placed(2)).isEqualTo("null Anna");
    assertThat(placed(3)).isEqualTo("2 Anna");
  }

  @Test
  void strangersAndNoFacesStandUnderNobody() {
    face(1, null, "ok", "Anna");
    face(2, 1L, "unknown", null);
    face(3, 1L, "not_face", null);

    assertThat(place()).contains("faces 2: Its status is unknown").contains("faces 3: ");
    assertThat(placed(2)).isEqualTo("null null");
    assertThat(placed(3)).isEqualTo("null null");
  }

  @Test
  void anotherNameUnderARootIsToldAndNamesakesAre() {
    face(1, null, "ok", "Anna");
    face(2, 1L, "ok", "Anne");
    face(3, null, "ok", "Anna");
    face(4, null, "ok", null);
    face(5, 4L, "ok", "Cy");

    assertThat(place())
        .contains("faces 2: It is called \"Anne\" there, but stands under face 1, \"Anna\"")
        .contains("faces 3: It stands for a person called \"Anna\" as face 1 does");
    assertThat(placed(2)).isEqualTo("1 Anna");
    assertThat(placed(3)).isEqualTo("null Anna");
    assertThat(placed(4)).isEqualTo("null Cy");
  }

  @Test
  void chainsOfAHundredThousandFacesAreNoTrouble() {
    face(1, null, "ok", "Anna");
    for (long id = 2; id <= 100_000; id++) {
      face(id, id - 1, "process", null);
    }

    place();
    assertThat(placed(100_000)).isEqualTo("1 null");
  }
}
