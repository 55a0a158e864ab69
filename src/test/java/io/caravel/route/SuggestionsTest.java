package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.face.FaceIndex;
import io.caravel.route.Api.Answer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * Whatever people decide, and take back, whatever is trashed and restored: whom the faces to review
 * are thought to be is what all rows together give, computed anew.
 */
class SuggestionsTest extends FlowTest {
  private static final double THRESHOLD = 0.6;
  private static final int STEPS = 40;

  @Autowired FaceIndex index;

  private record Suggested(@Nullable Long person, @Nullable Double distance) {}

  private record Row(
      long id,
      long photo,
      @Nullable Long parent,
      String status,
      @Nullable Double distance,
      float[] encoding) {
    long person() {
      return parent == null ? id : parent;
    }
  }

  private record Pair(Row face, long person, double distance) {}

  private final List<Long> ofThisTest = new ArrayList<>();
  private final Map<Long, Long> photos = new HashMap<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void suggestionsAreWhatAFreshComputationGives(long seed) {
    Random dice = new Random(seed);
    String mark = "S" + UUID.randomUUID().toString().substring(0, 8) + " ";
    List<Long> alone = library(dice);
    List<Long> decisions = new ArrayList<>();
    Set<Long> trashed = new HashSet<>();
    Set<Long> putBack = new HashSet<>();
    int made = 0;
    int suggested = 0;
    for (int step = 0; step < STEPS; step++) {
      long face = one(ofThisTest, dice);
      long photo = Objects.requireNonNull(photos.get(face));
      int what = dice.nextInt(12);
      String told = step + ": " + what + " on face " + face + " of photo " + photo;
      Answer answer;
      if (what < 4) {
        answer = decide(face, "confirm", ",\"name\":\"" + mark + dice.nextInt(3) + "\"");
      } else if (what < 6) {
        answer = decide(face, "confirm", ""); // as whom it is suggested to be
      } else if (what == 6) {
        answer = decide(face, dice.nextBoolean() ? "unknown" : "not_face", "");
      } else if (what == 7) {
        face = one(alone, dice);
        answer = decide(face, "detach", "");
        putBack.add(face);
      } else if (what == 8) {
        List<Long> people = people();
        answer =
            people.size() < 2
                ? decide(face, "confirm", "")
                : api.post(
                    "/api/people/" + people.get(0) + "/merge",
                    "{\"into\":" + people.get(people.size() - 1) + "}");
      } else if (what == 9 && !decisions.isEmpty()) {
        answer = api.post("/api/decisions/" + one(decisions, dice) + "/undo");
      } else if (trashed.remove(photo)) {
        answer = api.post("/api/photos/" + photo + "/restore");
      } else {
        trashed.add(photo);
        answer = api.delete("/api/photos/" + photo);
      }
      assertThat(answer.status()).as(told + ": " + answer.text()).isIn(200, 202, 204, 404, 409);
      if (answer.status() < 300) {
        made++;
        JsonNode decision = answer.text().isEmpty() ? null : answer.json().at("/decision/id");
        if (decision != null && decision.isNumber()) {
          decisions.add(decision.asLong());
        }
      }
      Map<Long, Suggested> fresh = fresh();
      for (Row row : rows()) {
        if (row.status().equals("process")) {
          Suggested is = new Suggested(row.parent(), row.distance());
          boolean left = putBack.contains(row.id()) && row.parent() == null;
          Suggested should = fresh.getOrDefault(row.id(), new Suggested(null, null));
          assertThat(left || near(is, should))
              .as("%s: face %d is suggested as %s, not %s", told, row.id(), is, should)
              .isTrue();
          suggested += row.parent() == null ? 0 : 1;
        }
      }
    }
    assertThat(made).isGreaterThan(STEPS / 2);
    assertThat(suggested).isGreaterThan(STEPS);
  }

  private static boolean near(Suggested is, Suggested should) {
    if (is.person() == null || should.person() == null) {
      return is.person() == null && should.person() == null && is.distance() == null;
    }
    return is.person().equals(should.person())
        && is.distance() != null
        && should.distance() != null
        && Math.abs(is.distance() - should.distance()) < 1e-6;
  }

  private static long one(List<Long> of, Random dice) {
    return of.get(dice.nextInt(of.size()));
  }

  private Answer decide(long face, String action, String more) {
    return api.post(
        "/api/decisions", "{\"faces\":[%d],\"action\":\"%s\"%s}".formatted(face, action, more));
  }

  /**
   * Photos of one to four faces of four people, some of whom are alike.
   *
   * @return faces that are alone in their photos
   */
  private List<Long> library(Random dice) {
    ofThisTest.clear();
    photos.clear();
    FaceRows rows = new FaceRows(database, index);
    List<float[]> people = new ArrayList<>();
    people.add(FaceRows.somebody());
    people.add(FaceRows.like(people.get(0), 0.5));
    people.add(FaceRows.like(people.get(0), 0.7));
    people.add(FaceRows.somebody());
    List<Long> alone = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      long photo = rows.photo();
      int faces = 1 + i % 4;
      for (int j = 0; j < faces; j++) {
        float[] person = people.get(dice.nextInt(people.size()));
        long face = rows.face(photo, FaceRows.like(person, 0.2 + 0.4 * dice.nextDouble()), null);
        ofThisTest.add(face);
        photos.put(face, photo);
        if (faces == 1) {
          alone.add(face);
        }
      }
    }
    return alone;
  }

  private List<Row> rows() {
    return database
        .sql(
            """
            select id, image_id, parent_id, status, distance, descriptor from faces
            where id in (:ids) and deleted_at is null order by id
            """)
        .param("ids", ofThisTest)
        .query(
            (row, n) -> {
              float[] encoding = new float[128];
              ByteBuffer.wrap(row.getBytes("descriptor"))
                  .order(ByteOrder.LITTLE_ENDIAN)
                  .asFloatBuffer()
                  .get(encoding);
              return new Row(
                  row.getLong("id"),
                  row.getLong("image_id"),
                  row.getObject("parent_id", Long.class),
                  row.getString("status"),
                  row.getObject("distance", Double.class),
                  encoding);
            })
        .list();
  }

  private List<Long> people() {
    return rows().stream()
        .filter(row -> row.status().equals("ok") && row.parent() == null)
        .map(Row::id)
        .toList();
  }

  private static double distance(float[] one, float[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += ((double) one[i] - other[i]) * ((double) one[i] - other[i]);
    }
    return Math.sqrt(sum);
  }

  /** Of each photo the nearest face and person first, each face and each person once. */
  private Map<Long, Suggested> fresh() {
    List<Row> rows = rows();
    List<Pair> pairs = new ArrayList<>();
    for (Row face : rows) {
      if (face.status().equals("process")) {
        Map<Long, Double> people = new TreeMap<>();
        for (Row known : rows) {
          double distance = distance(face.encoding(), known.encoding());
          if (known.status().equals("ok") && distance < THRESHOLD) {
            people.merge(known.person(), distance, Math::min);
          }
        }
        people.forEach((person, distance) -> pairs.add(new Pair(face, person, distance)));
      }
    }
    pairs.sort(Comparator.comparingDouble(Pair::distance));
    Map<Long, Suggested> fresh = new HashMap<>();
    Set<String> taken = new HashSet<>();
    for (Pair pair : pairs) {
      String place = pair.face().photo() + " " + pair.person();
      if (!fresh.containsKey(pair.face().id()) && taken.add(place)) {
        fresh.put(pair.face().id(), new Suggested(pair.person(), pair.distance()));
      }
    }
    return fresh;
  }
}
