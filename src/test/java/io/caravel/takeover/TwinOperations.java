package io.caravel.takeover;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.server.CaravelProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.FileSystemUtils;

/**
 * A site is taken over and both sides work: uploads by reference, decisions by the doors and by SQL
 * in the rows of faces, trash, restore, undo; meanwhile the program is killed. Then both views are
 * to be equal, the changes without a gap and in order, each decision there, the site's files as
 * they were; and the way back gives the site all that was decided.
 */
public final class TwinOperations {
  private static final String UNHEARD =
      """
      select count(*) from faces where not (parent_id <=> known_parent_id) or status <> known_status
        or not (cast(name as binary) <=> cast(known_name as binary)) or (deleted_at is not null) <> known_deleted
      """;

  private final TwinSite site;
  private final CaravelProcess caravel;
  private final TwinDoors doors;
  private final TwinWriter writer;
  private final Random random;
  private final List<String> amiss = Collections.synchronizedList(new ArrayList<>());

  /**
   * What came of it.
   *
   * @param operations of each kind, how many were answered or committed
   * @param changes that were told
   * @param putBack of what the site wrote
   * @param amiss sentences; none: all is as promised
   */
  record Outcome(
      Map<String, Integer> operations, int kills, int changes, int putBack, List<String> amiss) {}

  private TwinOperations(TwinSite site, CaravelProcess caravel, long seed) {
    this.site = site;
    this.caravel = caravel;
    this.random = new Random(seed);
    this.doors = new TwinDoors(site, caravel.baseUri(), seed + 1);
    this.writer = new TwinWriter(site, this::keepsPace, seed + 2);
  }

  /** Two of five are by SQL, some more while the program is away. */
  private boolean keepsPace() {
    return 3 * writer.done() <= 2 * doors.done() + 100;
  }

  /** So many operations, and as many kills, spread over them. */
  static Outcome run(TwinSite.Server server, int operations, int kills, long seed)
      throws Exception {
    Path directory = Files.createTempDirectory("caravel-twin-");
    TwinSite site = new TwinSite(directory, server, operations / 8, seed);
    try (CaravelProcess caravel = new CaravelProcess(site.environment())) {
      TwinOperations twin = new TwinOperations(site, caravel, seed);
      try {
        Outcome outcome = twin.run(operations, kills);
        if (!outcome.amiss().isEmpty()) {
          keepLog(caravel);
        }
        return outcome;
      } catch (Exception | Error e) {
        keepLog(caravel);
        throw e;
      }
    } finally {
      FileSystemUtils.deleteRecursively(directory);
    }
  }

  private static void keepLog(CaravelProcess caravel) throws IOException {
    Path log = Files.createTempFile("twin-operations-", ".log");
    Files.writeString(log, caravel.log());
    System.out.println("Caravel's log: " + log);
  }

  private Outcome run(int operations, int kills) throws Exception {
    site.takeOver();
    List<String> files = site.files();
    LocalDateTime switched = site.now();
    Map<Long, String> before = states();
    caravel.start();
    TwinFollower follower = new TwinFollower(caravel.baseUri());
    try (follower) {
      work(operations, kills);
      caravel.awaitReady();
      await("that all is heard and numbered")
          .atMost(Duration.ofMinutes(3))
          .pollInterval(Duration.ofMillis(200))
          .until(
              () ->
                  count(UNHEARD) == 0
                      && count("select count(*) from changes where seq is null") == 0);
      await("the end of all jobs")
          .atMost(Duration.ofMinutes(8))
          .pollInterval(Duration.ofMillis(500))
          .until(
              () ->
                  count(
                              "select count(*) from jobs where state in ('queued', 'running') and queue <> 'faces'")
                          == 0
                      && count("select count(*) from changes where seq is null") == 0);
      List<JsonNode> changes = doors.changes();
      amiss.addAll(follower.amiss(changes));
      compareChanges(changes, before);
      compareViews();
      amiss.addAll(doors.amiss());
      amiss.addAll(writer.amiss());
      expect("the site's files", files, site.files());
      caravel.terminate();
      wayBack(switched);
      expect("the site's files after the way back", files, site.files());
      Map<String, Integer> all = new TreeMap<>(doors.answered());
      writer.written().forEach((kind, times) -> all.merge(kind, times, Integer::sum));
      int putBack =
          (int)
              changes.stream()
                  .filter(each -> each.path("kind").asText().equals("put-back"))
                  .count();
      return new Outcome(all, kills, changes.size(), putBack, amiss);
    }
  }

  /** Both sides at once; the program is killed and started again meanwhile. */
  private void work(int operations, int kills) throws InterruptedException {
    Thread byDoors = side("doors", () -> doors.work(operations * 3 / 5));
    Thread bySql = side("sql", () -> writer.work(operations - operations * 3 / 5));
    for (Thread side : List.of(byDoors, bySql)) {
      side.setDaemon(true);
      side.start();
    }
    for (int kill = 1; kill <= kills; kill++) {
      int due = operations * kill / (kills + 1);
      await("operations")
          .atMost(Duration.ofMinutes(10))
          .pollInterval(Duration.ofMillis(5))
          .until(
              () -> doors.done() + writer.done() >= due || !byDoors.isAlive() && !bySql.isAlive());
      caravel.killWithin(300, random);
      System.out.printf(
          "kill %d after %d operations by the doors and %d by SQL%n",
          kill, doors.done(), writer.done());
      caravel.start();
    }
    for (Thread side : List.of(byDoors, bySql)) {
      side.join(Duration.ofMinutes(10).toMillis());
      if (side.isAlive()) {
        amiss.add("the side " + side.getName() + " did not come to its end");
      }
    }
  }

  private Thread side(String name, Runnable work) {
    return new Thread(
        () -> {
          try {
            work.run();
          } catch (RuntimeException | Error e) {
            amiss.add("the side " + name + " ended by " + e);
          }
        },
        name);
  }

  private long count(String sql) {
    return site.caravels().sql(sql).query(Long.class).single();
  }

  private void expect(String what, List<String> wanted, List<String> found) {
    List<String> gone = new ArrayList<>(wanted);
    gone.removeAll(found);
    List<String> come = new ArrayList<>(found);
    come.removeAll(wanted);
    gone.stream().limit(20).forEach(each -> amiss.add(what + ", was: " + each));
    come.stream().limit(20).forEach(each -> amiss.add(what + ", is: " + each));
  }

  /** Of each face what a person sees of it, as the rows have it. */
  private Map<Long, String> states() {
    Map<Long, String> states = new TreeMap<>();
    site.caravels()
        .sql("select id, parent_id, name, status from faces where deleted_at is null")
        .query(
            row -> {
              states.put(
                  row.getLong("id"),
                  row.getString("status")
                      + " "
                      + row.getString("name")
                      + " under "
                      + row.getString("parent_id"));
            });
    return states;
  }

  private static String state(JsonNode face) {
    return face.path("status").asText()
        + " "
        + face.path("name").asText("null")
        + " under "
        + face.path("parent_id").asText("null");
  }

  /** The changes, told one after the other, lead from what was to what is. */
  private void compareChanges(List<JsonNode> changes, Map<Long, String> before) {
    Map<Long, String> faces = new HashMap<>(before);
    Map<Long, String> photos = new HashMap<>();
    long seq = 0;
    for (JsonNode change : changes) {
      if (change.path("seq").asLong() != ++seq) {
        amiss.add("change %d comes in the place of %d".formatted(change.path("seq").asLong(), seq));
        seq = change.path("seq").asLong();
      }
      String kind = change.path("kind").asText();
      if (change.hasNonNull("after")) {
        long face = change.path("face").asLong();
        // A face that came since is one to review, of nobody.
        String was = faces.getOrDefault(face, "process null under null");
        String from = state(change.path(kind.equals("put-back") ? "after" : "before"));
        if (!was.equals(from)) {
          amiss.add(
              "change %s begins from '%s', the one before ended with '%s'"
                  .formatted(change, from, was));
        }
        faces.put(face, state(change.path("after")));
      } else if (List.of("accepted", "trashed", "restored").contains(kind)) {
        photos.put(change.path("photo").asLong(), kind);
      }
    }
    states()
        .forEach(
            (face, state) -> {
              String told = faces.getOrDefault(face, "process null under null");
              if (!told.equals(state)) {
                amiss.add(
                    "face %d is '%s', the changes end with '%s'".formatted(face, state, told));
              }
            });
    site.caravels()
        .sql("select id, deleted_at is not null as trashed from images")
        .query(
            row -> {
              String told = photos.getOrDefault(row.getLong("id"), "accepted");
              if (told.equals("trashed") != row.getBoolean("trashed")) {
                amiss.add("photo %d was last told as %s".formatted(row.getLong("id"), told));
              }
            });
  }

  /** What the doors show is what the site reads in the rows, and the rules hold. */
  private void compareViews() {
    Map<Long, String> rows = states();
    rows.forEach(
        (face, state) -> {
          JsonNode shown = doors.get("/api/faces/" + face);
          if (shown == null) {
            boolean hidden =
                count(
                        "select count(*) from faces f join images i on i.id = f.image_id where i.deleted_at is null and f.id = "
                            + face)
                    == 0;
            if (!hidden) {
              amiss.add("face %d is '%s' and no door shows it".formatted(face, state));
            }
          } else if (!state(shown).equals(state)) {
            amiss.add(
                "face %d is '%s' by the door, '%s' by SQL".formatted(face, state(shown), state));
          }
          String under = state.substring(state.lastIndexOf(' ') + 1);
          if (!under.equals("null")) {
            String root = String.valueOf(rows.get(Long.valueOf(under)));
            if (!root.startsWith("ok ") || !root.endsWith(" under null")) {
              amiss.add("face %d is '%s', but that one is '%s'".formatted(face, state, root));
            }
          }
        });
    site.images()
        .forEach(
            (image, sha256) -> {
              String shown =
                  site.caravels()
                      .sql(
                          "select i.sha256 from external_ids e join images i on i.id = e.image_id where e.external_id = :id")
                      .param("id", image)
                      .query(String.class)
                      .optional()
                      .orElse("nothing");
              if (!shown.equals(sha256) && doors.wasTaken(image)) {
                amiss.add("image %d of the site is %s, not %s".formatted(image, shown, sha256));
              }
            });
  }

  /** What the site's old tables say, once they were given the work, is what the library says. */
  private void wayBack(LocalDateTime switched) throws IOException, SQLException {
    for (int time = 1; time <= 2; time++) {
      site.giveBack(switched, time);
    }
    Map<Long, Long> there = site.olds();
    Map<Long, String> old = new HashMap<>();
    JdbcClient tables = site.old();
    tables
        .sql(
            "select f.id, f.parent_id, f.name, f.status, i.source_filename from faces f left join images i on i.id = f.image_id where f.deleted_at is null")
        .query(
            row -> {
              old.put(
                  row.getLong("id"),
                  "%s %s under %s in %s"
                      .formatted(
                          row.getString("status"),
                          row.getString("name"),
                          row.getString("parent_id"),
                          row.getString("source_filename")));
            });
    site.caravels()
        .sql(
            "select f.id, f.parent_id, f.name, f.status, i.source_filename, i.deleted_at is not null as hidden from faces f left join images i on i.id = f.image_id where f.deleted_at is null")
        .query(
            row -> {
              long face = row.getLong("id");
              long parent = row.getLong("parent_id");
              String under = row.wasNull() ? "null" : "" + there.getOrDefault(parent, parent);
              String here =
                  "%s %s under %s in "
                      .formatted(row.getString("status"), row.getString("name"), under);
              String given = String.valueOf(old.get(there.getOrDefault(face, face)));
              // Twins of bytes lie in several files; photos in the trash may be no image there.
              if (!given.startsWith(here)) {
                amiss.add("face %d is '%s' here, '%s' there".formatted(face, here, given));
              } else if (given.endsWith(" in null") && !row.getBoolean("hidden")) {
                amiss.add("face %d is in no image there".formatted(face));
              }
            });
  }

  /** {@code TwinOperations [OPERATIONS [KILLS [SEED]]]}; exits 1 when something is amiss. */
  public static void main(String[] arguments) throws Exception {
    int operations = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 2000;
    int kills = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10;
    long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : System.nanoTime();
    long began = System.nanoTime();
    Outcome outcome = run(TwinSite.Server.named(), operations, kills, seed);
    outcome.amiss().forEach(each -> System.out.println("amiss: " + each));
    System.out.printf(
        "operations %s, kills %d, changes %d, put back %d, amiss %d; seed %d, %d s%n",
        outcome.operations(),
        outcome.kills(),
        outcome.changes(),
        outcome.putBack(),
        outcome.amiss().size(),
        seed,
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began));
    System.exit(outcome.amiss().isEmpty() ? 0 : 1);
  }
}
