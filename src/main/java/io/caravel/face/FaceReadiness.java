package io.caravel.face;

import io.caravel.job.Failure;
import io.caravel.job.Requirement;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Whether faces can be found here, and with what; without it only the queue {@code faces} waits.
 */
@Component("faceReadiness")
public class FaceReadiness implements Requirement {
  private final ObjectProvider<FaceFinder> finders;
  private final boolean role;

  FaceReadiness(ObjectProvider<FaceFinder> finders, @Value("${caravel.role.faces}") boolean role) {
    this.finders = finders;
    this.role = role;
  }

  @Override
  public String queue() {
    return "faces";
  }

  /** As a node without the role {@code faces} sees it, another may well be at work. */
  @Override
  public @Nullable String missing() {
    Failure unready = role ? unready() : null;
    return unready == null ? null : unready.getMessage();
  }

  /** Why no face can be found on this node, null when they can. */
  public @Nullable Failure unready() {
    FaceFinder finder = finders.getIfAvailable();
    return finder == null
        ? Failure.passing(
            "engine-missing",
            "This Caravel was built without its face engine: start it with ./caravel run, which builds it.")
        : finder.unready();
  }

  /** The engine's name; null when there is none. */
  public @Nullable String engine() {
    FaceFinder finder = finders.getIfAvailable();
    return finder == null ? null : finder.engine();
  }

  /**
   * What finds faces.
   *
   * @throws Failure as {@link #unready}
   */
  FaceFinder finder() {
    Failure unready = unready();
    if (unready != null) {
      throw unready;
    }
    return finders.getObject();
  }
}
