package io.caravel.face;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The index over the table {@code faces}: loaded when it is first asked, then kept current by what
 * this node says it changed, and by looking for what others did ({@link #refresh}).
 */
@Component("faceIndex")
class FacesInMemory implements FaceIndex {
  private static final int BATCH = 2000;

  /** A change is seen by others when it is committed, so long after its {@code changed_at}. */
  private static final Duration LATEST_COMMIT = Duration.ofSeconds(60);

  /** Rows that were marked as deleted are there for an hour more. */
  private static final Duration ROWS_REMAIN = Duration.ofMinutes(30);

  private static final String ROWS =
      """
      select id, parent_id, case when deleted_at is null and status in ('process', 'ok') then status end as kind,
        case when deleted_at is null and status in ('process', 'ok') then descriptor end as descriptor
      from faces where\s""";

  private record Row(
      long id, @Nullable Long parent, @Nullable String kind, byte @Nullable [] descriptor) {}

  private final JdbcClient database;
  private final Encodings confirmed;
  private final Map<Long, Long> people = new HashMap<>(); // by confirmed face
  private final Encodings toReview;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final Object reading = new Object();
  private Map<Long, Long> revisions = new HashMap<>();
  private long lookedAt;
  private long lookedAtMillis;
  private volatile boolean loaded;

  FacesInMemory(
      JdbcClient database,
      @Value("${caravel.home}") Path home,
      @Value("${caravel.node}") String node) {
    this.database = database;
    Path directory = home.resolve("native").resolve(node);
    confirmed = new Encodings(directory);
    toReview = new Encodings(directory);
  }

  @Override
  public Optional<Match> nearestPerson(float[] encoding) {
    load();
    return reading(
        lock.readLock(),
        () ->
            confirmed
                .nearest(encoding)
                .map(match -> new Match(person(match.face()), match.distance())));
  }

  @Override
  public List<Known> confirmedWithin(float[] encoding, double threshold) {
    load();
    return reading(
        lock.readLock(),
        () ->
            confirmed.within(encoding, threshold).stream()
                .map(match -> new Known(match.face(), person(match.face()), match.distance()))
                .toList());
  }

  private long person(long confirmed) {
    return people.getOrDefault(confirmed, confirmed);
  }

  @Override
  public List<Match> toReviewWithin(float[] encoding, double threshold) {
    load();
    return reading(lock.readLock(), () -> toReview.within(encoding, threshold));
  }

  private static <T> T reading(Lock held, Supplier<T> work) {
    held.lock();
    try {
      return work.get();
    } finally {
      held.unlock();
    }
  }

  @Override
  public void changed(Collection<Long> faces) {
    if (!faces.isEmpty()) {
      load();
      // One reads at a time: what was read earlier is never put in later.
      synchronized (reading) {
        read(List.copyOf(new HashSet<>(faces)));
      }
    }
  }

  @Override
  public void refresh() {
    load();
    synchronized (reading) {
      // By both clocks: the one stands still while the machine sleeps, the other may be set back.
      readSince(
          Duration.ofMillis(
              Math.max(
                  Duration.ofNanos(System.nanoTime() - lookedAt).toMillis(),
                  System.currentTimeMillis() - lookedAtMillis)));
    }
  }

  /**
   * @param since this node has looked last
   */
  void readSince(Duration since) {
    synchronized (reading) {
      long now = System.nanoTime();
      if (since.compareTo(ROWS_REMAIN) > 0) {
        readAll();
      }
      int seconds = (int) Math.min(Integer.MAX_VALUE, since.plus(LATEST_COMMIT).toSeconds() + 1);
      Map<Long, Long> recent = new HashMap<>();
      database
          .sql(
              "select id, revision from faces where changed_at > timestampadd(second, :ago, current_timestamp(6))")
          .param("ago", -seconds)
          .query(
              row -> {
                recent.put(row.getLong("id"), row.getLong("revision"));
              });
      List<Long> news =
          recent.entrySet().stream()
              .filter(seen -> !seen.getValue().equals(revisions.get(seen.getKey())))
              .map(Map.Entry::getKey)
              .toList();
      for (int from = 0; from < news.size(); from += BATCH) {
        read(news.subList(from, Math.min(news.size(), from + BATCH)));
      }
      revisions = recent;
      lookedAt = now;
      lookedAtMillis = System.currentTimeMillis();
    }
  }

  private void load() {
    if (loaded) {
      return;
    }
    synchronized (reading) {
      if (!loaded) {
        lookedAt = System.nanoTime();
        lookedAtMillis = System.currentTimeMillis();
        readAll();
        loaded = true;
      }
    }
  }

  /** What is not there any more goes too. */
  private void readAll() {
    Set<Long> gone = confirmed.faces();
    gone.addAll(toReview.faces());
    List<Row> rows = List.of();
    for (long after = 0; after == 0 || !rows.isEmpty(); ) {
      rows =
          database
              .sql(ROWS + "id > :after order by id limit :batch")
              .param("after", after)
              .param("batch", BATCH)
              .query(FacesInMemory::row)
              .list();
      put(rows);
      rows.forEach(row -> gone.remove(row.id()));
      after = rows.isEmpty() ? after + 1 : rows.get(rows.size() - 1).id();
    }
    put(gone.stream().map(id -> new Row(id, null, null, null)).toList());
  }

  private void read(List<Long> ids) {
    List<Row> rows = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += BATCH) {
      rows.addAll(
          database
              .sql(ROWS + "id in (:ids)")
              .param("ids", ids.subList(from, Math.min(ids.size(), from + BATCH)))
              .query(FacesInMemory::row)
              .list());
    }
    Set<Long> gone = new HashSet<>(ids);
    rows.forEach(row -> gone.remove(row.id()));
    gone.forEach(id -> rows.add(new Row(id, null, null, null)));
    put(rows);
  }

  private static Row row(ResultSet row, int number) throws SQLException {
    return new Row(
        row.getLong("id"),
        row.getObject("parent_id", Long.class),
        row.getString("kind"),
        row.getBytes("descriptor"));
  }

  private void put(List<Row> rows) {
    lock.writeLock().lock();
    try {
      for (Row row : rows) {
        byte[] descriptor = row.descriptor();
        boolean usable =
            descriptor != null && descriptor.length == FaceFinder.ENCODING * Float.BYTES;
        boolean known = usable && "ok".equals(row.kind());
        place(confirmed, row, known);
        Long parent = row.parent();
        if (known) {
          people.put(row.id(), parent == null ? Long.valueOf(row.id()) : parent);
        } else {
          people.remove(row.id());
        }
        place(toReview, row, usable && "process".equals(row.kind()));
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  private static void place(Encodings encodings, Row row, boolean belongs) {
    if (belongs && row.descriptor() != null) {
      encodings.put(row.id(), Encoding.floats(row.descriptor()));
    } else if (!belongs) {
      encodings.remove(row.id());
    }
  }
}
