package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.face.FaceIndex;
import io.caravel.photo.Photos;
import io.caravel.route.Api.Answer;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.ImageIO;
import org.apache.camel.ProducerTemplate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** {@code doors.camel.yaml}: what people decide about faces, and how it is taken back. */
class ReviewTest extends FlowTest {
  @Autowired FaceIndex index;
  @Autowired Photos photos;
  @Autowired ProducerTemplate producer;
  private String mark = "";
  private FaceRows rows;

  @BeforeEach
  void begin() {
    mark = "P" + UUID.randomUUID().toString().substring(0, 8) + " ";
    rows = new FaceRows(database, index);
  }

  /** A face as it is in the table. */
  record Row(@Nullable Long parent, @Nullable String name, String status) {}

  private Row row(long face) {
    return database
        .sql("select parent_id, name, status from faces where id = :id")
        .param("id", face)
        .query(
            (row, n) ->
                new Row(
                    row.getObject("parent_id", Long.class),
                    row.getString("name"),
                    row.getString("status")))
        .single();
  }

  private static Row review(@Nullable Long parent) {
    return new Row(parent, null, "process");
  }

  private Row confirmed(@Nullable Long parent, String name) {
    return new Row(parent, mark + name, "ok");
  }

  private Answer decide(List<Long> faces, String action, String more) {
    return api.post(
        "/api/decisions", "{\"faces\":%s,\"action\":\"%s\"%s}".formatted(faces, action, more));
  }

  private JsonNode decided(List<Long> faces, String action, String more) {
    Answer answer = decide(faces, action, more);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json();
  }

  private JsonNode named(List<Long> faces, String name) {
    return decided(faces, "confirm", ",\"name\":\"" + mark + name + "\"");
  }

  private static long decision(JsonNode decided) {
    return decided.path("decision").path("id").asLong();
  }

  private Answer undo(long decision) {
    return api.post("/api/decisions/" + decision + "/undo");
  }

  private JsonNode undone(long decision) {
    Answer answer = undo(decision);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json();
  }

  private Answer edit(long face, String body, String... headers) {
    List<String> all = new ArrayList<>(List.of("Content-Type", "application/json"));
    all.addAll(List.of(headers));
    return api.send(
        "PATCH",
        "/api/faces/" + face,
        body.getBytes(StandardCharsets.UTF_8),
        all.toArray(String[]::new));
  }

  private List<JsonNode> people() {
    Answer answer = api.get("/api/people?size=500&q=" + mark.strip().toLowerCase(Locale.ROOT));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    List<JsonNode> people = new ArrayList<>();
    answer.json().path("items").forEach(people::add);
    assertThat(answer.json().path("total").asInt()).isEqualTo(people.size());
    return people;
  }

  private List<String> told() {
    return people().stream()
        .map(
            person ->
                person.path("name").asText().replace(mark, "")
                    + " "
                    + person.path("confirmed")
                    + "+"
                    + person.path("suggested")
                    + " in "
                    + person.path("photos"))
        .toList();
  }

  @Test
  void namingAFaceSuggestsThatPersonForAllThatAreLikeItAtOnce() {
    float[] ada = FaceRows.somebody();
    long named = rows.face(ada);
    List<Long> like = rows.faces(ada, 20);
    long stranger = rows.face(FaceRows.somebody());
    JsonNode decided = named(List.of(named), "Ada");
    assertThat(decided.path("person").asLong()).isEqualTo(named);
    assertThat(decided.path("changed").asInt()).isEqualTo(1);
    assertThat(decided.path("suggested").asInt()).isEqualTo(20);
    assertThat(told()).containsExactly("Ada 1+20 in 1");
    assertThat(row(named)).isEqualTo(confirmed(null, "Ada"));
    assertThat(like).allSatisfy(face -> assertThat(row(face)).isEqualTo(review(named)));
    assertThat(row(stranger)).isEqualTo(review(null));
    assertThat(people().get(0).path("crop").asText()).isEqualTo("/api/faces/" + named + "/crop");
    undone(decision(decided));
    assertThat(told()).isEmpty();
    assertThat(like).allSatisfy(face -> assertThat(row(face)).isEqualTo(review(null)));
  }

  @Test
  void namingAFaceSuggestsThatPersonForWhatAnotherNodeHasJustKept() {
    float[] ada = FaceRows.somebody();
    long root = rows.face(ada);
    rows.untold(rows.photo(), FaceRows.like(ada, 0.3), null);

    named(List.of(root), "Ada");

    assertThat(told()).containsExactly("Ada 1+1 in 1");
  }

  @Test
  void aFaceIsSuggestedToBeTheNearestPerson() {
    float[] ada = FaceRows.somebody();
    float[] twin = FaceRows.like(ada, 0.4);
    long face = rows.face(FaceRows.like(twin, 0.1));
    long first = rows.face(ada);
    long second = rows.face(twin);
    long namedAda = decision(named(List.of(first), "Ada"));
    assertThat(row(face)).isEqualTo(review(first));
    // The twin is like Ada, too: it is not a suggestion any more once it has a name.
    long namedEve = decision(named(List.of(second), "Eve"));
    assertThat(row(face)).isEqualTo(review(second));
    undone(namedAda);
    assertThat(row(face)).isEqualTo(review(second));
    undone(namedEve);
    assertThat(row(face)).isEqualTo(review(null));
    assertThat(row(second)).isEqualTo(review(null));
    undone(namedAda + 2);
    assertThat(row(face)).isEqualTo(review(first));
  }

  @Test
  void aGroupIsConfirmedAsItIsSuggestedAndUndoneAsOne() {
    float[] ada = FaceRows.somebody();
    long root = rows.face(ada);
    List<Long> like = rows.faces(ada, 5);
    named(List.of(root), "Ada");
    JsonNode group = decided(like, "confirm", "");
    assertThat(group.path("decision").path("faces").asInt()).isEqualTo(5);
    assertThat(group.path("decision").path("sentence").asText())
        .isEqualTo("5 faces confirmed as " + mark + "Ada.");
    assertThat(told()).containsExactly("Ada 6+0 in 6");
    undone(decision(group));
    assertThat(told()).containsExactly("Ada 1+5 in 1");
    Answer nobody = decide(List.of(rows.face(FaceRows.somebody())), "confirm", "");
    assertThat(nobody.status()).isEqualTo(409);
    assertThat(nobody.detail()).contains("no suggested person");
  }

  @Test
  void aNameThatIsThereInAnyCaseIsThatPerson() {
    long root = rows.face(FaceRows.somebody());
    long other = rows.face(FaceRows.somebody());
    long third = rows.face(FaceRows.somebody());
    named(List.of(root), "Zoë Ärmel");
    decided(
        List.of(other), "confirm", ",\"name\":\"  " + mark.toUpperCase() + "ZOE\u0308 äRMEL \"");
    decided(List.of(third), "confirm", ",\"person\":" + root);
    assertThat(told()).containsExactly("Zoë Ärmel 3+0 in 3");
    assertThat(row(other)).isEqualTo(confirmed(root, "Zoë Ärmel"));
    named(List.of(rows.face(FaceRows.somebody())), "Zoe Armel");
    assertThat(told()).containsExactlyInAnyOrder("Zoe Armel 1+0 in 1", "Zoë Ärmel 3+0 in 3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"not_face", "unknown", "detach"})
  void whoLosesItsRootLivesOnInItsBestFaceAndKeepsItsName(String action) {
    float[] ada = FaceRows.somebody();
    long root = rows.face(ada);
    long good = rows.face(FaceRows.like(ada, 0.2));
    long best = rows.face(FaceRows.like(ada, 0.2));
    database.sql("update faces set score = 0.9 where id = :id").param("id", best).update();
    long suggested = rows.face(FaceRows.like(ada, 0.2));
    named(List.of(root, good, best), "Ada");
    long first = row(best).parent() == null ? best : root;
    assertThat(first).isEqualTo(best);
    assertThat(row(suggested)).isEqualTo(review(best));
    JsonNode rejected = decided(List.of(best), action, "");
    long heir = row(root).parent() == null ? root : good;
    assertThat(row(heir)).isEqualTo(confirmed(null, "Ada"));
    assertThat(row(heir == root ? good : root)).isEqualTo(confirmed(heir, "Ada"));
    assertThat(row(suggested)).isEqualTo(review(heir));
    assertThat(row(best).parent()).isNull();
    assertThat(row(best).name()).isNull();
    assertThat(told()).containsExactly("Ada 2+1 in 2");
    undone(decision(rejected));
    assertThat(row(best)).isEqualTo(confirmed(null, "Ada"));
    assertThat(row(suggested)).isEqualTo(review(best));
    assertThat(told()).containsExactly("Ada 3+1 in 3");
  }

  @Test
  void aRootThatIsSomebodyElseLeavesItsPersonBehind() {
    float[] ada = FaceRows.somebody();
    long root = rows.face(ada);
    long other = rows.face(FaceRows.like(ada, 0.2));
    named(List.of(root), "Ada");
    named(List.of(other), "Ada");
    long decision = decision(named(List.of(root), "Eve"));
    assertThat(row(root)).isEqualTo(confirmed(null, "Eve"));
    assertThat(row(other)).isEqualTo(confirmed(null, "Ada"));
    undone(decision);
    assertThat(row(root)).isEqualTo(confirmed(null, "Ada"));
    assertThat(row(other)).isEqualTo(confirmed(root, "Ada"));
  }

  @Test
  void twoPeopleAreMergedAndParted() {
    float[] ada = FaceRows.somebody();
    float[] eve = FaceRows.somebody();
    long one = rows.face(ada);
    long other = rows.face(eve);
    List<Long> like = rows.faces(eve, 3);
    named(List.of(one), "Ada");
    named(List.of(other), "Eve");
    named(like.subList(0, 1), "Eve");
    Answer merged = api.post("/api/people/" + other + "/merge", "{\"into\":" + one + "}");
    assertThat(merged.status()).as(merged.text()).isEqualTo(200);
    assertThat(told()).containsExactly("Ada 3+2 in 3");
    assertThat(row(like.get(0))).isEqualTo(confirmed(one, "Ada"));
    undone(decision(merged.json()));
    assertThat(told()).containsExactly("Ada 1+0 in 1", "Eve 2+2 in 2");
    assertThat(api.post("/api/people/" + one + "/merge", "{\"into\":" + one + "}").status())
        .isEqualTo(400);
    assertThat(api.post("/api/people/" + like.get(0) + "/merge", "{\"into\":" + one + "}").status())
        .isEqualTo(404);
  }

  @Test
  void anEarlierDecisionIsNotTakenFromUnderALaterOneAboutTheSame() {
    long root = rows.face(FaceRows.somebody());
    long other = rows.face(FaceRows.somebody());
    long named = decision(named(List.of(root), "Ada"));
    long joined = decision(named(List.of(other), "Ada"));
    Answer refused = undo(named);
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.detail())
        .contains("decision " + joined + " ")
        .contains("undo that one first");
    long undo = decision(undone(joined));
    undone(named);
    assertThat(told()).isEmpty();
    Answer tooEarly = undo(undo);
    assertThat(tooEarly.status()).as(tooEarly.text()).isEqualTo(409);
    assertThat(undo(named).detail()).contains("undone already");
  }

  @Test
  void aDecisionAboutAFaceThatANewSearchHasReplacedIsNotUndoneInSilence() {
    long face = rows.face(FaceRows.somebody());
    named(List.of(face), "Ann");
    long detached = decision(decided(List.of(face), "detach", ""));
    database
        .sql(
            "update faces set deleted_at = current_timestamp(3), known_deleted = true where id = :id")
        .param("id", face)
        .update();

    Answer refused = undo(detached);

    assertThat(refused.status()).as(refused.text()).isEqualTo(409);
    assertThat(refused.detail()).contains("not there any more");
  }

  @Test
  void decisionsAboutOthersAreUndoneInAnyOrderAndMadeAgain() {
    long root = rows.face(FaceRows.somebody());
    List<Long> others = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      others.add(rows.face(FaceRows.somebody()));
    }
    named(List.of(root), "Ada");
    List<Long> made = new ArrayList<>();
    for (long face : others) {
      made.add(decision(named(List.of(face), "Ada")));
    }
    long undo = decision(undone(made.get(0)));
    undone(made.get(2));
    assertThat(told()).containsExactly("Ada 2+0 in 2");
    long again = decision(undone(undo));
    assertThat(told()).containsExactly("Ada 3+0 in 3");
    undone(again);
    assertThat(told()).containsExactly("Ada 2+0 in 2");
    JsonNode listed = api.get("/api/decisions?size=4").json().path("items");
    assertThat(listed.findValuesAsText("action")).containsOnly("undo");
    assertThat(listed.get(0).path("undoes").asLong()).isEqualTo(again);
    assertThat(listed.get(0).path("who").asText()).isEqualTo("local");
    assertThat(listed.get(0).at("/changes/0/before/name").asText()).isEqualTo(mark + "Ada");
    assertThat(listed.get(1).path("undone").asBoolean()).isTrue();
  }

  @Test
  void aNamingIsNotMadeAgainWhereAnotherPersonHasTheNameBy() {
    long first = rows.faces(FaceRows.somebody(), 1).get(0);
    long second = rows.faces(FaceRows.somebody(), 1).get(0);
    long undo = decision(undone(decision(named(List.of(first), "Ada"))));
    long other = decision(named(List.of(second), "ADA"));

    Answer refused = undo(undo);

    assertThat(refused.status()).as(refused.text()).isEqualTo(409);
    assertThat(refused.detail())
        .contains("Person " + second + " has the name", "undo that naming first");
    assertThat(told()).containsExactly("ADA 1+0 in 1");
    undone(other);
    undone(undo);
    assertThat(told()).containsExactly("Ada 1+0 in 1");
  }

  @Test
  void aPersonIsNotNamedBackWhereAnotherHasTheNameBy() {
    long first = rows.faces(FaceRows.somebody(), 1).get(0);
    long second = rows.faces(FaceRows.somebody(), 1).get(0);
    named(List.of(first), "Ada");
    edit(first, "{\"name\":\"" + mark + "Eve\"}");
    long renamed = api.get("/api/decisions?size=1").json().at("/items/0/id").asLong();
    named(List.of(second), "Ada");

    assertThat(undo(renamed).status()).isEqualTo(409);

    assertThat(told()).containsExactlyInAnyOrder("Ada 1+0 in 1", "Eve 1+0 in 1");
  }

  @Test
  void aPersonOutlivesThePhotoOfItsRootAndComesBackWithIt() {
    float[] ada = FaceRows.somebody();
    long photo = rows.photo();
    long root = rows.face(photo, ada, null);
    long other = rows.face(FaceRows.like(ada, 0.2));
    long suggested = rows.face(FaceRows.like(ada, 0.2));
    named(List.of(root), "Ada");
    named(List.of(other), "Ada");
    assertThat(api.delete("/api/photos/" + photo).status()).isEqualTo(204);
    assertThat(row(other)).isEqualTo(confirmed(null, "Ada"));
    assertThat(row(root)).isEqualTo(confirmed(other, "Ada"));
    assertThat(row(suggested)).isEqualTo(review(other));
    assertThat(told()).containsExactly("Ada 1+1 in 1");
    assertThat(decide(List.of(root), "unknown", "").status()).isEqualTo(404);
    assertThat(api.post("/api/photos/" + photo + "/restore").status()).isEqualTo(200);
    assertThat(row(root)).isEqualTo(confirmed(null, "Ada"));
    assertThat(row(other)).isEqualTo(confirmed(root, "Ada"));
    assertThat(row(suggested)).isEqualTo(review(root));
    assertThat(told()).containsExactly("Ada 2+1 in 2");
  }

  @Test
  void photosTrashedOneAfterTheOtherComeBackInAnyOrder() {
    float[] ada = FaceRows.somebody();
    List<Long> pictures = List.of(rows.photo(), rows.photo(), rows.photo());
    List<Long> faces = new ArrayList<>();
    for (long photo : pictures) {
      faces.add(rows.face(photo, FaceRows.like(ada, 0.2), null));
    }
    for (long face : faces) {
      named(List.of(face), "Ada");
    }
    long root = faces.get(0);
    api.delete("/api/photos/" + pictures.get(0));
    api.delete("/api/photos/" + pictures.get(1));
    assertThat(told()).containsExactly("Ada 1+0 in 1");
    api.post("/api/photos/" + pictures.get(0) + "/restore");
    assertThat(told()).containsExactly("Ada 2+0 in 2");
    api.post("/api/photos/" + pictures.get(1) + "/restore");
    assertThat(told()).containsExactly("Ada 3+0 in 3");
    assertThat(row(root)).isEqualTo(confirmed(null, "Ada"));
  }

  @Test
  void withItsOnlyPhotoDeletedForGoodAPersonRemainsAndIsRecognized() {
    float[] ada = FaceRows.somebody();
    long photo = api.accepted("ada.jpg", Picture.tiny().bytes());
    settled(photo);
    long root = rows.face(photo, ada, null);
    long stranger = rows.face(photo, FaceRows.somebody(), null);
    long seen = rows.face(photo, FaceRows.somebody(), null);
    named(List.of(root), "Ada");
    decided(List.of(seen), "unknown", "");
    api.delete("/api/photos/" + photo);
    assertThat(told()).containsExactly("Ada 0+0 in 0");
    database
        .sql(
            "update images set deleted_at = timestampadd(day, -31, current_timestamp(3)) where id = :id")
        .param("id", photo)
        .update();
    lived(30);
    producer.sendBody("direct:trash", "");
    assertThat(count("select count(*) from images where id = " + photo)).isZero();
    assertThat(told()).containsExactly("Ada 0+0 in 0");
    assertThat(people().get(0).path("crop").isNull()).isTrue();
    assertThat(api.get("/api/faces/" + root + "/crop").status()).isEqualTo(404);
    assertThat(
            count(
                "select count(*) from faces where deleted_at is null and id in ("
                    + stranger
                    + ","
                    + seen
                    + ")"))
        .isZero();
    assertThat(index.nearestPerson(FaceRows.like(ada, 0.1)).orElseThrow().face()).isEqualTo(root);
    long again = rows.face(FaceRows.like(ada, 0.1));
    named(List.of(again), "Ada");
    assertThat(told()).containsExactly("Ada 1+0 in 1");
  }

  @Test
  void aFaceIsEditedLikeItIsDecidedAndNotOverTheEditOfAnother() {
    float[] ada = FaceRows.somebody();
    long face = rows.face(ada);
    long child = rows.face(FaceRows.like(ada, 0.2));
    String tag = api.get("/api/faces/" + face).header("ETag");
    assertThat(tag).matches("\"\\d+\"");
    Answer named = edit(face, "{\"name\":\"" + mark + "Ada\"}", "If-Match", tag);
    assertThat(named.status()).as(named.text()).isEqualTo(200);
    assertThat(named.json().path("name").asText()).isEqualTo(mark + "Ada");
    assertThat(named.header("ETag")).isNotEqualTo(tag).startsWith("\"");
    Answer late = edit(face, "{\"status\":\"unknown\"}", "If-Match", tag);
    assertThat(late.status()).as(late.text()).isEqualTo(412);
    assertThat(row(face)).isEqualTo(confirmed(null, "Ada"));
    edit(child, "{\"parent_id\":" + face + "}");
    assertThat(row(child)).isEqualTo(confirmed(face, "Ada"));
    Answer renamed =
        edit(
            face,
            "{\"name\":\"" + mark + "Ada L.\"}",
            "If-Match",
            "\"0\", " + named.header("ETag"));
    assertThat(renamed.status()).as(renamed.text()).isEqualTo(200);
    assertThat(row(child)).isEqualTo(confirmed(face, "Ada L."));
    undone(api.get("/api/decisions?size=1").json().at("/items/0/id").asLong());
    assertThat(row(child)).isEqualTo(confirmed(face, "Ada"));
    edit(child, "{\"parent_id\":null}");
    assertThat(row(child)).isEqualTo(review(null));
    edit(child, "{\"status\":\"not_face\"}");
    assertThat(row(child)).isEqualTo(new Row(null, null, "not_face"));
    for (String refused :
        List.of(
            "{}",
            "{\"status\":\"lost\"}",
            "{\"status\":\"unknown\",\"name\":\"x\"}",
            "{\"name\":\"x\",\"parent_id\":" + face + "}",
            "{\"revision\":3}",
            "[]")) {
      assertThat(edit(child, refused).status()).as(refused).isEqualTo(400);
    }
    named(List.of(child), "Eve");
    Answer taken = edit(child, "{\"name\":\"" + mark + "ADA\"}");
    assertThat(taken.status()).isEqualTo(409);
    assertThat(taken.detail()).contains("merge");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"faces\":[],\"action\":\"unknown\"} | 400",
        "{\"faces\":[FACE],\"action\":\"forget\"} | 400",
        "{\"faces\":[FACE],\"action\":\"unknown\",\"name\":\"x\"} | 400",
        "{\"faces\":[FACE],\"action\":\"confirm\",\"name\":\"x\",\"person\":FACE} | 400",
        "{\"faces\":[FACE],\"action\":\"confirm\",\"name\":\"  \"} | 400",
        "{\"faces\":[FACE],\"action\":\"confirm\",\"name\":\"a\\u0000b\"} | 400",
        "{\"faces\":[FACE],\"action\":\"confirm\",\"name\":\"a\\nb\"} | 400",
        "{\"faces\":[FACE],\"action\":\"confirm\",\"name\":\"a\\u202eb\"} | 400",
        "{\"faces\":[FACE],\"action\":\"confirm\",\"name\":\"\\ud800\"} | 400",
        "{\"faces\":[FACE],\"action\":\"confirm\",\"person\":999999999} | 404",
        "{\"faces\":[FACE],\"action\":\"confirm\",\"person\":FACE} | 404",
        "{\"faces\":[FACE,999999999],\"action\":\"unknown\"} | 404",
        "{\"faces\":[\"FACE\"],\"action\":\"unknown\"} | 400",
        "nonsense | 400"
      })
  void whatCannotBeDecidedIsRefusedWithASentenceAndChangesNothing(String body, int status) {
    long face = rows.face(FaceRows.somebody());
    Answer answer = api.post("/api/decisions", body.replace("FACE", String.valueOf(face)));
    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    assertThat(answer.detail()).endsWith(".");
    assertThat(row(face)).isEqualTo(review(null));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'); drop table faces; --",
        "<script>alert(1)</script>",
        "\\\"quoted\\\" \\\\ back",
        "${header.id} ${bean:decisions}",
        "100%_!",
        "名前 👩‍🚀 שם"
      })
  void aNameIsOnlyAName(String name) {
    long face = rows.face(FaceRows.somebody());
    JsonNode decided = named(List.of(face), name);
    String plain = name.replace("\\\"", "\"").replace("\\\\", "\\");
    assertThat(told()).containsExactly(plain + " 1+0 in 1");
    undone(decision(decided));
    named(List.of(face), "x".repeat(255 - mark.length()));
    assertThat(decide(List.of(face), "confirm", ",\"name\":\"" + "x".repeat(256) + "\"").status())
        .isEqualTo(400);
  }

  @Test
  void peopleAreFoundByThePrefixOfTheirNameAndPhotosByThePeopleInThem() {
    long photo = rows.photo();
    long face = rows.face(photo, FaceRows.somebody(), null);
    long both = rows.face(photo, FaceRows.somebody(), null);
    long second = rows.face(FaceRows.somebody());
    named(List.of(face, second), "Ada");
    named(List.of(both), "Adam");
    String prefix = mark.toLowerCase(Locale.ROOT).replace(" ", "%20");
    assertThat(api.get("/api/people?q=" + prefix + "ADA").json().path("total").asInt())
        .isEqualTo(2);
    assertThat(api.get("/api/people?q=" + prefix + "adam").json().path("total").asInt())
        .isEqualTo(1);
    assertThat(api.get("/api/people?q=da").json().findValuesAsText("name"))
        .noneMatch(name -> name.startsWith(mark));
    assertThat(api.get("/api/people?size=1&page=1&q=" + prefix).json().findValuesAsText("name"))
        .containsExactly(mark + "Adam");
    long root = row(face).parent() == null ? face : second;
    for (long any : List.of(root, face, second)) {
      assertThat(api.get("/api/photos?person=" + any).json().path("total").asInt()).isEqualTo(2);
    }
    JsonNode found = api.get("/api/photos?q=" + prefix + "adam").json();
    assertThat(found.path("total").asInt()).isOne();
    assertThat(found.at("/items/0/people").findValuesAsText("name"))
        .containsExactly(mark + "Ada", mark + "Adam");
    assertThat(
            api.get("/api/photos?person=" + root + "&q=" + prefix + "adam&size=1")
                .json()
                .path("total")
                .asInt())
        .isOne();
    assertThat(api.get("/api/photos?person=999999999").json().path("total").asInt()).isZero();
  }

  @Test
  void theDistancesTellHowFarFacesOfOneAndOfTwoLieApart() {
    float[] ada = FaceRows.somebody();
    named(rows.faces(ada, 3), "Ada");
    named(rows.faces(FaceRows.somebody(), 2), "Eve");
    rows.faces(ada, 4);
    JsonNode report = api.get("/api/people/distances").json();
    assertThat(report.path("threshold").asDouble()).isEqualTo(0.6);
    for (String which :
        List.of("within", "between", "nearest_same", "nearest_other", "to_review")) {
      long sum = 0;
      for (JsonNode count : report.path(which).path("counts")) {
        sum += count.asLong();
      }
      assertThat(sum).isEqualTo(report.path(which).path("counted").asLong()).isGreaterThan(3);
    }
  }

  @Test
  void aCropShowsTheFaceWithSomeOfItsSurroundings() throws Exception {
    byte[] bytes = Picture.of(1200, 800).bytes();
    long photo = api.accepted("a.jpg", bytes);
    settled(photo);
    long face = rows.face(photo, FaceRows.somebody(), null);
    database
        .sql(
            "update faces set box_left = 1100, box_top = 700, box_width = 100, box_height = 90 where id = :id")
        .param("id", face)
        .update();
    String path = "/api/faces/" + face + "/crop";
    Answer crop = api.get(path);
    assertThat(crop.status()).as(crop.text()).isEqualTo(200);
    assertThat(crop.header("Content-Type")).isEqualTo("image/jpeg");
    assertThat(crop.header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(crop.header("Cache-Control")).contains("private");
    var image = ImageIO.read(new ByteArrayInputStream(crop.body()));
    assertThat(image.getWidth()).isEqualTo(256);
    assertThat(image.getHeight()).isEqualTo(256);
    assertThat(image.getRGB(128, 128) & 0xff).isGreaterThan(200);
    assertThat(api.get(path, "If-None-Match", crop.header("ETag")).status()).isEqualTo(304);
    api.delete("/api/photos/" + photo);
    assertThat(api.get(path, "If-None-Match", crop.header("ETag")).status()).isEqualTo(404);
    api.post("/api/photos/" + photo + "/restore");
    database.sql("update faces set box_left = null where id = :id").param("id", face).update();
    assertThat(api.get(path).detail()).contains("There is no crop");
  }

  @Test
  void whatManyDecideAtOnceIsMadeOneAfterTheOther() throws Exception {
    float[] ada = FaceRows.somebody();
    List<Long> faces = rows.faces(ada, 24);
    ExecutorService people = Executors.newFixedThreadPool(8);
    try {
      List<Future<Integer>> answers = new ArrayList<>();
      for (long face : faces) {
        answers.add(
            people.submit(
                () ->
                    decide(
                            List.of(face, faces.get((int) (face % faces.size()))),
                            "confirm",
                            ",\"name\":\"" + mark + "Ada\"")
                        .status()));
      }
      for (Future<Integer> answer : answers) {
        assertThat(answer.get()).isEqualTo(200);
      }
    } finally {
      people.shutdownNow();
    }
    assertThat(told()).containsExactly("Ada 24+0 in 24");
  }

  /** Whatever is decided and taken back: who stands for whom stays sound, and all can be undone. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void afterAnyDecisionsAllIsSoundAndUndoingAllRestoresTheFirstState(long seed) {
    Random random = new Random(seed);
    List<Long> faces = new ArrayList<>();
    List<Long> pictures = new ArrayList<>();
    for (int person = 0; person < 3; person++) {
      float[] somebody = FaceRows.somebody();
      for (int i = 0; i < 5; i++) {
        pictures.add(rows.photo());
        faces.add(rows.face(pictures.get(pictures.size() - 1), FaceRows.like(somebody, 0.3), null));
      }
    }
    Map<Long, Row> first = state(faces);
    long before = api.get("/api/decisions?size=1").json().at("/items/0/id").asLong();
    List<Long> made = new ArrayList<>();
    for (int step = 0; step < 60; step++) {
      Answer answer = randomly(random, faces, pictures, made);
      assertThat(answer.status()).as(answer.text()).isIn(200, 204, 404, 409);
      if (answer.status() == 200 && answer.json().path("decision").has("id")) {
        made.add(decision(answer.json()));
      }
      sound(faces);
    }
    pictures.forEach(photo -> api.post("/api/photos/" + photo + "/restore"));
    // Again and again, since some cannot be taken back before others.
    for (boolean some = true; some; ) {
      some = false;
      for (JsonNode decision : standing(before)) {
        some |= undo(decision.path("id").asLong()).status() == 200;
        sound(faces);
      }
    }
    assertThat(standing(before)).isEmpty();
    assertThat(state(faces)).isEqualTo(first);
  }

  private List<JsonNode> standing(long before) {
    List<JsonNode> standing = new ArrayList<>();
    for (JsonNode each : api.get("/api/decisions?size=500").json().path("items")) {
      if (each.path("id").asLong() > before
          && !each.path("undone").asBoolean()
          && each.path("undoes").isNull()) {
        standing.add(each);
      }
    }
    return standing;
  }

  private Answer randomly(Random random, List<Long> faces, List<Long> pictures, List<Long> made) {
    List<Long> some = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      some.add(faces.get(random.nextInt(faces.size())));
    }
    some = some.stream().distinct().toList();
    long photo = pictures.get(random.nextInt(pictures.size()));
    String name = "\"" + mark + "ABC".charAt(random.nextInt(3)) + "\"";
    return switch (random.nextInt(12)) {
      case 0, 1, 2 -> decide(some, "confirm", ",\"name\":" + name);
      case 3 -> decide(some, "confirm", "");
      case 4 -> decide(some, "confirm", ",\"person\":" + faces.get(random.nextInt(faces.size())));
      case 5 -> decide(some, random.nextBoolean() ? "unknown" : "not_face", "");
      case 6 -> decide(some, "detach", "");
      case 7 -> edit(some.get(0), "{\"name\":" + name + "}");
      case 8 ->
          api.post(
              "/api/people/" + some.get(0) + "/merge",
              "{\"into\":" + faces.get((faces.indexOf(some.get(0)) + 1) % faces.size()) + "}");
      case 9 -> api.delete("/api/photos/" + photo);
      case 10 -> api.post("/api/photos/" + photo + "/restore");
      default ->
          made.isEmpty()
              ? decide(some, "unknown", "")
              : undo(made.get(random.nextInt(made.size())));
    };
  }

  private Map<Long, Row> state(List<Long> faces) {
    Map<Long, Row> state = new java.util.TreeMap<>();
    faces.forEach(face -> state.put(face, row(face)));
    return state;
  }

  private void sound(List<Long> faces) {
    Map<Long, Row> state = state(faces);
    state.forEach(
        (face, row) -> {
          Long parent = row.parent();
          if (parent != null) {
            Row root = java.util.Objects.requireNonNull(state.get(parent));
            assertThat(root.parent()).as("root of " + face + " in " + state).isNull();
            assertThat(root.status()).as("root of " + face + " in " + state).isEqualTo("ok");
            if (row.status().equals("ok")) {
              assertThat(row.name()).as("name of " + face + " in " + state).isEqualTo(root.name());
            }
            assertThat(row.status()).as(state.toString()).isIn("ok", "process");
          }
          assertThat(row.name() != null)
              .as(face + " in " + state)
              .isEqualTo(row.status().equals("ok"));
        });
    List<String> names =
        state.values().stream()
            .filter(row -> row.status().equals("ok") && row.parent() == null)
            .map(row -> String.valueOf(row.name()))
            .toList();
    assertThat(names).as(state.toString()).doesNotHaveDuplicates();
  }
}
