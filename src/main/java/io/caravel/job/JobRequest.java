package io.caravel.job;

/**
 * A job somebody wants done.
 *
 * @param data canonical JSON: the same wish gives the same text
 * @param key md5 of the job's class name in the replaced system and its data
 * @param extra asked for by a caller, beside the photo's own job of that queue
 * @param force to be done again, replacing what it made
 * @param lane whose turn it is among the jobs of its queue
 * @param first whether the photo is accepted in the same transaction: it can have no such job yet
 */
public record JobRequest(
    long imageId,
    String queue,
    String data,
    String key,
    boolean extra,
    boolean force,
    Lane lane,
    boolean first) {
  /** One of a photo that may have such a job already. */
  JobRequest(
      long imageId,
      String queue,
      String data,
      String key,
      boolean extra,
      boolean force,
      Lane lane) {
    this(imageId, queue, data, key, extra, force, lane, false);
  }

  JobRequest ofNewPhoto() {
    return new JobRequest(imageId, queue, data, key, extra, force, lane, true);
  }
}
