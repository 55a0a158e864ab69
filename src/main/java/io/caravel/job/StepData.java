package io.caravel.job;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a step's jobs have in their data behind the photo's number and place. */
public interface StepData {
  /** The step. */
  String step();

  /**
   * What the data of a photo's own job end with, in this order, as it is set now: by their end jobs
   * of today's settings are told from others.
   *
   * @param copyTo where copies of what it makes are wanted; null: where it is set
   */
  Map<String, Object> own(@Nullable String copyTo);
}
