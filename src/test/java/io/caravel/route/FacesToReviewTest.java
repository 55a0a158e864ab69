package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.face.FaceIndex;
import io.caravel.route.Api.Answer;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** {@code doors.camel.yaml}: the faces that wait for a person, as a reviewer asks for them. */
class FacesToReviewTest extends FlowTest {
  @Autowired FaceIndex index;
  private String mark = "";
  private FaceRows rows;
  private final float[] ada = FaceRows.somebody();
  private long root;
  private long far;
  private long near;
  private long stranger;

  /** Ada, two faces that are thought to be her, and one of nobody. */
  @BeforeEach
  void begin() {
    mark = "R" + UUID.randomUUID().toString().substring(0, 8);
    rows = new FaceRows(database, index);
    root = rows.face(ada);
    far = rows.face(FaceRows.like(ada, 0.5));
    near = rows.face(FaceRows.like(ada, 0.2));
    stranger = rows.face(FaceRows.somebody());
    named(root, "Ada");
  }

  private void named(long face, String name) {
    decided(List.of(face), ",\"name\":\"" + mark + name + "\"");
  }

  private void decided(List<Long> faces, String more) {
    Answer answer =
        api.post(
            "/api/decisions", "{\"faces\":%s,\"action\":\"confirm\"%s}".formatted(faces, more));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
  }

  private JsonNode page(String query) {
    Answer answer = api.get(query);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json();
  }

  private static List<Long> ids(JsonNode page) {
    return page.path("items").valueStream().map(item -> item.path("id").asLong()).toList();
  }

  /** The ids of all faces of this test that match. */
  private List<Long> faces(String query) {
    JsonNode page = page("/api/faces?size=500&after=" + (root - 1) + "&" + query);
    assertThat(page.path("total").asInt()).isEqualTo(page.path("items").size());
    return ids(page);
  }

  @Test
  void theFacesThoughtToBeAPersonComeTheNearestFirst() {
    assertThat(faces("status=process&person=" + root)).containsExactly(far, near);
    assertThat(faces("status=process&order=distance&person=" + root)).containsExactly(near, far);
  }

  @Test
  void aPersonIsNamedByAnyOfItsFacesAndHasConfirmedOnesToo() {
    decided(List.of(near), "");
    for (long face : List.of(root, far, near)) {
      assertThat(faces("person=" + face)).containsExactly(root, far, near);
      assertThat(faces("status=ok&person=" + face)).containsExactly(root, near);
    }
    assertThat(faces("order=distance&person=" + root))
        .as("the root has no distance")
        .containsExactly(near, far, root);
  }

  @Test
  void nobodyHasNoFaces() {
    rows.face(rows.photo(), FaceRows.like(ada, 1.2), stranger);
    assertThat(faces("person=" + stranger)).isEmpty();
    assertThat(faces("person=999999999")).isEmpty();
  }

  @Test
  void aFaceIsThoughtToBeAPersonOrNobody() {
    long ofTheStranger = rows.face(rows.photo(), FaceRows.like(ada, 1.2), stranger);
    assertThat(faces("status=process&suggested=true")).containsExactly(far, near);
    assertThat(faces("status=process&suggested=false"))
        .as("a face like one that nobody has named is like nobody")
        .containsExactly(stranger, ofTheStranger);
    assertThat(faces("suggested=true")).as("without a status").containsExactly(far, near);
    assertThat(faces("status=ok&suggested=false")).as("not to review").isEmpty();
  }

  @Test
  void theListGoesOnAfterTheLastFaceOfTheOneBefore() {
    JsonNode first = page("/api/faces?status=process&size=2&after=" + root);
    assertThat(ids(first)).containsExactly(far, near);
    assertThat(first.path("total").asInt()).isEqualTo(3);
    JsonNode second = page("/api/faces?status=process&size=2&after=" + near);
    assertThat(ids(second)).containsExactly(stranger);
    assertThat(second.path("total").asInt()).isEqualTo(1);
    assertThat(ids(page("/api/faces?size=1&page=1&after=" + root))).containsExactly(near);
  }

  @Test
  void aFaceToReviewTellsTheNameOfWhomItIsThoughtToBe() {
    assertThat(suggestedName(near)).isEqualTo(mark + "Ada");
    assertThat(suggestedName(stranger)).isEqualTo("null");
    assertThat(suggestedName(root)).as("confirmed").isEqualTo("null");
    assertThat(page("/api/faces?size=3&after=" + root).findValuesAsText("suggested_name"))
        .containsExactly(mark + "Ada", mark + "Ada", "null");
    long photo = page("/api/faces/" + near).path("photo_id").asLong();
    assertThat(page("/api/photos/" + photo + "/faces").findValuesAsText("suggested_name"))
        .containsExactly(mark + "Ada");
  }

  private String suggestedName(long face) {
    return page("/api/faces/" + face).path("suggested_name").asText();
  }

  @Test
  void whatIsInTheTrashIsNotToBeReviewedButThePersonRemains() {
    trash(near);
    trash(root);
    assertThat(faces("person=" + root)).containsExactly(root, far);
    assertThat(faces("suggested=true")).containsExactly(far);
    assertThat(people("suggested=true")).containsExactly("Ada 1");
    trash(far);
    assertThat(people("suggested=true")).isEmpty();
  }

  private void trash(long face) {
    database
        .sql(
            """
            update images set deleted_at = current_timestamp(3)
            where id = (select image_id from faces where id = :face)
            """)
        .param("face", face)
        .update();
  }

  @Test
  void whoHasMostFacesToReviewComesFirst() {
    for (String name : List.of("Zoe", "Eve")) {
      float[] person = FaceRows.somebody();
      long first = rows.face(person);
      rows.faces(person, 3);
      named(first, name);
    }
    named(rows.face(FaceRows.somebody()), "Bob");
    assertThat(people("suggested=true")).containsExactly("Eve 3", "Zoe 3", "Ada 2");
    assertThat(people("suggested=false")).containsExactly("Ada 2", "Bob 0", "Eve 3", "Zoe 3");
    JsonNode second = page("/api/people?suggested=true&size=1&page=1&q=" + mark);
    assertThat(second.at("/items/0/name").asText()).isEqualTo(mark + "Zoe");
    assertThat(second.path("total").asInt()).isEqualTo(3);
  }

  /** The people of this test, each with how many faces are suggested to be it. */
  private List<String> people(String query) {
    return page("/api/people?size=500&q=" + mark + "&" + query)
        .path("items")
        .valueStream()
        .map(each -> each.path("name").asText().replace(mark, "") + " " + each.path("suggested"))
        .toList();
  }
}
