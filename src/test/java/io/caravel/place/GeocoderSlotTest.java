package io.caravel.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.caravel.ground.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.Flyway;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Two slots on one database stand for two nodes. */
@Timeout(60)
class GeocoderSlotTest {
  private static final Duration PERIOD = Duration.ofMillis(100);
  private static final Duration REQUEST_TIMEOUT = Duration.ofMillis(400);
  private static final Duration HOUR = Duration.ofHours(1);

  private final JdbcConnectionPool pool =
      JdbcConnectionPool.create(
          "jdbc:h2:mem:slot;MODE=MySQL;TIME ZONE=UTC;DB_CLOSE_DELAY=-1", "sa", "");
  private final JdbcClient database = JdbcClient.create(pool);
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @BeforeEach
  void schema() {
    Flyway.configure().dataSource(pool).load().migrate();
  }

  @AfterEach
  void end() {
    threads.shutdownNow();
    database.sql("shutdown").update();
    pool.dispose();
  }

  @Test
  void startsOfManyThreadsOnTwoNodesAreNeverCloserThanThePeriod() throws Exception {
    ConcurrentLinkedQueue<Long> starts = new ConcurrentLinkedQueue<>();
    List<Future<?>> work = new ArrayList<>();
    for (GeocoderSlot node : List.of(node(), node())) {
      for (int thread = 0; thread < 3; thread++) {
        work.add(
            threads.submit(
                () -> {
                  for (int question = 0; question < 4; question++) {
                    node.await();
                    starts.add(System.nanoTime());
                    node.answered();
                  }
                }));
      }
    }
    for (Future<?> each : work) {
      each.get();
    }
    assertThat(starts).hasSize(24);
    assertThat(closest(starts)).isGreaterThanOrEqualTo(PERIOD);
  }

  @Test
  void thePeriodCountsFromTheEndOfTheAnswer() {
    GeocoderSlot node = node();
    node.await();
    CompletableFuture<Void> slow =
        new CompletableFuture<Void>().completeOnTimeout(null, 200, TimeUnit.MILLISECONDS);
    slow.join();
    long end = System.nanoTime();
    node.answered();
    GeocoderSlot other = node();
    other.await();
    assertThat(Duration.ofNanos(System.nanoTime() - end)).isGreaterThanOrEqualTo(PERIOD);
  }

  @Test
  void aNodeThatDiedHoldsTheSlotForRequestTimeOutAndPeriodAndNoLonger() {
    long before = System.nanoTime();
    node().await();
    GeocoderSlot survivor = node();
    survivor.await();
    assertThat(Duration.ofNanos(System.nanoTime() - before))
        .isGreaterThanOrEqualTo(REQUEST_TIMEOUT.plus(PERIOD));
  }

  @Test
  void aNodeThatStoodStillHasNoTimeLeftAndDoesNotFreeAnothersSlot() {
    GeocoderSlot sleeper = node();
    sleeper.await();
    assertThat(sleeper.left()).isPositive().isLessThanOrEqualTo(REQUEST_TIMEOUT);
    GeocoderSlot other = node();
    other.await();
    String holder = holder();
    assertThat(sleeper.left()).isNegative();
    sleeper.answered();
    assertThat(holder()).isEqualTo(holder).isNotNull();
  }

  @Test
  void aNodeThatWasHeldUpAfterItsGrantSendsNothingInTheSecondHalfOfItsTime() {
    Duration half = REQUEST_TIMEOUT.dividedBy(2);
    GeocoderSlot node = node();
    node.await();
    await()
        .pollInterval(Duration.ofMillis(5))
        .until(
            () -> {
              Duration before = node.left();
              boolean may = node.mayStart();
              // Whatever holds this test up in between: earlier it may, and later it may not.
              assertThat(may || node.left().compareTo(half) <= 0).isTrue();
              assertThat(may && before.compareTo(half) <= 0).isFalse();
              return before.compareTo(half) <= 0;
            });
  }

  @Test
  void withoutASlotThereIsNoTimeLeft() {
    GeocoderSlot node = node();
    assertThat(node.left()).isZero();
    assertThat(node.mayStart()).isFalse();
    node.await();
    node.answered();
    assertThat(node.left()).isZero();
  }

  @Test
  void aPauseTheGeocoderAskedForHoldsForAllNodesAndIsSaidWithItsTime() {
    GeocoderSlot node = node();
    node.await();
    node.postpone(Duration.ofMinutes(10));
    for (GeocoderSlot each : List.of(node, node())) {
      Failure failure = catchThrowableOfType(Failure.class, each::await);
      assertThat(failure.cause()).isEqualTo("geocoder-paused");
      assertThat(failure.lasting()).isFalse();
      assertThat(failure.pause()).isBetween(Duration.ofMinutes(9), Duration.ofMinutes(10));
    }
  }

  @Test
  void aShortPauseIsWaitedOut() {
    GeocoderSlot node = node();
    node.await();
    long before = System.nanoTime();
    Duration pause = Duration.ofMillis(700);
    node.postpone(pause);
    GeocoderSlot other = node();
    other.await();
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(pause);
  }

  @Test
  void aPauseShorterThanThePeriodDoesNotShortenIt() {
    GeocoderSlot node = node();
    node.await();
    long before = System.nanoTime();
    node.postpone(Duration.ZERO);
    node().await();
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(PERIOD);
  }

  @Test
  void aPauseThatComesTooLateToHoldTheSlotHoldsNevertheless() {
    GeocoderSlot sleeper = node();
    sleeper.await();
    GeocoderSlot other = node();
    other.await();
    sleeper.postpone(Duration.ofMinutes(10));
    other.answered();
    assertThatThrownBy(node()::await).isInstanceOf(Failure.class).hasMessageContaining("pause");
  }

  @Test
  void whoWaitsTooLongBehindOthersGivesTheJobBack() {
    GeocoderSlot node = node(settings(60_000, 300));
    node.await();
    GeocoderSlot other = node(settings(60_000, 300));
    Failure failure = catchThrowableOfType(Failure.class, other::await);
    assertThat(failure.cause()).isEqualTo("geocoder-busy");
    assertThat(failure.lasting()).isFalse();
    Failure sameNode = catchThrowableOfType(Failure.class, node::await);
    assertThat(sameNode.cause()).isEqualTo("geocoder-busy");
  }

  @Test
  void ofTheThreadsOfANodeOnlyOneAsksTheDatabase() {
    GeocoderSlot node = node(settings(60_000, 300));
    node.await();
    database.sql("alter table geocoder_slot rename to away").update();

    Failure failure = catchThrowableOfType(Failure.class, node::await);

    assertThat(failure.cause()).isEqualTo("geocoder-busy");
  }

  @Test
  void whoNeverHadTheSlotLeavesTheTurnToTheNextAsWell() {
    node().rest(Duration.ofMinutes(10));
    GeocoderSlot node = node(settings(60_000, 2000));
    Failure failure = catchThrowableOfType(Failure.class, node::await);
    assertThat(failure.cause()).isEqualTo("geocoder-paused");
    free();
    node.await();
    assertThat(node.left()).isPositive();
  }

  @Test
  void aRestIsNotCutShortByAnAnswerThatWasUnderWay() {
    GeocoderSlot node = node();
    node.await();
    node().rest(Duration.ofMinutes(10));
    node.answered();
    assertThat(node.pause()).isBetween(Duration.ofMinutes(9), Duration.ofMinutes(10));
  }

  @Test
  void aClockOfTheDatabaseThatIsSetForwardDoesNotShortenThePeriod() {
    GeocoderSlot node = node();
    node.await();
    long end = System.nanoTime();
    node.answered();
    free();
    node.await();
    assertThat(Duration.ofNanos(System.nanoTime() - end)).isGreaterThanOrEqualTo(PERIOD);
  }

  @Test
  void aThreadThatIsInterruptedGivesTheJobBackAndStaysInterrupted() throws Exception {
    GeocoderSlot node = node();
    node.await();
    Future<Boolean> interrupted =
        threads.submit(
            () -> {
              Thread.currentThread().interrupt();
              Failure failure = catchThrowableOfType(Failure.class, node::await);
              assertThat(failure.cause()).isEqualTo("interrupted");
              return Thread.interrupted();
            });
    assertThat(interrupted.get()).isTrue();
    assertThat(node.left()).as("the other's slot").isPositive();
  }

  @Test
  void aThreadThatGaveUpLeavesTheTurnToTheNext() {
    GeocoderSlot node = node();
    node.await();
    node.postpone(Duration.ofMinutes(10));
    assertThatThrownBy(node::await).isInstanceOf(Failure.class);
    free();
    node.await();
    assertThat(node.left()).isPositive();
  }

  @Test
  void aGrantIsOnTheDiskBeforeTheQuestionAndAPauseAfterTheAnswer() {
    List<String> synced = new ArrayList<>();
    GeocoderSlot node =
        new GeocoderSlot(
            database,
            settings(REQUEST_TIMEOUT.toMillis(), 20_000),
            () ->
                synced.add(
                    database
                        .sql(
                            "select case when holder is null then 'pause' else 'grant' end from geocoder_slot")
                        .query(String.class)
                        .single()));
    node.await();
    assertThat(synced).containsExactly("grant");
    node.answered();
    assertThat(synced).as("lost, the period begins anew: nothing to sync").hasSize(1);

    node.await();
    node.postpone(Duration.ofMinutes(10));

    assertThat(synced).containsExactly("grant", "grant", "pause");
  }

  @Test
  void aShutdownWakesThoseWhoWait() throws Exception {
    GeocoderSlot node = node(settings(50_000, 50_000));
    node.await();
    GeocoderSlot stopped = node(settings(50_000, 50_000));
    Future<Failure> woken =
        threads.submit(() -> catchThrowableOfType(Failure.class, stopped::await));
    stopped.stop();
    assertThat(woken.get().cause()).isEqualTo("interrupted");
    assertThat(node.left()).isPositive();
  }

  @Test
  void aSlotThatLiesAbsurdlyFarAheadIsBroughtBack() {
    database
        .sql("update geocoder_slot set next_at = timestampadd(hour, 5, current_timestamp(6))")
        .update();
    GeocoderSlot node = node();
    node.await();
    assertThat(node.left()).isPositive();
  }

  @Test
  void aSlotIsNotTakenWithinATransaction() {
    TransactionTemplate transaction =
        new TransactionTemplate(new DataSourceTransactionManager(pool));
    GeocoderSlot node = node();
    assertThatThrownBy(() -> transaction.executeWithoutResult(status -> node.await()))
        .isInstanceOf(IllegalStateException.class);
  }

  private GeocoderSlot node() {
    return node(settings(REQUEST_TIMEOUT.toMillis(), 20_000));
  }

  private GeocoderSlot node(NominatimSettings settings) {
    return new GeocoderSlot(database, settings, () -> {});
  }

  private static NominatimSettings settings(long requestTimeoutMs, long slotWaitMs) {
    return new NominatimSettings(
        4,
        PERIOD.toMillis(),
        requestTimeoutMs,
        slotWaitMs,
        60_000,
        600_000,
        HOUR.toMillis(),
        65_536);
  }

  private void free() {
    database.sql("update geocoder_slot set next_at = '2000-01-01 00:00:00'").update();
  }

  private String holder() {
    return database.sql("select holder from geocoder_slot").query(String.class).single();
  }

  private static Duration closest(Iterable<Long> nanos) {
    List<Long> sorted = new ArrayList<>();
    nanos.forEach(sorted::add);
    sorted.sort(null);
    long least = Long.MAX_VALUE;
    for (int i = 1; i < sorted.size(); i++) {
      least = Math.min(least, sorted.get(i) - sorted.get(i - 1));
    }
    return Duration.ofNanos(least);
  }
}
