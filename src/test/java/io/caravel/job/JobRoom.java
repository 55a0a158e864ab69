package io.caravel.job;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.caravel.change.Outbox;
import io.caravel.database.RepeatedTransaction;
import io.caravel.ground.Journey;
import io.caravel.ground.LivedTime;
import io.caravel.ground.Nodes;
import io.caravel.server.MariaDbNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The jobs of a database of their own, without any route: nothing happens that a test does not. */
public final class JobRoom implements AutoCloseable {
  private static final List<String> QUEUES = ShippedSteps.NAMES;

  private final HikariDataSource pool;
  private final StandardEnvironment environment = new StandardEnvironment();
  private final Interloper interloper;

  /** Acts in the test's stead, past the interloper. */
  public final JdbcClient database;

  /** What is asked by it is seen by the interloper. */
  public final JdbcClient seen;

  public final TransactionTemplate transaction;
  public final Journey journey;
  public final Outbox outbox;
  public final LivedTime livedTime;
  private final Steps steps;
  final Weather weather;
  final Queues queues;
  public final Nodes nodes;
  final BegunWork begun;
  final Jobs jobs;
  final Waits waits;

  public static JobRoom embedded() {
    return new JobRoom(
        "jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1;MODE=MySQL;DATABASE_TO_LOWER=TRUE;TIME ZONE=UTC;LOCK_TIMEOUT=1000"
            .formatted(UUID.randomUUID()),
        "sa",
        "");
  }

  public static JobRoom onMariaDb() {
    MariaDbNode server = MariaDbNode.shared();
    return new JobRoom(server.createDatabase(), server.user(), server.password());
  }

  private JobRoom(String url, String user, String password) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername(user);
    config.setPassword(password);
    config.setMaximumPoolSize(8);
    config.setMinimumIdle(1);
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    pool = new HikariDataSource(config);
    Flyway.configure().dataSource(pool).load().migrate();
    interloper = new Interloper(pool);
    database = JdbcClient.create(pool);
    transaction = new RepeatedTransaction(new JdbcTransactionManager(interloper));
    set("caravel.step-names", String.join(",", QUEUES));
    set("caravel.steps.geolocation.after", "");
    set("caravel.steps.geolocation.single", true);
    set("caravel.steps.geolocation.interrupt", false);
    QUEUES.forEach(
        queue -> {
          set("caravel.queue." + queue + ".window", 100);
          set("caravel.queue." + queue + ".tries", 3);
          set("caravel.queue." + queue + ".limit-seconds", 60);
          set("caravel.queue." + queue + ".backoff-seconds", 5);
          set("caravel.role." + queue, true);
        });
    set("caravel.queue.rest-seconds", 5);
    set("caravel.queue.rest-longest-seconds", 300);
    seen = JdbcClient.create(interloper);
    journey = new Journey(seen);
    outbox = new Outbox(seen, () -> {});
    livedTime = new LivedTime(seen, 30, 0, 30);
    steps = new Steps(environment);
    Node here = new Node("here", 1);
    weather = here.weather;
    queues = here.queues;
    waits = new Waits(seen, queues);
    nodes = here.nodes;
    begun = here.begun;
    jobs = here.jobs;
  }

  /** Those of another database. */
  Queues queuesOf(JdbcClient other) {
    return queuesOf(other, weather);
  }

  private Queues queuesOf(JdbcClient of, Weather weather) {
    return new Queues(
        of,
        new SimpleMeterRegistry(),
        weather,
        List.of(),
        List.of(),
        new Crews(of, steps, event -> {}),
        steps,
        QUEUES);
  }

  /** One life of a node of this database. */
  final class Node {
    final Weather weather = new Weather(steps, List.of());
    final Queues queues = queuesOf(seen, weather);
    final Nodes nodes;
    final BegunWork begun;
    final Jobs jobs;

    Node(String name, int life) {
      nodes = new Nodes(seen, name, String.valueOf(life), 5, 30);
      begun = new BegunWork("/nowhere", nodes, steps);
      JobRows rows = new JobRows(seen);
      Hints hints = new Hints(seen, steps, queues, weather, transaction, 300_000);
      Claims claims =
          new Claims(
              seen,
              rows,
              steps,
              journey,
              outbox,
              queues,
              weather,
              begun,
              new Recipes(steps, List.of()),
              transaction,
              nodes);
      Recovery recovery =
          new Recovery(
              seen,
              rows,
              claims,
              hints,
              steps,
              journey,
              outbox,
              queues,
              nodes,
              begun,
              transaction,
              name,
              10,
              3);
      jobs = new Jobs(new Queueing(seen, journey, outbox), claims, hints, recovery);
    }
  }

  void set(String property, Object value) {
    String name = "set " + property;
    environment.getPropertySources().remove(name);
    environment.getPropertySources().addFirst(new MapPropertySource(name, Map.of(property, value)));
    if (steps != null) {
      steps.readAgain();
    }
  }

  /** Has this done before the next statement of the room in which the text is. */
  public void before(String text, String sql) {
    before(text, () -> database.sql(sql).update());
  }

  public void before(String text, Runnable action) {
    interloper.before(text, action);
  }

  /** Whether the interloper has been. */
  public boolean wasInterrupted() {
    return !interloper.waits();
  }

  /** A photo; its id. */
  public long photo(int number) {
    database
        .sql(
            """
            insert into images (id, sha256, filename, mime_type, bytes, source_disk, source_path, source_filename)
            values (:id, :sha256, 'a.jpg', 'image/jpeg', 1, 'private', 'aa', 'aa.jpg')
            """)
        .param("id", number)
        .param("sha256", "%064x".formatted(number))
        .update();
    return number;
  }

  static JobRequest request(long photo, String queue, boolean force) {
    return request(photo, queue, force, Lane.UPLOAD);
  }

  static JobRequest request(long photo, String queue, boolean force, Lane lane) {
    return new JobRequest(photo, queue, "{}", "%032x".formatted(photo), false, force, lane);
  }

  /** A queued job of a new photo; its id. */
  long queued(String queue, int number) {
    JobRequest request = request(photo(number), queue, false);
    transaction.executeWithoutResult(status -> jobs.put(request));
    return database
        .sql("select id from jobs where image_id = :photo")
        .param("photo", number)
        .query(Long.class)
        .single();
  }

  void update(String set, long id) {
    database.sql("update jobs set " + set + " where id = :id").param("id", id).update();
  }

  /** Whether it is so of the job (SQL). */
  boolean is(String condition, long id) {
    return database
            .sql("select count(*) from jobs where id = :id and " + condition)
            .param("id", id)
            .query(Long.class)
            .single()
        == 1;
  }

  @Override
  public void close() {
    pool.close();
  }
}
