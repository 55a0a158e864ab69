package io.caravel.job;

import java.time.Duration;
import java.util.List;
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
  private long lastBeat = System.nanoTime();
  private long steadySince = lastBeat;

  Nodes(
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
  String owner() {
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
    steady();
  }

  private synchronized void steady() {
    long now = System.nanoTime();
    if (heldUp(now)) {
      steadySince = now;
    }
    lastBeat = now;
  }

  private boolean heldUp(long now) {
    return now - lastBeat > HELD_UP_AFTER * beat.toNanos();
  }

  /**
   * The lives not heard of for {@code caravel.upkeep.gone-seconds}. None as long as this node has
   * not beaten for that time itself without a gap: whatever held it up, such as a database that was
   * away, held up the others too.
   */
  public synchronized List<String> gone() {
    long now = System.nanoTime();
    if (heldUp(now) || now - steadySince < gone.toNanos()) {
      return List.of();
    }
    return database
        .sql(
            "select owner from nodes where seen_at < timestampadd(second, :gone, current_timestamp(3))")
        .param("gone", -(int) gone.toSeconds())
        .query(String.class)
        .list();
  }

  /** A life is over and nothing of it is left to be taken back. */
  void forget(String owner) {
    database.sql("delete from nodes where owner = :owner").param("owner", owner).update();
  }

  /** The former lives of this node. */
  List<String> formerLives() {
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
