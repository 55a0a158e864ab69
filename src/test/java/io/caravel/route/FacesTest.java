package io.caravel.route;

import static io.caravel.route.TableFinder.face;
import static io.caravel.route.TableFinder.person;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.face.FaceFinder;
import io.caravel.face.FaceIndex;
import io.caravel.ground.Failure;
import io.caravel.photo.Photos;
import io.caravel.route.Api.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.transaction.support.TransactionTemplate;

/** {@code faces}: what becomes of the faces that are found. The people of each test are its own. */
class FacesTest extends FlowTest {
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  private static final Offset<Double> NEAR = Offset.offset(1e-6);

  @Autowired FaceIndex index;
  @Autowired Photos photos;
  @Autowired TransactionTemplate transaction;

  @AfterEach
  void ready() {
    TableFinder.ready();
  }

  /** A picture of a size that no other has, and somebody who is in no other test. */
  private static int next() {
    return NUMBERS.incrementAndGet();
  }

  private long photo(int number, FaceFinder.Face... faces) {
    int width = 60 + 2 * number;
    TableFinder.tell(width, 50, faces);
    return api.accepted("a.jpg", Picture.of(width, 50).bytes());
  }

  private List<JsonNode> faces(long photo) {
    ended(photo, "faces");
    Answer answer = api.get("/api/photos/" + photo + "/faces");
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    JsonNode items = answer.json().path("items");
    return IntStream.range(0, items.size()).mapToObj(items::get).toList();
  }

  /** As a person's decision would. */
  private void decide(long face, String set) {
    database
        .sql(
            "update faces set revision = revision + 1, changed_at = current_timestamp(6), "
                + set
                // As Caravel writes it: else a server's is taken for the site's, and heard.
                + ", known_status = status, known_name = name, known_parent_id = parent_id where id = :id")
        .param("id", face)
        .update();
    index.changed(List.of(face));
  }

  private void again(long photo) {
    long run = run(photo);
    assertThat(api.post("/api/photos/" + photo + "/jobs/faces?force=true").status()).isEqualTo(202);
    eventually("run again", () -> run(photo) > run && done(photo));
  }

  private boolean done(long photo) {
    return job(photo, "faces").path("state").asText().equals("done");
  }

  private long run(long photo) {
    return database
        .sql("select run from jobs where queue = 'faces' and image_id = :id")
        .param("id", photo)
        .query(Long.class)
        .single();
  }

  private static long id(JsonNode face) {
    return face.path("id").asLong();
  }

  // Found and kept

  @Test
  void thePhotosFacesAreKeptWithBoxScoreAndEncoding() throws Exception {
    int who = next();
    // Searched at half its size: 62 x 50 becomes 31 x 25.
    long photo = photo(who, face(2, 3, 10, person(who)), face(20, 10, 8, person(100 + who % 20)));

    List<JsonNode> faces = faces(photo);

    assertThat(faces).hasSize(2);
    JsonNode first = faces.get(0);
    assertThat(first.path("photo_id").asLong()).isEqualTo(photo);
    assertThat(first.path("face_index").asInt()).isZero();
    assertThat(faces.get(1).path("face_index").asInt()).isOne();
    assertThat(first.path("left").asInt()).isEqualTo(4);
    assertThat(first.path("top").asInt()).isEqualTo(6);
    assertThat(first.path("width").asInt()).isEqualTo(20);
    assertThat(first.path("score").asDouble()).isEqualTo(0.5);
    assertThat(first.path("status").asText()).isEqualTo("process");
    assertThat(first.path("parent_id").isNull()).isTrue();
    assertThat(first.has("encoding")).isFalse();
    assertThat(api.photo(photo).path("faces").asInt()).isEqualTo(2);

    Answer one = api.get("/api/faces/" + id(first) + "?encoding=true");
    assertThat(one.json().path("encoding").size()).isEqualTo(128);
    assertThat(one.json().path("encoding").get(who).asDouble()).isEqualTo(1);
    assertThat(one.header("ETag")).isEqualTo("\"1\"");
    assertThat(one.json().path("engine").asText()).isEqualTo("a table 1");
    Answer listed = api.get("/api/faces?status=process&photo=" + photo);
    assertThat(listed.json().path("total").asInt()).isEqualTo(2);
    assertThat(api.get("/api/faces?status=ok&photo=" + photo).json().path("total").asInt())
        .isZero();
    assertThat(ImageIO.read(debug(photo).toFile()).getWidth()).isEqualTo(60 + 2 * who);
  }

  private Path debug(long photo) {
    String sha256 = api.photo(photo).path("sha256").asText();
    return Path.of(environment.getRequiredProperty("caravel.home"), "debug")
        .resolve(sha256.substring(0, 2))
        .resolve(sha256 + ".jpg");
  }

  @Test
  void aPhotoWithoutFacesIsDoneAndOneThatCannotBeDecodedFails() {
    long none = photo(next());
    assertThat(faces(none)).isEmpty();
    assertThat(job(none, "faces").path("state").asText()).isEqualTo("done");
    assertThat(debug(none)).doesNotExist();

    byte[] broken = Picture.tiny().bytes();
    for (int at = 0; at < broken.length - 1; at++) {
      if ((broken[at] & 0xFF) == 0xFF && (broken[at + 1] & 0xFF) == 0xC4) {
        java.util.Arrays.fill(broken, at + 4, at + 20, (byte) 0xFF);
        break;
      }
    }
    JsonNode failed = ended(api.accepted("broken.jpg", broken), "faces");
    assertThat(failed.path("state").asText()).isEqualTo("failed");
    assertThat(failed.path("cause").asText()).isEqualTo("undecodable");
    assertThat(api.get("/api/faces/999999999").status()).isEqualTo(404);
    assertThat(api.get("/api/photos/999999999/faces").status()).isEqualTo(404);
  }

  @Test
  void facesOfATrashedPhotoAreInvisibleAndThoseNobodyReviewedGoWithIt() {
    int who = next();
    long photo = photo(who, face(0, 0, 10, person(who)), face(20, 0, 8, person(100)));
    List<JsonNode> faces = faces(photo);
    long root = id(faces.get(0));
    decide(root, "status = 'ok', name = 'Ada'");
    Path debug = debug(photo);
    assertThat(debug).exists();
    api.delete("/api/photos/" + photo);
    assertThat(api.get("/api/faces/" + id(faces.get(1))).status()).isEqualTo(404);
    assertThat(api.get("/api/photos/" + photo + "/faces").status()).isEqualTo(404);
    assertThat(api.get("/api/faces/" + root + "/crop").status()).isEqualTo(404);
    assertThat(api.get("/api/faces/" + root).json().path("name").asText()).isEqualTo("Ada");
    assertThat(index.nearestPerson(person(who)).map(FaceIndex.Match::face)).contains(root);

    database
        .sql("update images set deleted_at = '2001-01-01' where id = :id")
        .param("id", photo)
        .update();
    lived(30);
    assertThat(photos.expired()).isNotEmpty();
    photos.expired().stream()
        .filter(each -> each.id() == photo)
        .forEach(each -> transaction.execute(status -> photos.forget(each)));

    JsonNode left = api.get("/api/faces/" + root).json();
    assertThat(left.path("name").asText()).isEqualTo("Ada");
    assertThat(left.path("photo_id").isNull()).isTrue();
    assertThat(api.get("/api/faces/" + id(faces.get(1))).status()).isEqualTo(404);
    assertThat(index.nearestPerson(person(who)).map(FaceIndex.Match::face)).contains(root);
  }

  // Matching

  @Test
  void aFaceGetsTheNearestPersonBelowTheThresholdAndAPersonItsNearestFaceOfAPhoto() {
    int who = next();
    long known = id(faces(photo(who, face(0, 0, 10, person(who)))).get(0));
    decide(known, "status = 'ok', name = 'Ada'");
    long photo =
        photo(
            next(),
            face(0, 0, 5, person(who, 0.5)),
            face(8, 0, 5, person(who, -0.61)),
            face(16, 0, 5, person(who, 0.1)));

    List<JsonNode> faces = faces(photo);

    assertThat(faces.get(0).path("parent_id").isNull()).isTrue();
    assertThat(faces.get(0).path("distance").isNull()).isTrue();
    assertThat(faces.get(1).path("parent_id").isNull()).isTrue();
    assertThat(faces.get(2).path("parent_id").asLong()).isEqualTo(known);
    assertThat(faces.get(2).path("distance").asDouble()).isCloseTo(0.1, NEAR);
    assertThat(faces.get(2).path("name").isNull()).isTrue();
  }

  /**
   * Seen: 22 of 29 faces of one group photo hung on its first, and were suggested to be its man.
   */
  @Test
  void aFaceIsSuggestedByItsOwnDistanceAlone() {
    int who = next();
    long photo =
        photo(
            who,
            face(0, 0, 5, person(who)),
            face(8, 0, 5, person(who, 0.5)),
            face(16, 0, 5, person(who, 1.0)));
    List<JsonNode> alone = faces(photo);
    long root = id(alone.get(0));
    assertThat(alone).allMatch(face -> face.path("parent_id").isNull());

    decide(root, "status = 'ok', name = 'Ada'");
    long second = id(alone.get(1));
    decide(second, "status = 'ok', name = 'Ada', parent_id = " + root);
    List<JsonNode> then =
        faces(photo(next(), face(0, 0, 5, person(who, 0.9)), face(9, 0, 5, person(who, -0.61))));
    // 0.9 from her face that she stands for, 0.4 from another.
    assertThat(then.get(0).path("parent_id").asLong()).isEqualTo(root);
    assertThat(then.get(0).path("distance").asDouble()).isCloseTo(0.4, NEAR);
    assertThat(then.get(1).path("parent_id").isNull()).isTrue();
  }

  @Test
  void whoIsNoRootAnyMoreGetsNoFacesThoughTheIndexStillHasThem() {
    int who = next();
    long gone = id(faces(photo(who, face(0, 0, 5, person(who)))).get(0));
    decide(gone, "status = 'ok', name = 'Ada'");
    // As another node would, of which this one has not heard; too long ago to be looked for.
    database
        .sql(
            "update faces set status = 'unknown', known_status = 'unknown', revision = revision + 1, changed_at = '2001-01-01' where id = :id")
        .param("id", gone)
        .update();
    assertThat(index.nearestPerson(person(who)).map(FaceIndex.Match::distance)).contains(0.0);
    List<JsonNode> faces = faces(photo(next(), face(0, 0, 5, person(who, 0.1))));
    assertThat(faces.get(0).path("parent_id").isNull()).isTrue();
  }

  // Again

  @Test
  void againByForceReplacesWhatNobodyReviewedAndNothingElse() {
    int who = next();
    long photo =
        photo(
            who,
            face(0, 0, 8, person(who)),
            face(10, 0, 8, person(100)),
            face(20, 0, 8, person(101)));
    List<JsonNode> before = faces(photo);
    decide(id(before.get(0)), "status = 'ok', name = 'Ada'");
    decide(id(before.get(1)), "status = 'not_face'");
    // The box moves a little, the second's encoding changes; the third lies elsewhere.
    TableFinder.tell(
        60 + 2 * who,
        50,
        face(10, 1, 8, person(102)),
        face(1, 0, 8, person(who)),
        face(20, 12, 8, person(101)));

    again(photo);

    List<JsonNode> after = faces(photo);
    assertThat(after).hasSize(3);
    assertThat(after.get(0)).isEqualTo(api.get("/api/faces/" + id(before.get(0))).json());
    assertThat(after.get(0).path("name").asText()).isEqualTo("Ada");
    assertThat(after.get(1).path("id")).isEqualTo(before.get(1).path("id"));
    assertThat(after.get(1).path("status").asText()).isEqualTo("not_face");
    assertThat(id(after.get(2))).isNotIn(before.stream().map(FacesTest::id).toList());
    assertThat(after.get(2).path("top").asInt()).isEqualTo(24);
    assertThat(after.get(2).path("face_index").asInt()).isEqualTo(2);
    assertThat(api.get("/api/faces/" + id(before.get(2))).status()).isEqualTo(404);
    assertThat(api.photo(photo).path("faces").asInt()).isEqualTo(2);
  }

  private Answer draw(long photo, int left, int top, int width, int height) {
    return api.post(
        "/api/photos/" + photo + "/faces",
        "{\"left\":%d,\"top\":%d,\"width\":%d,\"height\":%d}".formatted(left, top, width, height));
  }

  private long drawn(long photo, int left, int top, int side) {
    Answer answer = draw(photo, left, top, side, side);
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    assertThat(answer.header("ETag")).isNotEmpty();
    return id(answer.json());
  }

  private int undo() {
    long decision = database.sql("select max(id) from decisions").query(Long.class).single();
    return api.post("/api/decisions/" + decision + "/undo").status();
  }

  @Test
  void aFaceThatWasMissedIsDrawnEncodedSuggestedAndThatIsUndone() {
    int who = next();
    long known = photo(who, face(0, 0, 8, person(who)));
    decide(id(faces(known).get(0)), "status = 'ok', name = 'Eve'");
    int wide = next();
    long photo = photo(wide, face(0, 0, 8, person(100)));
    faces(photo);
    TableFinder.hide(60 + 2 * wide, 50, face(30, 20, 20, person(who, 0.2)));

    long face = drawn(photo, 29, 19, 22);

    JsonNode shown = api.get("/api/faces/" + face + "?encoding=true").json();
    assertThat(shown.path("status").asText()).isEqualTo("process");
    assertThat(shown.path("suggested_name").asText()).isEqualTo("Eve");
    assertThat(shown.path("distance").asDouble()).isCloseTo(0.2, NEAR);
    assertThat(shown.path("encoding").get(who).asDouble()).isEqualTo(1);
    assertThat(List.of(shown.path("left").asInt(), shown.path("width").asInt()))
        .containsExactly(29, 22);
    assertThat(shown.path("face_index").asInt()).isOne();
    assertThat(shown.path("engine").asText()).isEqualTo("drawn, a table 1");
    assertThat(api.photo(photo).path("faces").asInt()).isEqualTo(2);

    assertThat(undo()).isEqualTo(200);
    assertThat(api.get("/api/faces/" + face).status()).isEqualTo(404);
    assertThat(faces(photo)).hasSize(1);
    assertThat(api.photo(photo).path("faces").asInt()).isOne();
    assertThat(api.get("/api/faces?photo=" + photo).json().path("total").asInt()).isOne();
    String wish = "{\"faces\":[%d],\"action\":\"unknown\"}".formatted(face);
    assertThat(api.post("/api/decisions", wish).status()).as("it is not there").isEqualTo(404);

    assertThat(undo()).as("and made again").isEqualTo(200);
    assertThat(api.get("/api/faces/" + face).json().path("suggested_name").asText())
        .isEqualTo("Eve");
  }

  @Test
  void aDrawnFaceOutlivesTheNextSearchAndIsNotFoundTwice() {
    int who = next();
    long photo = photo(who, face(0, 0, 8, person(100)));
    faces(photo);
    long face = drawn(photo, 30, 20, 20);
    TableFinder.tell(60 + 2 * who, 50, face(0, 0, 8, person(100)), face(15, 10, 10, person(101)));

    again(photo);

    assertThat(faces(photo)).hasSize(2).extracting(FacesTest::id).contains(face);

    assertThat(undo()).isEqualTo(200);
    again(photo);
    assertThat(faces(photo)).as("the search's own now").hasSize(2);
    assertThat(faces(photo)).extracting(FacesTest::id).doesNotContain(face);
  }

  @Test
  void aBoxThatIsNoneIsRefused() {
    int who = next();
    long photo = photo(who, face(2, 2, 10, person(who)));
    faces(photo);

    Answer beyond = draw(photo, 50, 30, 30, 30);
    assertThat(beyond.status()).isEqualTo(400);
    assertThat(beyond.json().path("detail").asText()).contains("beyond the photo");
    assertThat(draw(photo, 0, 0, 1_000_000, 1_000_000).status()).isEqualTo(400);
    assertThat(draw(photo, -1, 0, 20, 20).status()).isEqualTo(400);
    assertThat(draw(photo, 0, 0, 9, 20).status()).isEqualTo(400);
    Answer there = draw(photo, 5, 5, 20, 20);
    assertThat(there.status()).isEqualTo(409);
    assertThat(there.json().path("detail").asText()).contains("is in that place already");
    assertThat(draw(999_999, 0, 0, 20, 20).status()).isEqualTo(404);
    assertThat(faces(photo)).hasSize(1);
  }

  /** Its boxes lie a little elsewhere, and it sees what the former one did not. */
  @Test
  void aLibrarySearchedByAnotherDetectorIsNotAskedAgainAboutWhatWasReviewed() {
    int who = next();
    long photo = photo(who, face(0, 0, 10, person(who)), face(14, 0, 10, person(100)));
    List<JsonNode> before = faces(photo);
    decide(id(before.get(0)), "status = 'ok', name = 'Ada', engine = null");
    decide(id(before.get(1)), "status = 'unknown', engine = null");
    TableFinder.tell(
        60 + 2 * who,
        50,
        face(1, 1, 10, person(who, 0.1)),
        face(14, 1, 9, person(100, 0.1)),
        face(20, 12, 8, person(101)));
    long run = run(photo);

    assertThat(api.post("/api/queues/faces/all").status()).isEqualTo(202);
    eventually("searched again", () -> run(photo) > run && done(photo));

    List<JsonNode> after = faces(photo);
    assertThat(after).hasSize(3);
    assertThat(after.get(0)).isEqualTo(api.get("/api/faces/" + id(before.get(0))).json());
    assertThat(after.get(0).path("engine").isNull()).isTrue();
    assertThat(after.get(1).path("status").asText()).isEqualTo("unknown");
    assertThat(after.get(2).path("engine").asText()).isEqualTo("a table 1");
    assertThat(api.get("/api/faces?status=process&photo=" + photo).json().path("total").asInt())
        .isOne();
  }

  @Test
  void aReviewedFaceWithoutABoxIsKnownByItsEncoding() {
    int who = next();
    long photo = photo(who, face(0, 0, 8, person(who)), face(10, 0, 8, person(100)));
    List<JsonNode> before = faces(photo);
    decide(
        id(before.get(0)),
        "status = 'ok', name = 'Ada', box_left = null, box_top = null, box_width = null, box_height = null");
    again(photo);
    assertThat(faces(photo)).hasSize(2);
  }

  @Test
  void withoutForceAPhotoKeepsTheFacesItHas() {
    int who = next();
    long photo = photo(who, face(0, 0, 8, person(who)));
    List<JsonNode> before = faces(photo);
    TableFinder.tell(60 + 2 * who, 50);
    api.post("/api/photos/" + photo + "/jobs/faces");
    eventually("run again", () -> run(photo) == 2 && done(photo));
    assertThat(faces(photo)).isEqualTo(before);
    again(photo);
    assertThat(faces(photo)).isEmpty();
  }

  @Test
  void whatWasReplacedIsCleanedAwayAfterAWhileUnlessAFaceLeansOnIt() throws Exception {
    int who = next();
    long photo = photo(who, face(0, 0, 8, person(who)), face(10, 0, 8, person(who, 0.5)));
    List<JsonNode> old = faces(photo);
    again(photo);
    clean();
    assertThat(rows(old)).isEqualTo(2);
    database
        .sql("update faces set deleted_at = '2001-01-01' where deleted_at is not null")
        .update();
    decide(id(faces(photo).get(1)), "parent_id = " + id(old.get(0)));
    cleanUntil(old, 1);
    decide(id(faces(photo).get(1)), "parent_id = null");
    cleanUntil(old, 0);
  }

  /** On a server once it is noted that the rows go by Caravel's own will. */
  private void cleanUntil(List<JsonNode> faces, long left) {
    eventually(
        "%d of %d are left".formatted(left, faces.size()),
        () -> {
          clean();
          return rows(faces) == left;
        });
    assertThat(rows(faces)).isEqualTo(left);
  }

  private void clean() throws Exception {
    database
        .sql(
            Files.readString(Path.of("src/main/resources/sql/clean-faces.sql"))
                .replace(":#${variable.anHourAgo}", "timestampadd(hour, -1, current_timestamp(3))"))
        .update();
  }

  private long rows(List<JsonNode> faces) {
    return database
        .sql("select count(*) from faces where id in (:ids)")
        .param("ids", faces.stream().map(FacesTest::id).toList())
        .query(Long.class)
        .single();
  }

  // Models

  @Test
  void whileTheModelsAreMissingOnlyTheFacesWaitAndThenGoOnByThemselves() {
    TableFinder.unready(Failure.passing("models-missing", "Put the models there."));
    int who = next();
    long photo = photo(who, face(0, 0, 8, person(who)));
    ended(photo, "thumbnails");
    ended(photo, "metadata");
    JsonNode queues = api.get("/api/queues").json();
    eventually("it is told", () -> !api.get("/api/queues").json().at("/faces/waiting").isNull());
    assertThat(queues.at("/thumbnails/waiting").isNull()).isTrue();
    assertThat(api.get("/api/queues").json().at("/faces/waiting").asText())
        .isEqualTo("Put the models there.");
    assertThat(job(photo, "faces").path("state").asText()).isEqualTo("queued");
    assertThat(job(photo, "faces").path("attempts").asInt()).isZero();
    assertThat(api.get("/actuator/health", "Accept", "application/json").text())
        .contains("Put the models there.");
    assertThat(api.get("/health").status()).isEqualTo(503);
    assertThat(api.get("/health").detail()).isEqualTo("Put the models there.");
    assertThat(api.form("/encode", new Api.Part("image", "a.jpg", Picture.tiny().bytes())).status())
        .isEqualTo(503);

    TableFinder.ready();

    assertThat(faces(photo)).hasSize(1);
    assertThat(job(photo, "faces").path("attempts").asInt()).isOne();
    eventually(
        "nothing is told any more",
        () -> api.get("/api/queues").json().at("/faces/waiting").isNull());
  }

  // The Face API

  @Test
  void encodeAnswersTheEncodingsAsTheReplacedServiceDid() throws Exception {
    int who = next();
    int width = 60 + 2 * who;
    TableFinder.tell(width, 50, face(0, 0, 8, person(who)), face(10, 0, 8, person(100)));
    byte[] image = Picture.of(width, 50).bytes();

    Answer plain = api.form("/encode", new Api.Part("image", "x.jpg", image));
    assertThat(plain.status()).as(plain.text()).isEqualTo(200);
    assertThat(plain.json().path("encodings").size()).isEqualTo(2);
    assertThat(plain.json().path("encodings").get(0).get(who).asDouble()).isEqualTo(1);
    assertThat(plain.json().path("debug_image_path").isNull()).isTrue();

    Answer none = api.form("/encode", new Api.Part("image", "x.jpg", Picture.tiny().bytes()));
    assertThat(none.json().path("encodings").isEmpty()).isTrue();

    Answer drawn =
        api.form(
            "/encode",
            new Api.Part("image", "x.jpg", image),
            Api.Part.field("original_path", "images/test.jpg"),
            Api.Part.field("original_disk", "private"),
            Api.Part.field("image_debug_subdir", "debug"));
    String path = drawn.json().path("debug_image_path").asText();
    assertThat(path).isEqualTo("images/debug/test.jpg.faces.jpg");
    assertThat(ImageIO.read(originals().resolve(path).toFile()).getWidth()).isEqualTo(width);
    assertThat(api.get("/health").text()).isEqualTo("{\"status\":\"ok\",\"mode\":\"cpu\"}");
    try (var staged = Files.walk(originals().resolve(".incoming"))) {
      assertThat(staged.filter(Files::isRegularFile)).isEmpty();
    }
  }

  /** As the replaced service's documentation has it; it was a bad request. */
  @ParameterizedTest
  @CsvSource({
    "%s/images/abs.jpg, %s,        images/debug/abs.jpg.faces.jpg",
    "images/abs.jpg,    %s/,       images/debug/abs.jpg.faces.jpg",
    "%s/images/abs.jpg, private,   images/debug/abs.jpg.faces.jpg",
    "%s/images/abs.jpg, '',        images/debug/abs.jpg.faces.jpg",
    "%s/images/abs.jpg, %s/images, debug/abs.jpg.faces.jpg",
  })
  void encodeTakesAbsolutePathsThatLieInAStorageRoot(String path, String disk, String told) {
    int width = 60 + 2 * next();
    TableFinder.tell(width, 50, face(2, 3, 10, person(1)));
    Answer drawn =
        api.form(
            "/encode",
            new Api.Part("image", "x.jpg", Picture.of(width, 50).bytes()),
            Api.Part.field("original_path", path.replace("%s", originals().toString())),
            Api.Part.field("original_disk", disk.replace("%s", originals().toString())),
            Api.Part.field("image_debug_subdir", "debug"));
    assertThat(drawn.status()).as(drawn.text()).isEqualTo(200);
    assertThat(drawn.json().path("debug_image_path").asText()).isEqualTo(told);
    assertThat(originals().resolve("images/debug/abs.jpg.faces.jpg")).isRegularFile();
  }

  @Test
  void encodeDrawsNothingWhereThereIsNoFace() {
    int width = 60 + 2 * next();
    TableFinder.tell(width, 50, face(2, 3, 10, person(1)));
    assertThat(drawn(width)).isEqualTo("debug/empty.jpg.faces.jpg");
    assertThat(originals().resolve("debug/empty.jpg.faces.jpg")).isRegularFile();
    assertThat(drawn(60 + 2 * next())).isEqualTo("null");
    assertThat(originals().resolve("debug/empty.jpg.faces.jpg")).doesNotExist();
  }

  private String drawn(int width) {
    return api.form(
            "/encode",
            new Api.Part("image", "x.jpg", Picture.of(width, 50).bytes()),
            Api.Part.field("original_path", "empty.jpg"))
        .json()
        .path("debug_image_path")
        .asText();
  }

  @Test
  void encodeRefusesWhatIsNoImageAndWhatLeadsOutOfTheDisk() throws Exception {
    byte[] image = Picture.tiny().bytes();
    for (byte[] broken : List.of(new byte[0], "no image".getBytes(), new byte[] {1, 2})) {
      Answer refused = api.form("/encode", new Api.Part("image", "a.jpg", broken));
      assertThat(refused.status()).as(refused.text()).isEqualTo(400);
      assertThat(refused.detail()).endsWith(".");
    }
    assertThat(api.form("/encode", Api.Part.field("original_path", "a.jpg")).status())
        .isEqualTo(400);
    Path elsewhere = Files.createDirectories(home("elsewhere-for-encode"));
    Files.deleteIfExists(originals().resolve("link"));
    Files.createSymbolicLink(originals().resolve("link"), elsewhere);
    for (List<String> order :
        List.of(
            List.of("../out.jpg", "private", "debug"),
            List.of("/etc/passwd", "private", "debug"),
            List.of("a/../../b.jpg", "private", "debug"),
            List.of("link/a.jpg", "private", "debug"),
            List.of("a.jpg", "private", "link"),
            List.of("a.jpg", "private", "../debug"),
            List.of("a.jpg", "private", ".."),
            List.of("a.jpg", "private", "."),
            List.of("a.jpg", "private", "/tmp"),
            List.of("a\0.jpg", "private", "debug"),
            List.of("a.jpg", "nowhere", "debug"),
            List.of("a.jpg", "/etc", "debug"),
            List.of("/etc/a.jpg", "", "debug"),
            List.of("/etc/a.jpg", originals().toString(), "debug"),
            List.of("../a.jpg", originals() + "/images", "debug"),
            List.of("a.jpg", originals() + "/../..", "debug"),
            List.of("a.jpg", originals() + "/link", "debug"))) {
      Answer refused =
          api.form(
              "/encode",
              new Api.Part("image", "a.jpg", image),
              Api.Part.field("original_path", order.get(0)),
              Api.Part.field("original_disk", order.get(1)),
              Api.Part.field("image_debug_subdir", order.get(2)));
      assertThat(refused.status()).as(order + refused.text()).isEqualTo(400);
    }
    try (var left = Files.list(elsewhere)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void compareAnswersEuclideanDistancesAndRefusesWhatIsNoEncoding() {
    String zero = "[" + "0,".repeat(127) + "0]";
    String far = "[" + "0,".repeat(126) + "3,4]";
    Answer compared = compare(zero, "[" + zero + "," + far + "]");
    assertThat(compared.status()).as(compared.text()).isEqualTo(200);
    assertThat(compared.text()).isEqualTo("{\"distances\":[0.0,5.0]}");
    assertThat(compare(zero, "[]").text()).isEqualTo("{\"distances\":[]}");
    for (String bad :
        List.of(
            "[1]",
            "[" + "0,".repeat(128) + "0]",
            "[" + "0,".repeat(127) + "NaN]",
            "[" + "0,".repeat(127) + "1e999]",
            "[" + "0,".repeat(127) + "\"0\"]",
            "null",
            "7")) {
      assertThat(compare(bad, "[]").status()).as(bad).isEqualTo(400);
      assertThat(compare(zero, "[" + bad + "]").status()).as(bad).isEqualTo(400);
    }
    assertThat(api.post("/compare", "{}").status()).isEqualTo(400);
    assertThat(api.post("/compare", "[").detail()).contains("no JSON object");
    assertThat(
            compare(zero, "[" + (zero + ",").repeat(2000) + zero + "]")
                .json()
                .path("distances")
                .size())
        .isEqualTo(2001);
  }

  private Answer compare(String encoding, String candidates) {
    return api.post(
        "/compare", "{\"encoding\":" + encoding + ",\"candidates\":" + candidates + "}");
  }
}
