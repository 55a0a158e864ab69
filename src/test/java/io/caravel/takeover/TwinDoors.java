package io.caravel.takeover;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.takeover.TwinSite.Image;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Whoever asks at the doors: sends what the site has by reference, decides, undoes, trashes and
 * restores, one after the other, and remembers what was answered. What had no answer is not known.
 */
final class TwinDoors {
  /** Refusals that random wishes meet: no such face or person, and what another stands before. */
  private static final Set<Integer> REFUSED = Set.of(400, 404, 409);

  /** It starts, or ends. */
  private static final int AWAY = 503;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final TwinSite site;
  private final URI base;
  private final Random random;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final Map<String, Integer> answered = new ConcurrentSkipListMap<>();
  private final AtomicInteger done = new AtomicInteger();
  private final List<Long> taken = new ArrayList<>(); // images of the site
  private final List<Image> unanswered = new ArrayList<>();
  private final List<Long> decisions = new ArrayList<>();
  private final Map<Long, Long> undone = new TreeMap<>(); // a decision, and what was undone by it
  private final Map<Long, Boolean> trashed = new TreeMap<>(); // a photo; none: it is not known
  private final List<String> amiss = new ArrayList<>();

  TwinDoors(TwinSite site, URI base, long seed) {
    this.site = site;
    this.base = base;
    this.random = new Random(seed);
  }

  /** How many orders were answered. */
  int done() {
    return done.get();
  }

  /** By kind, those that were refused apart. */
  Map<String, Integer> answered() {
    return new TreeMap<>(answered);
  }

  /** Whether it was answered that an image of the site's is taken. */
  boolean wasTaken(long image) {
    return taken.contains(image);
  }

  /** Until so many orders were answered. */
  void work(int orders) {
    while (done.get() < orders) {
      if (!order()) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100)); // away
      }
    }
  }

  /**
   * @return false: it had no answer
   */
  private boolean order() {
    int kind = random.nextInt(100);
    if (kind < 20 && (site.hasFiles() || !unanswered.isEmpty())) {
      return send();
    }
    if (kind < 55) {
      return decide();
    }
    if (kind < 70 && !decisions.isEmpty()) {
      return undo();
    }
    return kind < 75 ? merge() : trashOrRestore();
  }

  private long anyFace() {
    List<Long> faces =
        site.caravels()
            .sql("select id from faces where deleted_at is null order by id")
            .query(Long.class)
            .list();
    return faces.get(random.nextInt(faces.size()));
  }

  private boolean send() {
    Image image = unanswered.isEmpty() ? site.image() : unanswered.remove(0);
    JsonNode answer =
        ask(
            "upload",
            "POST",
            "/api/photos",
            JSON.createObjectNode()
                .put("image_id", image.id())
                .put("source_disk", "private")
                .put("source_path", "images")
                .put("source_filename", image.file())
                .toString());
    if (answer == null) {
      unanswered.add(image);
      trashed.clear(); // of which it may have the bytes
      return false;
    }
    JsonNode photo = answer.at("/photos/0");
    if (!Set.of("accepted", "exists").contains(photo.path("status").asText())) {
      amiss.add("image %d of the site: %s".formatted(image.id(), answer));
      return true;
    }
    taken.add(image.id());
    trashed.put(photo.path("id").asLong(), false); // also one that had lain in the trash
    site.found(photo.path("id").asLong());
    return true;
  }

  private String name() {
    return "Person " + random.nextInt(12);
  }

  private boolean decide() {
    String action =
        List.of("confirm", "confirm", "confirm", "unknown", "not_face", "detach")
            .get(random.nextInt(6));
    String faces = random.nextInt(3) == 0 ? anyFace() + "," + anyFace() : "" + anyFace();
    String who =
        !action.equals("confirm")
            ? ""
            : random.nextInt(3) == 0 ? ",\"person\":" + anyFace() : ",\"name\":\"" + name() + "\"";
    JsonNode answer =
        random.nextInt(6) == 0
            ? ask("name", "PATCH", "/api/faces/" + anyFace(), "{\"name\":\"" + name() + "\"}")
            : ask(
                "decide",
                "POST",
                "/api/decisions",
                "{\"faces\":[%s],\"action\":\"%s\"%s}".formatted(faces, action, who));
    return remember(answer);
  }

  private boolean merge() {
    return remember(
        ask(
            "merge",
            "POST",
            "/api/people/" + anyFace() + "/merge",
            "{\"into\":" + anyFace() + "}"));
  }

  private boolean remember(@Nullable JsonNode answer) {
    if (answer != null && answer.at("/decision/id").isNumber()) {
      decisions.add(answer.at("/decision/id").asLong());
    }
    return answer != null;
  }

  private boolean undo() {
    long decision = decisions.get(Math.max(0, decisions.size() - 1 - random.nextInt(8)));
    JsonNode answer = ask("undo", "POST", "/api/decisions/" + decision + "/undo", null);
    if (answer != null && answer.at("/decision/id").isNumber()) {
      undone.put(answer.at("/decision/id").asLong(), decision);
    }
    return remember(answer);
  }

  private boolean trashOrRestore() {
    List<Long> photos =
        site.caravels().sql("select id from images order by id").query(Long.class).list();
    long photo = photos.get(random.nextInt(photos.size()));
    boolean restore = Boolean.TRUE.equals(trashed.get(photo)) || random.nextInt(4) == 0;
    trashed.remove(photo);
    JsonNode answer =
        restore
            ? ask("restore", "POST", "/api/photos/" + photo + "/restore", null)
            : ask("trash", "DELETE", "/api/photos/" + photo, null);
    if (answer != null && !answer.has("refused")) {
      trashed.put(photo, !restore);
    }
    return answer != null;
  }

  /**
   * What was answered; {"refused":…}: it may not be. Null: there was no answer, so nobody knows.
   */
  private @Nullable JsonNode ask(String kind, String method, String path, @Nullable String body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofSeconds(60));
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    try {
      HttpResponse<String> answer =
          http.send(
              request
                  .method(
                      method,
                      body == null
                          ? HttpRequest.BodyPublishers.noBody()
                          : HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      boolean good = answer.statusCode() < 300;
      if (answer.statusCode() == AWAY) {
        return null;
      }
      if (!good && !REFUSED.contains(answer.statusCode())) {
        amiss.add("%s %s: %d %s".formatted(method, path, answer.statusCode(), answer.body()));
      }
      answered.merge(good ? kind : kind + " refused", 1, Integer::sum);
      done.incrementAndGet();
      return good && !answer.body().isEmpty()
          ? JSON.readTree(answer.body())
          : JSON.createObjectNode().put(good ? "done" : "refused", true);
    } catch (IOException e) {
      return null; // killed meanwhile, or not up
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  /** What a door shows; null: 404. */
  @Nullable JsonNode get(String path) {
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(base.resolve(path)).timeout(Duration.ofSeconds(60)).build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() == 404) {
        return null;
      }
      if (answer.statusCode() != 200) {
        throw new IOException(path + ": " + answer.statusCode() + " " + answer.body());
      }
      return JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** All changes, page by page. */
  List<JsonNode> changes() {
    List<JsonNode> changes = new ArrayList<>();
    long last = 0;
    for (boolean more = true; more; ) {
      JsonNode page = get("/api/changes?after=" + last);
      if (page == null) {
        throw new IllegalStateException("no changes");
      }
      page.path("items").forEach(changes::add);
      more = !page.path("items").isEmpty();
      last = page.path("last").asLong();
    }
    return changes;
  }

  /** What was answered and is not so. */
  List<String> amiss() {
    List<String> all = new ArrayList<>(amiss);
    for (long decision : decisions) {
      expect(
          all, "decision " + decision, "local", "select who from decisions where id = " + decision);
    }
    undone.forEach(
        (undo, decision) ->
            expect(
                all,
                "the undo of decision " + decision,
                "" + decision,
                "select undoes from decisions where id = " + undo));
    trashed.forEach(
        (photo, is) ->
            expect(
                all,
                "photo " + photo,
                is ? "trashed" : "kept",
                "select case when deleted_at is null then 'kept' else 'trashed' end from images where id = "
                    + photo));
    return all;
  }

  private void expect(List<String> all, String what, String answered, String query) {
    String found = site.caravels().sql(query).query(String.class).optional().orElse("nothing");
    if (!found.equals(answered)) {
      all.add("%s was answered as %s, is %s".formatted(what, answered, found));
    }
  }
}
