package io.caravel.job;

import io.caravel.ground.Failure;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The table {@code jobs}: the truth about what is to be done. A message is only a hint to look
 * here. The state of a job changes by these verbs alone; each is one statement that names the state
 * it starts from, so two that compete cannot both succeed.
 */
@Component("jobs")
public class Jobs {
  private final Queueing queueing;
  private final Claims claims;
  private final Hints hints;
  private final Recovery recovery;

  Jobs(Queueing queueing, Claims claims, Hints hints, Recovery recovery) {
    this.queueing = queueing;
    this.claims = claims;
    this.hints = hints;
    this.recovery = recovery;
  }

  /**
   * Queues a job; an ended one with the same key runs again. To be called in a transaction.
   *
   * @return whether it is queued by this call; false: it is queued or running already
   * @throws Failure running, when it is to run again by force while it runs
   */
  public boolean put(JobRequest request) {
    return queueing.put(request);
  }

  /**
   * Queues the own jobs of many photos, in a few statements; those that have ended and were of
   * other settings are removed. To be called in a transaction.
   *
   * @param requests of one queue and lane, one a photo, either all by force or none
   * @return how many are queued by this call; the others are queued or running already
   */
  int putAll(List<JobRequest> requests) {
    return queueing.putAll(requests);
  }

  /** Refuses to run a job again by force while it runs. */
  public void refuseWhileRunning(JobRequest request) {
    queueing.refuseWhileRunning(request);
  }

  /** Whether a job has ended well, or had nothing to do. */
  public boolean isDone(JobRequest request) {
    return queueing.isDone(request);
  }

  /** Whether a photo's own job of a queue is to be done yet. */
  public boolean isOpen(long photo, String queue) {
    return queueing.isOpen(photo, queue);
  }

  /** Writes a job that has nothing to do, such as geolocation without a position. */
  public void skip(JobRequest request, String cause, String sentence) {
    queueing.skip(request, cause, sentence);
  }

  /**
   * Takes a queued job for this node, committed before any work: a crash loop is seen.
   *
   * @return the job, or null when another took it, it is not due, or its queue is paused or waits
   *     for something on this node: then another node may be hinted at it, or this one later
   */
  public @Nullable Job claim(String queue, long id) {
    return claims.claim(queue, id);
  }

  /** A claimed job waits for its turn: it has not begun. */
  void waits(Job job) {
    claims.waits(job);
  }

  /** It begins now. */
  void begins(Job job) {
    claims.begins(job);
  }

  /** The job is done. In the transaction that keeps its effects, which this rolls back if late. */
  public void done(Job job) {
    claims.done(job);
  }

  /**
   * The job is done, or there was nothing to do. As {@link #done}.
   *
   * @param skip why there was nothing to do; null: there was
   */
  public void ended(Job job, @Nullable Skip skip) {
    claims.ended(job, skip);
  }

  /** There was nothing to do. As {@link #done}. */
  public void skipped(Job job, String cause, String sentence) {
    claims.skipped(job, cause, sentence);
  }

  /**
   * Books what went wrong: the job is due again after a pause, or parked once its tries are used up
   * or another would meet the same.
   *
   * @return the failure as booked, or null when the attempt was late and a successor has the job
   */
  public @Nullable Failure failed(Job job, Throwable problem) {
    return claims.failed(job, problem);
  }

  /**
   * The jobs of a queue to hint a worker at now, noted as sent. The window bounds what waits with
   * the workers: a backlog of a million stays in the table. Lane by lane, as {@link Hints} says.
   *
   * @return their ids as text, the form a broker carries
   */
  public List<String> hints(String queue) {
    return hints.hints(queue);
  }

  /** Hints of all queues may not have arrived, for instance while the database was away. */
  public void hintAnew() {
    hints.hintAnew();
  }

  /** Hints of this queue may not have arrived: they are due at once again. */
  public void unsent(String queue) {
    hints.unsent(queue);
  }

  /** A worker could not claim the job it was hinted at: the hint is due again, and not when old. */
  public void hintAgain(long id) {
    hints.hintAgain(id);
  }

  /** The queue cannot be reached: its hints are due again, after a rest that spares the log. */
  public void rest(String queue) {
    hints.rest(queue);
  }

  /**
   * Takes back the jobs of this node's former life, and lets every waiting job be hinted at anew.
   * Once at start.
   *
   * @return how many had been interrupted
   */
  public int recover() {
    return recovery.recover();
  }

  /** What {@link #recover} wrote has reached the disk: the notes it counted are not needed more. */
  public void recovered() {
    recovery.recovered();
  }

  /**
   * Work that former lives of this node had begun when they ended, of which the claims were lost
   * with them: such a row says {@code queued} and knows fewer starts, or that the job still waits
   * for its turn. It runs again, as that life's, so that {@link #recover} counts each start once.
   * Before the first claim of this life, whose own notes begin here.
   */
  public void restoreClaims() {
    recovery.restoreClaims();
  }

  /** Takes back the jobs of a node that is gone, and has those only hinted to it hinted anew. */
  public void takeBackFrom(String gone) {
    recovery.takeBackFrom(gone);
  }

  /**
   * Takes back what this node has had for longer than a lease, by its own monotonic clock: the
   * database's may have been set. Other nodes that live see to theirs. What a node had of which
   * nothing is known lapses with its lease.
   */
  public void lapse() {
    recovery.lapse();
  }

  /**
   * Lets those start now that are due later than any pause reaches: the clock was ahead when they
   * were put off, and has been set back.
   */
  public void bringBack() {
    recovery.bringBack();
  }

  /**
   * The database was away and is back. An embedded one may have lost what was committed in the last
   * half second: the end of a job that nobody works on any more is made up for by a new start.
   */
  public void databaseIsBack() {
    recovery.databaseIsBack();
  }

  /** Gives back what this node still runs when it is asked to stop: no start without an end. */
  public int release() {
    return recovery.release();
  }
}
