package io.caravel.change;

import io.caravel.change.Changes.Told;
import io.caravel.database.DatabaseFile;
import io.caravel.ground.Failure;
import io.caravel.ground.WeatherLog;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Which change is to be sent on next, one node at a time. The changes of a photo (of a face, where
 * they name no photo) are sent in their order. Of one that could not be sent, what follows is held
 * back until it could, while the others go on; where several in a row fail, the receiver is away,
 * and all of it rests. How far it is stands in the database: after a kill the last may be sent once
 * more. Used by one thread.
 */
@Component("dispatch")
public class Dispatch {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatch.class);

  /** So many photos fail one after the other: it is the receiver. */
  private static final int AWAY = 3;

  private static final int LONGEST_ERROR = 1024;

  /** A node that has the turn says so at each change; a change takes half of it at most. */
  private static final int TURN_SECONDS = 60;

  /** Waits double no further than 2 to the power of this. */
  private static final int DOUBLINGS = 20;

  private final JdbcClient database;
  private final TransactionTemplate transaction;
  private final Changes changes;
  private final DatabaseFile databaseFile;
  private final String node;
  private final Duration again;
  private final Duration againLongest;
  private final Duration rest;
  private final Duration restLongest;

  private final Deque<Told> page = new ArrayDeque<>();
  private final Set<Long> waiting = new HashSet<>();

  /** What has failed in this round waits for another one. */
  private final Set<Long> failedNow = new HashSet<>();

  private boolean onTurn;
  private long sent;
  private long durable;
  private int rests;
  private int failed;
  private @Nullable Told next;
  private boolean nextIsHeld;
  private volatile boolean closed;

  Dispatch(
      JdbcClient database,
      TransactionTemplate transaction,
      Changes changes,
      DatabaseFile databaseFile,
      @Value("${caravel.node}") String node,
      @Value("${caravel.changes.again-ms}") long againMs,
      @Value("${caravel.changes.again-longest-ms}") long againLongestMs,
      @Value("${caravel.changes.rest-ms}") long restMs,
      @Value("${caravel.changes.rest-longest-ms}") long restLongestMs) {
    this.database = database;
    this.transaction = transaction;
    this.changes = changes;
    this.databaseFile = databaseFile;
    this.node = node;
    this.again = Duration.ofMillis(againMs);
    this.againLongest = Duration.ofMillis(againLongestMs);
    this.rest = Duration.ofMillis(restMs);
    this.restLongest = Duration.ofMillis(restLongestMs);
  }

  /** Whether there is a change to be sent now, which is {@link #next} then. */
  public boolean goesOn() {
    next = null;
    if (closed || (!onTurn && !(isDue() && takeTurn()))) {
      onTurn = false;
      return false;
    }
    // While it rested the newest is tried first: what waits may never be taken.
    next = rests > 0 ? fresh() : held();
    nextIsHeld = rests == 0 && next != null;
    if (next == null) {
      next = rests > 0 ? held() : fresh();
      nextIsHeld = rests > 0;
    }
    onTurn = next != null;
    return onTurn;
  }

  /** The change to be sent now. */
  public Told next() {
    return Objects.requireNonNull(next, "there is none");
  }

  /** It was taken by the receiver. */
  public void sent(Told change) {
    failed = 0;
    if (nextIsHeld) {
      transaction.executeWithoutResult(
          status -> {
            requireTurn(sent, 0);
            letGo(change);
          });
    } else {
      requireTurn(change.seq(), 0);
      sent = change.seq();
    }
    if (rests > 0) {
      LOG.info("Changes are sent on again.");
      rests = 0;
    }
  }

  private void letGo(Told change) {
    database
        .sql("delete from changes_held where about = :about and seq = :seq")
        .param("about", about(change))
        .param("seq", change.seq())
        .update();
    database
        .sql("update changes_waiting set tries = 0 where about = :about")
        .param("about", about(change))
        .update();
  }

  /** It was not taken: it waits with what follows of its photo, or all of it rests. */
  public void failed(Told change, Exception problem) {
    String reason = reason(problem);
    boolean away = rests > 0 || (!nextIsHeld && ++failed >= AWAY);
    int restsNow = away ? rests + 1 : 0;
    transaction.executeWithoutResult(
        status -> {
          requireTurn(nextIsHeld ? sent : change.seq(), restsNow);
          hold(change, reason);
        });
    sent = nextIsHeld ? sent : change.seq();
    waiting.add(about(change));
    failedNow.add(about(change));
    if (away) {
      rests = restsNow;
      onTurn = false;
      closeRound();
      LOG.warn(
          WeatherLog.MARKER,
          "Changes cannot be sent on ({}): they wait, and are tried again in {} s. Look at the receiver.",
          reason,
          pause(rest, restLongest, rests - 1).toSeconds());
    } else if (!nextIsHeld) {
      LOG.warn(
          "Change {} ({} of {}) could not be sent on ({}): it waits with what follows of it, and is tried again.",
          change.seq(),
          change.kind(),
          change.photo() == null ? "face " + change.face() : "photo " + change.photo(),
          reason);
    }
  }

  private void hold(Told change, String reason) {
    holdBack(change);
    int tries =
        database
            .sql("select tries from changes_waiting where about = :about")
            .param("about", about(change))
            .query(Integer.class)
            .optional()
            .orElse(0);
    database
        .sql(
            """
            insert into changes_waiting (about, tries, due_at, error)
            values (:about, :tries, timestampadd(second, :pause, current_timestamp(3)), :error)
            on duplicate key update tries = :tries, error = :error,
              due_at = timestampadd(second, :pause, current_timestamp(3))
            """)
        .param("about", about(change))
        .param("tries", tries + 1)
        .param("pause", seconds(pause(again, againLongest, tries)))
        .param("error", reason)
        .update();
  }

  private void holdBack(Told change) {
    database
        .sql("insert ignore into changes_held (about, seq) values (:about, :seq)")
        .param("about", about(change))
        .param("seq", change.seq())
        .update();
  }

  private static String reason(Exception problem) {
    String said = problem.getMessage();
    String reason = said == null || said.isBlank() ? problem.getClass().getSimpleName() : said;
    return reason.substring(0, Math.min(LONGEST_ERROR, reason.length()));
  }

  /** Rounded up: a pause of less than a second is none. */
  private static long seconds(Duration pause) {
    return pause.toMillis() < 1000 ? 0 : pause.plusMillis(999).toSeconds();
  }

  private static Duration pause(Duration first, Duration longest, int before) {
    Duration pause = first.multipliedBy(1L << Math.min(before, DOUBLINGS));
    return pause.compareTo(longest) > 0 ? longest : pause;
  }

  /** The photo of a change; a face's number with a minus where it names none. */
  private static long about(Told change) {
    Long photo = change.photo();
    Long face = change.face();
    return photo != null ? photo : face != null ? -face : 0;
  }

  /** Looked at without writing anything: nothing is to be sent for most of the time. */
  private boolean isDue() {
    return database
        .sql(
            """
            select 1 from changes_sent s join changes_numbered n on n.id = s.id
            where s.id = 1
              and (s.rest_until is null or s.rest_until <= current_timestamp(3)
                or s.rest_until > timestampadd(second, :rest, current_timestamp(3)))
              and (s.sent is null or s.sent < n.numbered or exists (
                select 1 from changes_waiting where due_at <= current_timestamp(3)
                  or due_at > timestampadd(second, :again, current_timestamp(3))))
            """)
        .param("rest", 2 * seconds(restLongest) + 1)
        .param("again", 2 * seconds(againLongest) + 1)
        .query(Integer.class)
        .optional()
        .isPresent();
  }

  /** Nobody else sends. */
  private boolean takeTurn() {
    boolean mine =
        database
                .sql(
                    """
                    update changes_sent set holder = :node, held_until = timestampadd(second, :turn, current_timestamp(3))
                    where id = 1 and (holder is null or holder = :node or held_until < current_timestamp(3)
                      or held_until > timestampadd(second, 2 * :turn, current_timestamp(3)))
                    """)
                .param("node", node)
                .param("turn", TURN_SECONDS)
                .update()
            == 1;
    if (!mine) {
      return false;
    }
    begin();
    return true;
  }

  private void begin() {
    durable = changes.last();
    databaseFile.sync(); // a number that was told is never given to another change
    failed = 0;
    rests =
        database.sql("select rests from changes_sent where id = 1").query(Integer.class).single();
    sent =
        database
            .sql("select coalesce(sent, :last) from changes_sent where id = 1")
            .param("last", durable)
            .query(Long.class)
            .single();
    database
        .sql("update changes_sent set sent = :sent where id = 1 and sent is null")
        .param("sent", sent)
        .update();
    closeRound();
    waiting.addAll(database.sql("select about from changes_waiting").query(Long.class).list());
    tellForgotten();
  }

  private void closeRound() {
    page.clear();
    waiting.clear();
    failedNow.clear();
  }

  /** What was not taken for as long as changes are kept is told, once, and not waited for. */
  private void tellForgotten() {
    long forgotten = changes.forgotten();
    int held =
        database
            .sql("delete from changes_held where seq <= :forgotten")
            .param("forgotten", forgotten)
            .update();
    if (held > 0 || sent < forgotten) {
      LOG.error(
          "{} changes up to number {} could not be sent on for as long as they are kept, and are forgotten: have the receiver read everything anew.",
          held + Math.max(0, forgotten - sent),
          forgotten);
    }
    if (sent < forgotten) {
      requireTurn(forgotten, rests);
      sent = forgotten;
    }
  }

  /** The next that nobody has tried yet and that is not held back; null: none. */
  private @Nullable Told fresh() {
    while (true) {
      while (!page.isEmpty() && page.element().seq() <= sent) {
        page.remove();
      }
      if (page.isEmpty() && !fill()) {
        return null;
      }
      Told change = page.element(); // it stays until it is known what became of it
      if (!waiting.contains(about(change))) {
        return change;
      }
      transaction.executeWithoutResult(
          status -> {
            requireTurn(change.seq(), rests);
            holdBack(change);
          });
      sent = change.seq();
    }
  }

  private boolean fill() {
    if (sent >= durable) {
      durable = changes.last();
      if (sent >= durable) {
        return false;
      }
      databaseFile.sync();
    }
    List<Told> items = changes.after(sent, durable).items();
    page.addAll(items);
    return !items.isEmpty();
  }

  /** The first of those held back of a photo that is due; null: none. */
  private @Nullable Told held() {
    for (Long about = due(); about != null; about = due()) {
      Long seq =
          database
              .sql("select seq from changes_held where about = :about order by seq limit 1")
              .param("about", about)
              .query(Long.class)
              .optional()
              .orElse(null);
      if (seq != null) {
        return changes.after(seq - 1, seq).items().get(0);
      }
      database
          .sql("delete from changes_waiting where about = :about")
          .param("about", about)
          .update();
      waiting.remove(about);
    }
    return null;
  }

  private @Nullable Long due() {
    return database
        .sql(
            """
            select about from changes_waiting where due_at <= current_timestamp(3)
              or due_at > timestampadd(second, :longest, current_timestamp(3))
            order by due_at, about limit :most
            """)
        .param("longest", 2 * seconds(againLongest) + 1)
        .param("most", failedNow.size() + 1)
        .query(Long.class)
        .list()
        .stream()
        .filter(about -> !failedNow.contains(about))
        .findFirst()
        .orElse(null);
  }

  /**
   * Notes how far it is, and keeps the turn.
   *
   * @throws Failure where another node has the turn now
   */
  private void requireTurn(long upTo, int restsNow) {
    int kept =
        database
            .sql(
                """
                update changes_sent set sent = :sent, rests = :rests,
                  rest_until = case when :rests > 0 then timestampadd(second, :pause, current_timestamp(3)) else null end,
                  held_until = timestampadd(second, :turn, current_timestamp(3))
                where id = 1 and holder = :node
                """)
            .param("sent", upTo)
            .param("rests", restsNow)
            .param("pause", seconds(pause(rest, restLongest, Math.max(0, restsNow - 1))))
            .param("turn", TURN_SECONDS)
            .param("node", node)
            .update();
    if (kept == 0) {
      onTurn = false;
      throw Failure.passing("busy", "Another node sends the changes on now.");
    }
  }

  /** Before the routes are stopped: they wait for what is under way. */
  @EventListener(ContextClosedEvent.class)
  void close() {
    closed = true;
  }
}
