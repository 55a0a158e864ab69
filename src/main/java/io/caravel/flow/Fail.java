package io.caravel.flow;

import io.caravel.ground.Failure;
import org.springframework.stereotype.Component;

/** For routes: how a step says itself why it failed. */
@Component("fail")
final class Fail {
  /** It lies in the photo, or must be mended by somebody: the job is parked at once. */
  public void lasting(String cause, String sentence) {
    throw Failure.lasting(cause, sentence);
  }

  /** It may go away: the job is tried again. */
  public void passing(String cause, String sentence) {
    throw Failure.passing(cause, sentence);
  }
}
