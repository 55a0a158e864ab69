package io.caravel.crash;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * What became of all that was promised, once everything has ended.
 *
 * @param lost a promised photo without its row, original, thumbnails, metadata or ended jobs
 * @param doubled rows, metadata, ends of a job, or files of which there should be one
 * @param torn an original or thumbnail that is not whole, or a temporary file left behind
 * @param parked jobs that failed, though every photo is good
 * @param others what else is not as it should be
 */
record Reckoning(
    int accepted,
    List<String> lost,
    List<String> doubled,
    List<String> torn,
    List<String> parked,
    List<String> others) {
  private static final Map<String, int[]> THUMBNAILS =
      Map.of(
          "cover-300x300.jpg", new int[] {300, 300},
          "scale-1600x1600.jpg", new int[] {Camera.WIDTH, Camera.HEIGHT});

  private record Row(long id, Path original, long bytes, @Nullable Object place) {}

  static Reckoning of(Home home, Sender sender) throws SQLException, IOException {
    return of(home, sender, null);
  }

  /** Also of what a curator was answered, whose photos' jobs may have run again. */
  static Reckoning of(Home home, Sender sender, @Nullable Curator curator)
      throws SQLException, IOException {
    return of(home, sender, curator, true);
  }

  /**
   * The same.
   *
   * @param moved whether each dropped file must lie in .done, and once. A power cut may take a move
   *     back by halves: there the file is a photo, which is the promise, and in .done not at all or
   *     twice.
   */
  static Reckoning of(Home home, Sender sender, @Nullable Curator curator, boolean moved)
      throws SQLException, IOException {
    try (Connection database = home.connect()) {
      Reckoning reckoning =
          new Reckoner(
                  home, sender, database, curator == null ? List.of() : curator.charges(), moved)
              .reckon();
      if (curator != null) {
        reckoning.lost().addAll(curator.broken(database));
      }
      return reckoning;
    }
  }

  boolean clean() {
    return findings().isEmpty();
  }

  List<String> findings() {
    List<String> all = new ArrayList<>();
    lost.forEach(each -> all.add("lost: " + each));
    doubled.forEach(each -> all.add("doubled: " + each));
    torn.forEach(each -> all.add("torn: " + each));
    parked.forEach(each -> all.add("parked: " + each));
    others.forEach(each -> all.add("other: " + each));
    return all;
  }

  private static final class Reckoner {
    private final Home home;
    private final Sender sender;
    private final Connection database;
    private final List<Long> again;
    private final boolean moved;
    private final Map<String, Row> rows = new HashMap<>();
    private final Reckoning found =
        new Reckoning(
            0,
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());

    private Reckoner(
        Home home, Sender sender, Connection database, List<Long> again, boolean moved) {
      this.again = again;
      this.moved = moved;
      this.home = home;
      this.sender = sender;
      this.database = database;
    }

    private Reckoning reckon() throws SQLException, IOException {
      images();
      promises();
      jobs();
      extras();
      onceOnly();
      inbox();
      leftovers();
      found.others().addAll(sender.complaints());
      return new Reckoning(
          promisedHashes().size(),
          found.lost(),
          found.doubled(),
          found.torn(),
          found.parked(),
          found.others());
    }

    private Set<String> promisedHashes() {
      Set<String> hashes = new TreeSet<>(sender.promised().keySet());
      hashes.addAll(sender.dropped().keySet());
      return hashes;
    }

    private void images() throws SQLException {
      try (ResultSet row =
          database
              .createStatement()
              .executeQuery(
                  "select id, sha256, bytes, source_path, source_filename, place_id from images")) {
        while (row.next()) {
          String sha256 = row.getString("sha256");
          Path original =
              home.directory()
                  .resolve("originals")
                  .resolve(row.getString("source_path"))
                  .resolve(row.getString("source_filename"));
          Row photo =
              new Row(row.getLong("id"), original, row.getLong("bytes"), row.getObject("place_id"));
          if (rows.put(sha256, photo) != null) {
            found.doubled().add("two rows of " + sha256);
          }
          if (!sender.sent().containsKey(sha256)) {
            found.torn().add("a photo nobody sent: " + sha256);
          }
        }
      }
    }

    private void promises() throws IOException {
      for (String sha256 : promisedHashes()) {
        Row row = rows.get(sha256);
        if (row == null) {
          found.lost().add("no row of " + sha256);
        } else if (!Files.exists(row.original())) {
          found.lost().add("no original " + row.original());
        }
        if (sender.accepted(sha256) > 1) {
          found.doubled().add("accepted more than once: " + sha256);
        }
      }
      for (Map.Entry<String, Row> entry : rows.entrySet()) {
        String sha256 = entry.getKey();
        Row row = entry.getValue();
        if (Files.exists(row.original())) {
          byte[] bytes = Files.readAllBytes(row.original());
          if (bytes.length != row.bytes() || !Camera.sha256(bytes).equals(sha256)) {
            found.torn().add("other bytes in " + row.original());
          }
        }
        thumbnails(sha256);
        Camera.Shot shot = sender.sent().get(sha256);
        if (shot != null && shot.placed() != (row.place() != null)) {
          found.lost().add("the place of photo " + row.id());
        }
      }
      for (Path file : Home.files(home.directory().resolve("originals"))) {
        String name = String.valueOf(file.getFileName());
        if (name.matches("[0-9a-f]{64}\\..*") && !rows.containsKey(name.substring(0, 64))) {
          found.others().add("an original without a row: " + file);
        }
      }
    }

    private void extras() throws SQLException {
      expectNone(
          found.lost(),
          "a wish that did not come true: job ",
          "select id from jobs where extra and queue <> 'faces' and state <> 'done'");
    }

    private void thumbnails(String sha256) throws IOException {
      Path folder =
          home.directory().resolve("thumbnails").resolve(sha256.substring(0, 2)).resolve(sha256);
      for (Map.Entry<String, int[]> each : THUMBNAILS.entrySet()) {
        Path file = folder.resolve(each.getKey());
        if (!Files.exists(file)) {
          found.lost().add("no thumbnail " + file);
          continue;
        }
        BufferedImage picture;
        try {
          picture = ImageIO.read(file.toFile());
        } catch (IOException e) {
          found.torn().add(file + ": " + e.getMessage());
          continue;
        }
        if (picture == null
            || picture.getWidth() != each.getValue()[0]
            || picture.getHeight() != each.getValue()[1]) {
          found.torn().add("no such picture in " + file);
        }
      }
    }

    private void jobs() throws SQLException {
      Map<String, String> ends = new HashMap<>();
      try (ResultSet row =
          database
              .createStatement()
              .executeQuery(
                  """
                  select j.*, i.sha256, (select count(*) from journey s
                    where s.job_id = j.id and s.run = j.run and s.outcome in ('done', 'skipped', 'failed')) as ends
                  from jobs j join images i on i.id = j.image_id where j.queue <> 'faces' and not j.extra
                  """)) {
        while (row.next()) {
          String queue = row.getString("queue");
          String state = row.getString("state");
          String job = queue + " job " + row.getLong("id") + " of photo " + row.getLong("image_id");
          boolean expected =
              queue.equals("geolocation") && !placed(row.getString("sha256"))
                  ? state.equals("skipped")
                  : state.equals("done");
          if (state.equals("failed")) {
            found.parked().add(job + ": " + row.getString("error"));
          } else if (!expected) {
            found.lost().add(job + " is " + state + ": " + row.getString("error"));
          }
          int once = state.equals("skipped") && row.getObject("started_at") == null ? 0 : 1;
          if (row.getInt("ends") > once) {
            found.doubled().add(job + " ended " + row.getInt("ends") + " times");
          } else if (row.getInt("ends") < once) {
            found.lost().add("the end of " + job);
          }
          if (row.getInt("run") != 1 && !again.contains(row.getLong("image_id"))) {
            found.doubled().add(job + " had " + row.getInt("run") + " runs");
          }
          if (ends.put(row.getString("sha256") + queue, state) != null) {
            found.doubled().add(job + " beside another");
          }
        }
      }
      for (String sha256 : rows.keySet()) {
        for (String queue : KillRounds.QUEUES) {
          if (!ends.containsKey(sha256 + queue)) {
            found.lost().add("the " + queue + " job of " + sha256);
          }
        }
      }
    }

    private boolean placed(String sha256) {
      Camera.Shot shot = sender.sent().get(sha256);
      return shot != null && shot.placed();
    }

    private void onceOnly() throws SQLException {
      expectNone(
          found.lost(),
          "metadata of photo ",
          "select id from images where id not in (select image_id from image_metadata)");
      expectNone(
          found.doubled(),
          "intake of photo ",
          "select image_id from journey where outcome = 'accepted' group by image_id having count(*) > 1");
      expectNone(
          found.others(),
          "a key of an ended job: ",
          "select messageId from idempotent_keys where processorName = 'enqueue' and messageId not like 'faces:%'");
      expectNone(
          found.others(),
          "an unexpected problem: ",
          "select sentence from journey where cause = 'internal'");
    }

    private void expectNone(List<String> findings, String finding, String query)
        throws SQLException {
      try (ResultSet row = database.createStatement().executeQuery(query)) {
        while (row.next()) {
          findings.add(finding + row.getString(1));
        }
      }
    }

    private void inbox() throws IOException {
      home.waitingInInbox()
          .forEach(file -> found.lost().add("left in the inbox or refused: " + file));
      Set<String> done = new TreeSet<>();
      for (Path file : Home.files(home.inbox().resolve(".done"))) {
        String sha256 = Camera.sha256(Files.readAllBytes(file));
        if (!sender.dropped().containsKey(sha256)) {
          found.torn().add("nobody dropped " + file);
        } else if (!done.add(sha256) && moved) {
          found.doubled().add("twice in .done: " + file);
        }
      }
      for (String sha256 : sender.dropped().keySet()) {
        if (moved && !done.contains(sha256)) {
          found.lost().add("not in .done: " + sha256);
        }
      }
    }

    private void leftovers() {
      for (String room : List.of("originals", "thumbnails")) {
        for (Path file : Home.files(home.directory().resolve(room))) {
          String name = String.valueOf(file.getFileName());
          if (name.startsWith(".caravel-try-")) {
            continue; // discarded when it is an hour old
          }
          if (name.endsWith(".part") || name.endsWith(".tmp") || name.startsWith(".new-")) {
            found.torn().add("left behind: " + file);
          }
        }
      }
    }
  }
}
