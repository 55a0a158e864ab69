package io.caravel.ground;

import java.time.Duration;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The nodes that live: each says so every few seconds in its row of the table {@code nodes}. Times
 * are the database's own. Thread-safe.
 */
@Component("nodes")
public class Nodes {
  /** After so many beats missed of our own, the others may have been held up like us. */
  private static final int HELD_UP_AFTER = 3;

  private final JdbcClient database;
  private final String node;
  private final String owner;
  private final Duration beat;
  private final Duration gone;
  private final Map<String, Said> heard = new HashMap<>();
  private long lastBeat = System.nanoTime();
  private long steadySince = lastBeat;

  /** What a life said last, and since when this node has heard nothing else of it. */
  private record Said(LocalDateTime seenAt, long nanos) {}

  public Nodes(
      JdbcClient database,
      @Value("${caravel.node}") String node,
      @Value("${caravel.boot}") String boot,
      @Value("${caravel.upkeep.beat-seconds}") int beatSeconds,
      @Value("${caravel.upkeep.gone-seconds}") int goneSeconds) {
    this.database = database;
    this.node = node;
    this.owner = node + "/" + boot;
    this.beat = Duration.ofSeconds(beatSeconds);
    this.gone = Duration.ofSeconds(goneSeconds);
  }

  /** This life of this node. */
  public String owner() {
    return owner;
  }

  /** Says that this node lives. */
  public void beat() {
    int known =
        database
            .sql("update nodes set seen_at = current_timestamp(3) where owner = :owner")
            .param("owner", owner)
            .update();
    if (known == 0) {
      database
          .sql("insert into nodes (owner, seen_at) values (:owner, current_timestamp(3))")
          .param("owner", owner)
          .update();
    }
    hear(System.nanoTime());
  }

  /** By this node's own monotonic clock: the database's may be set, and stand for days or jump. */
  private synchronized void hear(long now) {
    if (heldUp(now)) {
      heard.clear();
      steadySince = now;
    }
    Map<String, LocalDateTime> said = new HashMap<>();
    database
        .sql("select owner, seen_at from nodes")
        .query(
            row -> {
              said.put(row.getString("owner"), row.getObject("seen_at", LocalDateTime.class));
            });
    heard.keySet().retainAll(said.keySet());
    said.forEach(
        (life, seenAt) ->
            heard.merge(
                life,
                new Said(seenAt, now),
                (before, news) -> before.seenAt().equals(news.seenAt()) ? before : news));
    lastBeat = now;
  }

  private boolean heldUp(long now) {
    return now - lastBeat > HELD_UP_AFTER * beat.toNanos();
  }

  /**
   * Whether this node has beaten without a gap for {@code caravel.upkeep.gone-seconds}: what holds
   * it up, such as a database that was away, keeps jobs that have ended from being booked, too.
   */
  public synchronized boolean isSteady() {
    long now = System.nanoTime();
    return !heldUp(now) && now - steadySince >= gone.toNanos();
  }

  /**
   * The lives not heard of for {@code caravel.upkeep.gone-seconds}, as this node's beats tell. None
   * as long as it has not beaten for that time itself without a gap: whatever held it up, such as a
   * database that was away, held up the others too.
   */
  public synchronized List<String> gone() {
    long now = System.nanoTime();
    if (!isSteady()) {
      return List.of();
    }
    return heard.entrySet().stream()
        .filter(life -> now - life.getValue().nanos() >= gone.toNanos())
        .map(Map.Entry::getKey)
        .filter(life -> !life.equals(owner))
        .toList();
  }

  /** A life is over and nothing of it is left to be taken back. */
  public void forget(String owner) {
    database.sql("delete from nodes where owner = :owner").param("owner", owner).update();
  }

  /** The former lives of this node. */
  public List<String> formerLives() {
    return database.sql("select owner from nodes").query(String.class).list().stream()
        .filter(each -> name(each).equals(node) && !each.equals(owner))
        .toList();
  }

  /** The names of the nodes of which a life is known, this one's among them. */
  public Set<String> names() {
    Set<String> names =
        database.sql("select owner from nodes").query(String.class).list().stream()
            .map(Nodes::name)
            .collect(Collectors.toSet());
    names.add(node);
    return names;
  }

  private static String name(String owner) {
    return owner.substring(0, owner.lastIndexOf('/'));
  }
}
