package io.caravel.job;

import io.caravel.ground.Journey;
import io.caravel.photo.Photo;

/**
 * One thing to be done for one photo, while it runs.
 *
 * @param data the job data as JSON: image_id, source_disk, source_path, source_filename, and what
 *     the queue adds
 * @param key md5 of the canonical job data: no two jobs of a queue share it
 * @param run counts how often it was enqueued; {@code attempts} the starts within this run
 * @param interrupted starts of this run that had no end
 * @param excused starts that were given back: an orderly stop, or work that was not begun
 * @param lane in which it was queued
 * @param claimedNanos {@link System#nanoTime} of the claim
 */
public record Job(
    long id,
    String queue,
    String key,
    String data,
    boolean force,
    int run,
    int attempts,
    int interrupted,
    int excused,
    String owner,
    Lane lane,
    long claimedNanos,
    Photo photo) {

  /** Whether an earlier start of this run died or failed: the photo may be what did it. */
  public boolean suspect() {
    return interrupted > 0 || tries() > 1;
  }

  /** Its present start, as the photo's journey tells of it. */
  Journey.Start start() {
    return new Journey.Start(photo.id(), queue, id, run, attempts);
  }

  /** The starts that count as tries of the work's own. */
  int tries() {
    return attempts - interrupted - excused;
  }
}
