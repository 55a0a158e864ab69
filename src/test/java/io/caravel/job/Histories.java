package io.caravel.job;

import io.caravel.ground.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Random histories of a job on the real tables, beside a model of what may have become of it. Two
 * nodes hint, claim, work, end late, die and come back; people pause, resume, ask, force, replay;
 * time passes. After each step the job is in the one state that the model has; at the end, with
 * every hindrance gone, it comes to an end.
 */
final class Histories {
  private static final String QUEUE = "metadata";
  private static final int STEPS = 25;

  private final JobRoom room;
  private final Random random;
  private final List<String> told = new ArrayList<>();

  private final JobRoom.Node[] nodes = new JobRoom.Node[2];
  private final int[] lives = new int[2];
  private long photo;
  private long id;

  // The model.
  private String state = "none";
  private int run;
  private int attempts;
  private boolean paused;
  private @Nullable Job atWork;
  private int worker;
  private final List<Job> late = new ArrayList<>();
  private final List<String> hints = new ArrayList<>();

  Histories(JobRoom room, long seed) {
    this.room = room;
    random = new Random(seed);
    for (int node = 0; node < nodes.length; node++) {
      begin(node);
    }
  }

  private void begin(int node) {
    nodes[node] = room.new Node("node" + node, ++lives[node]);
    nodes[node].nodes.beat();
  }

  /**
   * Lives through one history.
   *
   * @throws AssertionError with all its steps, when the job is not as the model has it
   */
  void live(int number) {
    told.clear();
    state = "none";
    run = 0;
    attempts = 0;
    atWork = null;
    late.clear();
    hints.clear();
    paused = false;
    room.database.sql("update queues set paused = false").update();
    photo = room.photo(number);
    put(Lane.UPLOAD, false);
    id =
        room.database
            .sql("select id from jobs where image_id = :photo")
            .param("photo", photo)
            .query(Long.class)
            .single();
    check();
    for (int step = 0; step < STEPS; step++) {
      step();
      check();
    }
    end();
    room.database.sql("delete from images").update();
  }

  private void step() {
    int node = random.nextInt(nodes.length);
    switch (random.nextInt(16)) {
      case 0 -> put(Lane.values()[random.nextInt(4)], false);
      case 1 -> put(Lane.ASKED, true);
      case 2, 3, 4 -> hint(node);
      case 5, 6, 7, 8 -> claim(node);
      case 9 -> done();
      case 10 -> failed(Failure.passing("internal", "Passing."));
      case 11 -> failed(Failure.lasting("undecodable", "Lasting."));
      case 12 -> late();
      case 13 -> die(node);
      case 14 -> pauseOrResume(node);
      default -> timePasses();
    }
  }

  private void put(Lane lane, boolean force) {
    told.add("put " + lane + (force ? " by force" : ""));
    JobRequest request = JobRoom.request(photo, QUEUE, force, lane);
    boolean put;
    try {
      put = Boolean.TRUE.equals(room.transaction.execute(status -> nodes[0].jobs.put(request)));
      expect(!(force && state.equals("running")), "force is refused while it runs");
    } catch (Failure e) {
      expect(force && state.equals("running"), "refused: " + e.getMessage());
      return;
    }
    boolean ended = !state.equals("queued") && !state.equals("running");
    expect(put == ended, "it is queued by this call: " + put);
    if (ended) {
      state = "queued";
      run++;
      attempts = 0;
    }
  }

  private void hint(int node) {
    List<String> sent = nodes[node].jobs.hints(QUEUE);
    told.add("hint " + node + " " + sent);
    hints.addAll(sent);
  }

  private void claim(int node) {
    if (hints.isEmpty()) {
      return;
    }
    String hint = hints.remove(0);
    Job job = nodes[node].jobs.claim(QUEUE, Long.parseLong(hint));
    told.add("claim " + node + " " + (job == null ? "nothing" : "taken"));
    if (job != null) {
      expect(state.equals("queued") && !paused, "it was taken while " + state);
      state = "running";
      attempts++;
      atWork = job;
      worker = node;
    }
  }

  private void done() {
    Job job = atWork;
    if (job != null) {
      told.add("done");
      room.transaction.executeWithoutResult(status -> nodes[worker].jobs.done(job));
      state = "done";
      gone(job);
    }
  }

  private void failed(Failure failure) {
    Job job = atWork;
    if (job != null) {
      nodes[worker].jobs.failed(job, failure);
      told.add("failed " + failure.cause());
      boolean parked = failure.lasting() || job.tries() >= 3;
      state = parked ? "failed" : "queued";
      gone(job);
    }
  }

  private void gone(Job job) {
    atWork = null;
    late.add(job);
  }

  /** An attempt that was given up comes to an end after all. */
  private void late() {
    if (!late.isEmpty()) {
      Job job = late.get(random.nextInt(late.size()));
      told.add("late end of attempt " + job.attempts());
      try {
        room.transaction.executeWithoutResult(status -> nodes[0].jobs.done(job));
        expect(false, "a late attempt ended it");
      } catch (Claims.LateAttempt e) {
        nodes[0].jobs.failed(job, e);
      }
      nodes[0].jobs.failed(job, Failure.lasting("undecodable", "Late."));
    }
  }

  /** With it go the hints that lay in its memory; the other node or its next life takes back. */
  private void die(int node) {
    String owner = nodes[node].nodes.owner();
    boolean orderly = random.nextInt(3) == 0;
    if (orderly) {
      nodes[node].jobs.release();
    }
    hints.clear();
    Job job = atWork;
    begin(node);
    if (random.nextBoolean()) {
      nodes[node].jobs.recover();
    } else {
      nodes[1 - node].jobs.takeBackFrom(owner);
      nodes[1 - node].jobs.hintAnew();
    }
    told.add("node " + node + (orderly ? " stops" : " dies"));
    if (job != null && worker == node) {
      boolean parked = !orderly && job.interrupted() + 1 >= 3;
      state = parked ? "failed" : "queued";
      gone(job);
    }
  }

  private void pauseOrResume(int node) {
    paused = !paused;
    told.add(paused ? "pause" : "resume");
    if (paused) {
      nodes[node].queues.pause(QUEUE);
    } else {
      nodes[node].queues.resume(QUEUE);
    }
  }

  /** Enough for any pause; what a lease is for takes longer. */
  private void timePasses() {
    told.add("time passes");
    room.database
        .sql(
            """
            update jobs set due_at = timestampadd(second, -299, due_at), sent_at = timestampadd(second, -299, sent_at)
            """)
        .update();
  }

  private void check() {
    List<String> rows =
        room.database
            .sql("select concat(state, ' ', run, ' ', attempts) from jobs where image_id = :photo")
            .param("photo", photo)
            .query(String.class)
            .list();
    expect(
        rows.equals(List.of(state + " " + run + " " + attempts)),
        rows + " is not " + state + " " + run + " " + attempts);
  }

  /** Nothing hinders it any more: what is not ended ends, without the age of any hint. */
  private void end() {
    told.add("the end");
    if (paused) {
      nodes[0].queues.resume(QUEUE);
      paused = false;
    }
    for (int tries = 0; tries < 20 && !state.matches("done|failed|skipped"); tries++) {
      room.database
          .sql("update jobs set due_at = current_timestamp(3) where state = 'queued'")
          .update();
      hint(tries % 2);
      while (atWork == null && !hints.isEmpty()) {
        claim(tries % 2);
      }
      done();
      check();
    }
    expect(state.matches("done|failed|skipped"), "it is stuck: " + state);
    expect(nodes[0].jobs.hints(QUEUE).isEmpty(), "it is hinted at although it has ended");
  }

  private void expect(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise + ", after " + String.join(", ", told) + "; job " + id);
    }
  }
}
