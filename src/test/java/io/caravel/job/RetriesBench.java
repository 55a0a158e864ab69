package io.caravel.job;

import static org.awaitility.Awaitility.await;

import io.caravel.ground.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;

/**
 * 500 jobs that fail once and are tried again after some seconds, over three nodes of one MariaDB
 * server that all hint every 500 ms into one line, as with a broker, and work on what they are
 * hinted at: how late the second tries start. Each node has two workers.
 */
final class RetriesBench {
  private static final int JOBS = 500;
  private static final String QUEUE = "metadata";

  private RetriesBench() {}

  public static void main(String[] arguments) throws Exception {
    LinkedBlockingQueue<String> line = new LinkedBlockingQueue<>();
    Map<Long, Long> lateMillis = new ConcurrentHashMap<>();
    Map<Long, Boolean> failed = new ConcurrentHashMap<>();
    ScheduledExecutorService threads = Executors.newScheduledThreadPool(12);
    try (JobRoom room = JobRoom.onMariaDb()) {
      for (int photo = 1; photo <= JOBS; photo++) {
        room.queued(QUEUE, photo);
      }
      for (int number = 0; number < 3; number++) {
        JobRoom.Node node = room.new Node("node" + number, 1);
        node.nodes.beat();
        threads.scheduleWithFixedDelay(
            () -> line.addAll(node.jobs.hints(QUEUE)), 170L * number, 500, TimeUnit.MILLISECONDS);
        for (int worker = 0; worker < 2; worker++) {
          Random random = new Random(number * 2L + worker);
          threads.scheduleWithFixedDelay(
              () -> work(room, node, line, failed, lateMillis, random),
              0,
              1,
              TimeUnit.MILLISECONDS);
        }
      }
      try {
        await("all retries").atMost(Duration.ofMinutes(5)).until(() -> lateMillis.size() == JOBS);
      } catch (ConditionTimeoutException e) {
        System.out.println(e.getMessage());
      }
      threads.shutdownNow();
      threads.awaitTermination(10, TimeUnit.SECONDS);
      List<Long> late = new ArrayList<>(lateMillis.values());
      Collections.sort(late);
      System.out.printf(
          "%d of %d retries over three nodes; late by %d ms in the middle, %d ms at most%n",
          late.size(), JOBS, late.get(late.size() / 2), late.get(late.size() - 1));
      if (late.size() < JOBS || late.get(late.size() - 1) > 5000) {
        System.exit(1);
      }
    }
    System.exit(0);
  }

  private static void work(
      JobRoom room,
      JobRoom.Node node,
      LinkedBlockingQueue<String> line,
      Map<Long, Boolean> failed,
      Map<Long, Long> lateMillis,
      Random random) {
    try {
      long id = Long.parseLong(line.take());
      long late =
          room.database
              .sql(
                  "select timestampdiff(microsecond, due_at, current_timestamp(3)) from jobs where id = :id")
              .param("id", id)
              .query(Long.class)
              .single();
      Job job = node.jobs.claim(QUEUE, id);
      if (job == null) {
        return;
      }
      if (failed.put(id, true) == null) {
        Duration pause = Duration.ofSeconds(5L + random.nextInt(15));
        node.jobs.failed(job, Failure.passing("internal", "The first try fails.", pause));
      } else {
        lateMillis.put(id, late / 1000);
        room.transaction.executeWithoutResult(
            status -> node.jobs.done(Objects.requireNonNull(job)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      System.out.println("A worker met " + e);
    }
  }
}
