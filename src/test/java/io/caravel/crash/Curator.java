package io.caravel.crash;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.server.CaravelProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Someone who looks after the photos: names faces and takes that back, trashes and restores, pauses
 * and resumes, replays failures, wishes thumbnails; and remembers each answer. One order at a time.
 */
final class Curator {
  /** The queues that are paused and resumed. */
  private static final List<String> QUEUES = List.of("faces", "geolocation");

  private static final int FACES = 2; // a photo
  private static final long BETWEEN_MS = 15; // orders

  private final Sender sender;
  private final Random random;
  private final List<Long> charges = new ArrayList<>();
  private final List<Long> photos = new ArrayList<>(); // to trash
  private final Deque<Long> faces = new ArrayDeque<>(); // to name
  private final Deque<Long> decided = new ArrayDeque<>(); // to undo
  private final Map<Long, Long> decisions = new HashMap<>(); // of a face
  private final Deque<Long> failed = new ArrayDeque<>(); // to replay
  private final Deque<String> wishes = new ArrayDeque<>();
  private final Map<Long, Long> wished = new TreeMap<>(); // width in pixels -> photo
  private final Map<String, Integer> answered = new ConcurrentSkipListMap<>(); // by kind
  private final AtomicInteger all = new AtomicInteger();

  /** What was answered last: a query that tells a state, and the state. */
  private final Map<String, String> states = new TreeMap<>();

  private @Nullable String asked;

  Curator(Sender sender, long seed) {
    this.sender = sender;
    this.random = new Random(seed);
  }

  /**
   * Makes faces to decide about and failures to replay of the photos there are, half of which are
   * trashed and restored later on, and half have the faces.
   */
  void prepare(Connection database) throws SQLException {
    List<Long> ids = new ArrayList<>();
    try (Statement statement = database.createStatement()) {
      try (ResultSet row = statement.executeQuery("select id from images order by id")) {
        while (row.next()) {
          ids.add(row.getLong(1));
        }
      }
      charges.addAll(ids);
      photos.addAll(ids.subList(0, ids.size() / 2));
      try (PreparedStatement face =
          database.prepareStatement(
              "insert into faces (image_id, face_index, descriptor, box_left, box_top, box_width, box_height, score)"
                  + " values (?, ?, ?, 1, 1, 10, 10, 1)")) {
        for (long id : ids.subList(ids.size() / 2, ids.size())) {
          for (int index = 0; index < FACES; index++) {
            face.setLong(1, id);
            face.setInt(2, index);
            face.setBytes(3, somebody());
            face.addBatch();
          }
        }
        face.executeBatch();
      }
      try (ResultSet row = statement.executeQuery("select id from faces order by id")) {
        while (row.next()) {
          faces.add(row.getLong(1));
        }
      }
      statement.executeUpdate(
          "update jobs set state = 'failed', cause = 'unreadable', error = 'Made so by a test.'"
              + " where queue = 'metadata' and state = 'done'");
      try (ResultSet row =
          statement.executeQuery("select id from jobs where state = 'failed' order by id")) {
        while (row.next()) {
          failed.add(row.getLong(1));
        }
      }
    }
    for (long photo : ids) {
      for (int size = 0; size < 10; size++) {
        wishes.add(photo + ":" + (100 + wishes.size() % 500));
      }
    }
  }

  /** An encoding like no other. */
  private byte[] somebody() {
    float[] encoding = new float[128];
    double sum = 0;
    for (int i = 0; i < encoding.length; i++) {
      encoding[i] = (float) random.nextGaussian();
      sum += encoding[i] * encoding[i];
    }
    ByteBuffer bytes = ByteBuffer.allocate(4 * encoding.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float number : encoding) {
      bytes.putFloat((float) (number / Math.sqrt(sum)));
    }
    return bytes.array();
  }

  /** The photos that it was given to look after: their jobs may run again. */
  List<Long> charges() {
    return List.copyOf(charges);
  }

  /** How many orders of each kind were answered. */
  Map<String, Integer> answered() {
    return new TreeMap<>(answered);
  }

  /** Waits until so many more orders were answered. */
  void awaitAnswered(int orders) {
    int before = all.get();
    await("answered orders")
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> all.get() - before >= orders);
  }

  /** Gives orders, one after the other, until it is closed. */
  Shift shift(CaravelProcess program) {
    return new Shift(program.baseUri());
  }

  /** The time in which orders are given. */
  final class Shift implements AutoCloseable {
    private final URI base;
    private final ScheduledExecutorService clock =
        Executors.newSingleThreadScheduledExecutor(
            work -> {
              Thread thread = new Thread(work, "curator");
              thread.setDaemon(true);
              return thread;
            });

    private @Nullable Future<?> orders;

    private Shift(URI base) {
      this.base = base;
    }

    void begin() {
      orders =
          clock.scheduleWithFixedDelay(() -> order(base), 0, BETWEEN_MS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
      end();
    }

    void end() {
      try {
        if (orders != null && orders.isDone() && !orders.isCancelled()) {
          orders.get(); // it gave up: why
        }
        clock.shutdownNow(); // a request under way counts as one without an answer
        if (!clock.awaitTermination(1, TimeUnit.MINUTES)) {
          throw new IllegalStateException("An order does not end");
        }
      } catch (ExecutionException e) {
        throw new IllegalStateException("The curator gave up", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void order(URI base) {
    if (charges.isEmpty()) {
      return;
    }
    try {
      switch (random.nextInt(7)) {
        case 0, 1 -> name(base);
        case 2 -> undo(base);
        case 3 -> trashOrRestore(base);
        case 4 -> pauseOrResume(base, QUEUES.get(random.nextInt(QUEUES.size())));
        case 5 -> replay(base);
        default -> wish(base);
      }
    } catch (IOException e) {
      sender.complainUnlessAway(e);
    }
  }

  private void name(URI base) throws IOException {
    Long face = faces.poll();
    if (face == null) {
      return;
    }
    String body =
        "{\"faces\":[%d],\"action\":\"confirm\",\"name\":\"Person %d\"}".formatted(face, face);
    JsonNode answer = ask(base, "decide", "POST", "/api/decisions", body, stateOfFace(face));
    remember(stateOfFace(face), "ok Person " + face);
    long decision = answer.at("/decision/id").asLong();
    remember(stateOfDecision(decision), "stands");
    decisions.put(face, decision);
    decided.add(face);
  }

  private void undo(URI base) throws IOException {
    Long face = decided.poll();
    if (face == null) {
      return;
    }
    long decision = decisions.getOrDefault(face, 0L);
    states.remove(stateOfDecision(decision));
    ask(base, "undo", "POST", "/api/decisions/" + decision + "/undo", null, stateOfFace(face));
    remember(stateOfFace(face), "process -");
    remember(stateOfDecision(decision), "undone");
  }

  private void trashOrRestore(URI base) throws IOException {
    long photo = photos.get(random.nextInt(photos.size()));
    String state = stateOfPhoto(photo);
    if ("trashed".equals(states.get(state))) {
      ask(base, "restore", "POST", "/api/photos/" + photo + "/restore", null, state);
      remember(state, "kept");
    } else {
      ask(base, "trash", "DELETE", "/api/photos/" + photo, null, state);
      remember(state, "trashed");
    }
  }

  private void pauseOrResume(URI base, String queue) throws IOException {
    String state = stateOfQueue(queue);
    boolean paused = "paused".equals(states.get(state));
    String order = paused ? "resume" : "pause";
    ask(base, order, "POST", "/api/queues/" + queue + "/" + order, null, state);
    remember(state, paused ? "runs" : "paused");
  }

  private void replay(URI base) throws IOException {
    Long job = failed.poll();
    if (job == null) {
      return;
    }
    String state = stateOfJob(job);
    ask(base, "replay", "POST", "/api/failures/" + job + "/replay", null, state);
    remember(state, "run 2");
  }

  private void wish(URI base) throws IOException {
    String wish = wishes.poll();
    if (wish == null) {
      return;
    }
    long photo = Long.parseLong(wish.substring(0, wish.indexOf(':')));
    long width = Long.parseLong(wish.substring(wish.indexOf(':') + 1));
    String state =
        "select case when count(*) = 1 then 'there' else 'not there' end from jobs where queue = 'thumbnails'"
            + " and image_id = "
            + photo
            + " and data like '%\"width\":"
            + width
            + "%' and extra"; // not the number alone: a photo's SHA-256 may hold it
    ask(
        base,
        "wish",
        "POST",
        "/api/photos/" + photo + "/jobs/thumbnails",
        "{\"method\":\"cover\",\"width\":%d,\"height\":33}".formatted(width),
        state);
    remember(state, "there");
    wished.put(width, photo);
  }

  private static String stateOfFace(long face) {
    return "select concat(status, ' ', coalesce(name, '-')) from faces where id = " + face;
  }

  private static String stateOfDecision(long decision) {
    return "select case when undone_by is null then 'stands' else 'undone' end from decisions where id = "
        + decision;
  }

  private static String stateOfPhoto(long photo) {
    return "select case when deleted_at is null then 'kept' else 'trashed' end from images where id = "
        + photo;
  }

  private static String stateOfQueue(String queue) {
    return "select case when paused then 'paused' else 'runs' end from queues where name = '"
        + queue
        + "'";
  }

  private static String stateOfJob(long job) {
    return "select concat('run ', run) from jobs where id = " + job;
  }

  /** From here until the answer nothing is known of the state. */
  private JsonNode ask(
      URI base, String order, String method, String path, @Nullable String body, String state)
      throws IOException {
    asked = state;
    states.remove(state);
    JsonNode answer = sender.ask(base, method, path, body);
    answered.merge(order, 1, Integer::sum);
    all.incrementAndGet();
    return answer;
  }

  private void remember(String state, String answer) {
    states.put(state, answer);
  }

  /** What was answered and is not so in the database; what had no answer is as it is. */
  List<String> broken(Connection database) throws SQLException {
    List<String> broken = new ArrayList<>();
    for (Map.Entry<String, String> each : states.entrySet()) {
      String found = one(database, each.getKey());
      if (!each.getValue().equals(found)) {
        broken.add(
            "answered '%s', found '%s': %s".formatted(each.getValue(), found, each.getKey()));
      }
    }
    if (asked != null && !states.containsKey(asked)) {
      String found = one(database, asked);
      if (found != null && (asked.contains("from images") || asked.contains("from queues"))) {
        states.put(asked, found);
      }
    }
    return broken;
  }

  private static @Nullable String one(Connection database, String query) throws SQLException {
    try (Statement statement = database.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getString(1) : null;
    }
  }

  /** Takes everything out of the trash, lets all queues run and tries again what failed. */
  void finish(URI base) throws IOException {
    for (String queue : QUEUES) {
      sender.ask(base, "POST", "/api/queues/" + queue + "/resume", null);
      remember(stateOfQueue(queue), "runs");
    }
    for (JsonNode photo : sender.get(base, "/api/trash?size=500").get("items")) {
      sender.ask(base, "POST", "/api/photos/" + photo.get("id").asLong() + "/restore", null);
    }
    photos.forEach(photo -> remember(stateOfPhoto(photo), "kept"));
    sender.ask(base, "POST", "/api/failures/replay", null);
  }

  /** Wishes, by the width of the thumbnail, that have come true: of which photo. */
  Map<Long, Long> wished() {
    return Map.copyOf(wished);
  }
}
