package io.caravel.job;

import java.time.Duration;

/** Somebody outside whom the jobs of one queue ask: whoever rests for it rests on all nodes. */
public interface Outside {
  /** The queue whose jobs ask. */
  String queue();

  /** No node asks before this time is over. */
  void rest(Duration time);

  /**
   * How many answers have come to this node since its start: a job that ended without a question
   * proves nothing.
   */
  long answers();
}
