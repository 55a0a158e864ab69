package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.face.FaceFinder;
import io.caravel.face.FaceIndex;
import io.caravel.face.FaceSearch;
import io.caravel.face.Faces;
import io.caravel.job.Job;
import io.caravel.job.Lane;
import io.caravel.photo.Photos;
import io.caravel.route.Api.Answer;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.transaction.support.TransactionTemplate;

/** What the site writes into the rows of faces by SQL becomes decisions: on a server alone. */
@OnMariaDb
@Timeout(300)
class SiteWritesOnMariaDbTest extends FlowTest {
  private static final String DIFFERS =
      """
      select count(*) from faces where not (parent_id <=> known_parent_id) or status <> known_status
        or not (cast(name as binary) <=> cast(known_name as binary)) or (deleted_at is not null) <> known_deleted
      """;

  @Autowired FaceIndex index;
  @Autowired DataSource connections;
  @Autowired Faces faces;
  @Autowired Photos photos;
  @Autowired TransactionTemplate transaction;
  private String mark = "";
  private FaceRows rows;
  private long ledger;

  @BeforeAll
  static void server() {
    MariaDb.required();
  }

  @BeforeEach
  void begin() {
    mark = "S" + UUID.randomUUID().toString().substring(0, 8) + " ";
    rows = new FaceRows(database, index);
    ledger = count("select coalesce(max(id), 0) from decisions");
  }

  record Row(@Nullable Long parent, @Nullable String name, String status, boolean deleted) {}

  private Row row(long face) {
    return database
        .sql("select parent_id, name, status, deleted_at from faces where id = :id")
        .param("id", face)
        .query(
            (row, n) ->
                new Row(
                    row.getObject("parent_id", Long.class),
                    row.getString("name"),
                    row.getString("status"),
                    row.getObject("deleted_at") != null))
        .single();
  }

  private static Row review() {
    return new Row(null, null, "process", false);
  }

  private Row confirmed(@Nullable Long parent, String name) {
    return new Row(parent, mark + name, "ok", false);
  }

  private long face() {
    return rows.face(FaceRows.somebody());
  }

  private long named(String name) {
    long face = face();
    decide(List.of(face), "confirm", ",\"name\":\"" + mark + name + "\"");
    return face;
  }

  /** A confirmed face of a person. */
  private long of(long person) {
    long face = face();
    decide(List.of(face), "confirm", ",\"person\":" + person);
    return face;
  }

  private JsonNode decide(List<Long> faces, String action, String more) {
    Answer answer =
        api.post(
            "/api/decisions", "{\"faces\":%s,\"action\":\"%s\"%s}".formatted(faces, action, more));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    ledger = count("select coalesce(max(id), 0) from decisions");
    return answer.json();
  }

  /** As Eloquent writes, in whole seconds, and as one statement. */
  private void write(String set, Long... faces) {
    database
        .sql(
            "update faces set updated_at = cast(current_timestamp as datetime(0)), "
                + set.replace("@", mark)
                + " where id in (:ids)")
        .param("ids", List.of(faces))
        .update();
  }

  private void heard() {
    eventually("what was written is heard", () -> count(DIFFERS) == 0);
  }

  private List<JsonNode> decisions() {
    heard();
    List<JsonNode> decisions = new ArrayList<>();
    for (JsonNode each : api.get("/api/decisions?size=100").json().path("items")) {
      if (each.path("id").asLong() > ledger) {
        decisions.add(0, each);
      }
    }
    return decisions;
  }

  /** The one decision that came of it; undone, all is as before. */
  private JsonNode decision(String action) {
    List<JsonNode> decisions = decisions();
    assertThat(decisions).as(decisions.toString()).hasSize(1);
    JsonNode decision = decisions.get(0);
    assertThat(decision.path("who").asText()).isEqualTo("database");
    assertThat(decision.path("action").asText()).as(decision.toString()).isEqualTo(action);
    return decision;
  }

  private void undone(JsonNode decision) {
    Answer answer = api.post("/api/decisions/" + decision.path("id").asLong() + "/undo");
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
  }

  /** Nothing came of it but an entry of the history, and a change for the site to read. */
  private void putBack(String why, long face) {
    JsonNode decision = decision("put-back");
    assertThat(decision.path("sentence").asText()).contains(why, "row of face " + face + ".");
    assertThat(decision.path("faces").asInt()).isZero();
    ledger = decision.path("id").asLong();
    assertThat(api.post("/api/decisions/" + ledger + "/undo").status()).isEqualTo(409);
    assertThat(
            database
                .sql(
                    "select concat(who, before_json <> after_json) from changes where kind = 'put-back' and face_id = :face")
                .param("face", face)
                .query(String.class)
                .list())
        .contains("database1");
  }

  @Test
  void aRenamedPersonIsRenamedWithItsFaces() {
    long ada = named("Ada");
    long other = of(ada);
    write("name = '@ADA'", ada);

    JsonNode decision = decision("name");

    assertThat(row(ada)).isEqualTo(confirmed(null, "ADA"));
    assertThat(row(other)).isEqualTo(confirmed(ada, "ADA"));
    undone(decision);
    assertThat(row(ada)).isEqualTo(confirmed(null, "Ada"));
    assertThat(row(other)).isEqualTo(confirmed(ada, "Ada"));
  }

  @Test
  void aFaceThatIsNamedIsANewPersonOrThePersonOfThatName() {
    long face = face();
    long again = face();
    write("status = 'ok', name = '@Bo'", face);
    JsonNode decision = decision("confirm");
    assertThat(row(face)).isEqualTo(confirmed(null, "Bo"));
    ledger = decision.path("id").asLong();
    write("status = 'ok', name = '@Bo'", again);
    JsonNode second = decision("confirm");
    assertThat(row(again)).isEqualTo(confirmed(face, "Bo"));
    undone(second);
    undone(decision);
    assertThat(row(face)).isEqualTo(review());
    assertThat(row(again)).isEqualTo(review());
  }

  @Test
  void aFaceThatIsPutUnderAPersonIsOneOfIt() {
    long ada = named("Ada");
    long face = face();
    write("status = 'ok', name = '@Ada', parent_id = " + ada, face);
    JsonNode decision = decision("confirm");
    assertThat(row(face)).isEqualTo(confirmed(ada, "Ada"));
    assertThat(decision.path("sentence").asText()).endsWith("confirmed as " + mark + "Ada.");
    undone(decision);
    assertThat(row(face)).isEqualTo(review());
  }

  @ParameterizedTest
  @ValueSource(strings = {"unknown", "not_face"})
  void aRejectedFaceIsRejected(String status) {
    long ada = named("Ada");
    long face = of(ada);
    write("status = '" + status + "'", face); // its name and parent are left in the row
    JsonNode decision = decision(status);
    assertThat(row(face)).isEqualTo(new Row(null, null, status, false));
    undone(decision);
    assertThat(row(face)).isEqualTo(confirmed(ada, "Ada"));
  }

  @Test
  void aFaceThatIsPutBackForReviewIsDetached() {
    long ada = named("Ada");
    long face = of(ada);
    write("status = 'process', name = null, parent_id = null", face);
    JsonNode decision = decision("detach");
    assertThat(row(face)).isEqualTo(review());
    undone(decision);
    assertThat(row(face)).isEqualTo(confirmed(ada, "Ada"));
  }

  @Test
  void aRootThatIsRejectedIsFollowedByAnotherOfItsFaces() {
    long ada = named("Ada");
    long other = of(ada);
    write("status = 'not_face', name = null", ada);
    JsonNode decision = decision("not_face");
    assertThat(row(other)).isEqualTo(confirmed(null, "Ada"));
    undone(decision);
    assertThat(row(ada)).isEqualTo(confirmed(null, "Ada"));
    assertThat(row(other)).isEqualTo(confirmed(ada, "Ada"));
  }

  @Test
  void aParentThatIsAChildIsTakenForItsRootAndThatIsTold() {
    long ada = named("Ada");
    long child = of(ada);
    long face = face();
    write("status = 'ok', name = '@Ada', parent_id = " + child, face);
    JsonNode decision = decision("confirm");
    assertThat(row(face)).isEqualTo(confirmed(ada, "Ada"));
    assertThat(decision.path("sentence").asText()).contains(child + ", which is no root");
    undone(decision);
    assertThat(row(face)).isEqualTo(review());
  }

  @Test
  void aRingIsPutBackAndTwoPeopleUnderEachOtherAreOne() {
    long ada = named("Ada");
    long child = of(ada);
    write("parent_id = " + child, ada);
    putBack("would be a ring", ada);
    assertThat(row(ada)).isEqualTo(confirmed(null, "Ada"));
    assertThat(row(child)).isEqualTo(confirmed(ada, "Ada"));
    write("parent_id = id", ada);
    putBack("would be a ring", ada);
    assertThat(row(ada)).isEqualTo(confirmed(null, "Ada"));

    long bo = named("Bo");
    write("parent_id = case id when %d then %d else %d end".formatted(ada, bo, ada), ada, bo);
    List<JsonNode> decisions = decisions();
    assertThat(decisions)
        .extracting(each -> each.path("action").asText())
        .containsExactly("merge", "put-back");
    JsonNode decision = decisions.get(0);
    assertThat(row(bo).parent() == null ? row(ada).parent() : row(bo).parent()).isIn(ada, bo);
    assertThat(row(child).parent()).isIn(ada, bo);
    undone(decision);
    assertThat(row(ada)).isEqualTo(confirmed(null, "Ada"));
    assertThat(row(bo)).isEqualTo(confirmed(null, "Bo"));
    assertThat(row(child)).isEqualTo(confirmed(ada, "Ada"));
  }

  @Test
  void aChainOfPeopleThatIsWrittenInOneGoIsOnePerson() {
    long ada = named("Ada");
    long bo = named("Bo");
    long cy = named("Cy");
    write("parent_id = case id when %d then %d else %d end".formatted(ada, bo, cy), ada, bo);
    assertThat(decisions()).extracting(each -> each.path("action").asText()).containsOnly("merge");
    assertThat(row(ada).parent()).isEqualTo(cy);
    assertThat(row(bo).parent()).isEqualTo(cy);
    assertThat(row(cy)).isEqualTo(confirmed(null, "Cy"));
  }

  @Test
  void aParentThatStandsForNobodyIsPutBackUnlessTheFaceIsNamed() {
    long nobody = face();
    long face = face();
    write("status = 'ok', parent_id = " + nobody, face);
    putBack("stands for nobody", face);
    assertThat(row(face)).isEqualTo(review());
    write("status = 'ok', name = '@Cy', parent_id = " + nobody, face);
    JsonNode decision = decision("confirm");
    assertThat(row(face)).isEqualTo(confirmed(null, "Cy"));
    assertThat(decision.path("sentence").asText()).contains("stands for nobody");
    undone(decision);
    assertThat(row(face)).isEqualTo(review());
  }

  @Test
  void aDeletedRowIsKeptAsNoFace() {
    long ada = named("Ada");
    long face = of(ada);
    write("deleted_at = current_timestamp", face);
    JsonNode decision = decision("not_face");
    assertThat(row(face)).isEqualTo(new Row(null, null, "not_face", false));
    assertThat(decision.path("sentence").asText()).contains("deleted in the database");
    undone(decision);
    assertThat(row(face)).isEqualTo(confirmed(ada, "Ada"));
  }

  /** Before the look of each second: in the moment, here in the transaction, of its coming. */
  @Test
  void aRowThatIsDeletedAsSoonAsItComesComesBackAsNoFace() {
    long photo = rows.photo();
    FaceFinder.Face found = new FaceFinder.Face(1, 2, 30, 40, 1.5, FaceRows.somebody());
    Job job =
        new Job(
            0,
            "faces",
            "k",
            "{}",
            false,
            1,
            1,
            0,
            0,
            "node/boot",
            Lane.UPLOAD,
            0,
            photos.photo(photo));
    long face =
        Objects.requireNonNull(
            transaction.execute(
                status -> {
                  faces.keep(job, new FaceSearch.Searched(List.of(found), List.of(), "hog-1"));
                  long id = count("select id from faces where image_id = " + photo);
                  database.sql("delete from faces where id = :id").param("id", id).update();
                  return id;
                }));
    eventually("it is back", () -> count("select count(*) from faces where id = " + face) == 1);
    JsonNode decision = decision("not_face");
    assertThat(row(face)).isEqualTo(new Row(null, null, "not_face", false));
    undone(decision);
    assertThat(row(face)).isEqualTo(review());
  }

  /** As the site's model does that knows no soft deletion. */
  private void delete(long face) {
    eventually(
        "it is noted",
        () ->
            count("select count(*) from face_rows where face_id is not null and id = " + face)
                == 1);
    database.sql("delete from faces where id = :id").param("id", face).update();
    eventually("it is back", () -> count("select count(*) from faces where id = " + face) == 1);
  }

  private List<String> content(long face) {
    return database
        .sql(
            "select concat_ws(' ', image_id, face_index, hex(descriptor), box_left, box_top, box_width, box_height, score, created_at) from faces where id = :id")
        .param("id", face)
        .query(String.class)
        .list();
  }

  @Test
  void aRowThatIsDeletedBySqlComesBackAsNoFace() {
    long ada = named("Ada");
    long face = of(ada);
    List<String> content = content(face);
    delete(face);
    JsonNode decision = decision("not_face");
    assertThat(row(face)).isEqualTo(new Row(null, null, "not_face", false));
    assertThat(content(face)).isEqualTo(content);
    assertThat(decision.path("sentence").asText()).contains("deleted in the database");
    undone(decision);
    assertThat(row(face)).isEqualTo(confirmed(ada, "Ada"));
  }

  @Test
  void aRootThatIsDeletedBySqlIsFollowedByAnotherOfItsFaces() {
    long ada = named("Ada");
    long other = of(ada);
    delete(ada);
    JsonNode decision = decision("not_face");
    assertThat(row(ada)).isEqualTo(new Row(null, null, "not_face", false));
    assertThat(row(other)).isEqualTo(confirmed(null, "Ada"));
    undone(decision);
    assertThat(row(ada)).isEqualTo(confirmed(null, "Ada"));
    assertThat(row(other)).isEqualTo(confirmed(ada, "Ada"));
  }

  @Test
  void whatIsNoStatusOrNoNameIsPutBack() {
    long ada = named("Ada");
    long face = face();
    write("status = 'maybe', name = '@Ann'", face);
    putBack("\"maybe\" is no status", face);
    write("name = null", ada);
    putBack("A person keeps its name", ada);
    assertThat(row(face)).isEqualTo(review());
    assertThat(row(ada)).isEqualTo(confirmed(null, "Ada"));
  }

  @Test
  void manyRowsAtOnceAreOneDecision() {
    long ada = named("Ada");
    List<Long> faces = new ArrayList<>();
    for (int n = 0; n < 150; n++) {
      faces.add(face());
    }
    write("status = 'ok', name = '@Ada', parent_id = " + ada, faces.toArray(Long[]::new));
    JsonNode decision = decision("confirm");
    assertThat(decision.path("faces").asInt()).isEqualTo(150);
    assertThat(faces).allSatisfy(face -> assertThat(row(face)).isEqualTo(confirmed(ada, "Ada")));
    undone(decision);
    assertThat(faces).allSatisfy(face -> assertThat(row(face)).isEqualTo(review()));
  }

  @Test
  void aNewRootAndItsFacesInOneGoAreAPerson() {
    long root = face();
    long one = face();
    long two = face();
    database
        .sql(
            """
            update faces set updated_at = cast(current_timestamp as datetime(0)), status = 'ok', name = :name,
              parent_id = case id when :root then null else :root end where id in (:root, :one, :two)
            """)
        .param("name", mark + "Di")
        .param("root", root)
        .param("one", one)
        .param("two", two)
        .update();
    assertThat(decisions()).hasSize(2);
    assertThat(row(root)).isEqualTo(confirmed(null, "Di"));
    assertThat(row(one)).isEqualTo(confirmed(root, "Di"));
    assertThat(row(two)).isEqualTo(confirmed(root, "Di"));
  }

  @Test
  void whatTheSiteHasWrittenComesBeforeWhatIsDecidedHereAfterwards() {
    long face = face();
    write("status = 'ok', name = '@Ed'", face);
    Answer answer =
        api.post("/api/decisions", "{\"faces\":[%d],\"action\":\"unknown\"}".formatted(face));
    assertThat(answer.status()).isEqualTo(200);
    List<JsonNode> decisions = decisions();
    assertThat(decisions)
        .extracting(each -> each.path("who").asText())
        .containsExactly("database", "local");
    undone(decisions.get(1));
    assertThat(row(face)).isEqualTo(confirmed(null, "Ed"));
  }

  @Test
  void childrenThatAreRenamedWithTheirPersonAreNotPutBack() {
    long ada = named("Ada");
    long child = of(ada);
    write("name = '@ADA'", ada, child);
    decision("name");
    assertThat(row(child)).isEqualTo(confirmed(ada, "ADA"));
  }

  @Test
  void whatIsPutBackIsToldAsItIsAfterWhatWasWrittenWithIt() {
    long ada = named("Ada");
    long child = of(ada);
    long bo = named("Bo");
    write(
        "parent_id = case id when %1$d then %2$d else parent_id end, name = case id when %3$d then null else name end"
            .formatted(ada, bo, child),
        ada,
        child);
    assertThat(decisions())
        .extracting(each -> each.path("action").asText())
        .containsExactly("merge", "put-back");
    assertThat(row(child)).isEqualTo(confirmed(bo, "Bo"));
    assertThat(
            database
                .sql("select after_json from changes where kind = 'put-back' and face_id = :face")
                .param("face", child)
                .query(String.class)
                .single())
        .contains("\"parent_id\":" + bo, "\"name\":\"" + mark + "Bo\"");
  }

  /** The site's transactions may last: what one commits while a decision waits for its row. */
  @Test
  void whatTheSiteCommitsWhileADecisionWaitsForItsRowIsPutBackAndTold() throws Exception {
    long face = face();
    eventually(
        "it is noted, which waits for its row, too",
        () -> count("select count(*) from face_rows where id = " + face) == 1);
    try (Connection site = connections.getConnection();
        Statement statement = site.createStatement()) {
      site.setAutoCommit(false);
      statement.executeUpdate(
          "update faces set updated_at = cast(current_timestamp as datetime(0)), status = 'ok', name = '%sEve' where id = %d"
              .formatted(mark, face));
      CompletableFuture<Answer> decided =
          CompletableFuture.supplyAsync(
              () ->
                  api.post(
                      "/api/decisions", "{\"faces\":[%d],\"action\":\"unknown\"}".formatted(face)));
      eventually(
          "it waits for the row",
          () ->
              decided.isDone()
                  || count(
                          "select count(*) from information_schema.innodb_trx where trx_state = 'LOCK WAIT' and trx_query like '%for update%'")
                      > 0);
      assertThat(decided).isNotDone();
      site.commit();
      assertThat(decided.get().status()).isEqualTo(200);
    }
    List<JsonNode> decisions = decisions();
    assertThat(decisions)
        .extracting(each -> each.path("action").asText())
        .containsExactlyInAnyOrder("unknown", "put-back");
    assertThat(row(face)).isEqualTo(new Row(null, null, "unknown", false));
    JsonNode unknown =
        decisions.get(decisions.get(0).path("action").asText().equals("unknown") ? 0 : 1);
    undone(unknown);
    assertThat(row(face)).isEqualTo(review());
  }

  /** Own decisions, and their undoing, are never heard as the site's; the site's keep the rules. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void overRandomHistoriesNothingOwnIsHeardAndTheRulesHold(long seed) {
    Random random = new Random(seed);
    List<Long> faces = new ArrayList<>();
    for (int n = 0; n < 12; n++) {
      faces.add(rows.face(FaceRows.like(FaceRows.somebody(), 0.2)));
    }
    boolean site = false;
    long foreign = count("select count(*) from decisions where who = 'database'");
    for (int step = 0; step < 60; step++) {
      site = step >= 30;
      long face = faces.get(random.nextInt(faces.size()));
      long other = faces.get(random.nextInt(faces.size()));
      if (!site || random.nextBoolean()) {
        own(random, face, other);
      } else {
        foreign(random, face, other);
      }
      if (!site) {
        assertThat(count(DIFFERS)).isZero();
      }
      if (step == 29) {
        assertThat(count("select count(*) from decisions where who = 'database'"))
            .isEqualTo(foreign);
      }
    }
    heard();
    Map<Long, Row> now = new TreeMap<>();
    faces.forEach(face -> now.put(face, row(face)));
    now.forEach(
        (face, row) -> {
          Long parent = row.parent();
          if (parent != null) {
            Row root = now.getOrDefault(parent, row(parent));
            assertThat(root.parent()).as("%d under %d", face, parent).isNull();
            assertThat(root.status()).isEqualTo("ok");
            if (row.status().equals("ok")) {
              assertThat(row.name()).isEqualTo(root.name());
            }
          }
          assertThat(row.deleted()).isFalse();
        });
    assertThat(count("select count(*) from decisions where who = 'database'"))
        .isGreaterThan(foreign);
  }

  private void own(Random random, long face, long other) {
    String name = mark + (char) ('A' + random.nextInt(4));
    switch (random.nextInt(6)) {
      case 0, 1 ->
          api.post(
              "/api/decisions",
              "{\"faces\":[%d,%d],\"action\":\"confirm\",\"name\":\"%s\"}"
                  .formatted(face, other, name));
      case 2 ->
          api.post(
              "/api/decisions",
              "{\"faces\":[%d],\"action\":\"%s\"}"
                  .formatted(
                      face, List.of("unknown", "not_face", "detach").get(random.nextInt(3))));
      case 3 -> api.post("/api/people/" + face + "/merge", "{\"into\":" + other + "}");
      case 4 -> api.post("/api/decisions/" + count("select max(id) from decisions") + "/undo");
      default ->
          api.delete("/api/photos/" + count("select image_id from faces where id = " + face));
    }
    if (random.nextInt(3) == 0) {
      for (long id :
          database
              .sql("select id from images where deleted_at is not null")
              .query(Long.class)
              .list()) {
        api.post("/api/photos/" + id + "/restore");
      }
    }
  }

  private void foreign(Random random, long face, long other) {
    String name = "@" + (char) ('A' + random.nextInt(4));
    switch (random.nextInt(6)) {
      case 0 -> write("status = 'ok', name = '" + name + "'", face, other);
      case 1 -> write("status = 'ok', parent_id = " + other, face);
      case 2 -> write("parent_id = " + other, face);
      case 3 -> write("status = 'unknown', name = null, parent_id = null", face);
      case 4 -> write("status = 'process'", face);
      default -> write("deleted_at = current_timestamp", face);
    }
  }
}
