package io.caravel.job;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a step of Caravel's works with: another version may make something else of a photo. */
public interface Tool {
  /** The step that works with it. */
  String step();

  /** Which it is, and its version; null: not known at the moment. Answered at once. */
  @Nullable String version();

  /** A tool that knows its version, or knows that it does not. */
  static Tool of(String step, Supplier<@Nullable String> version) {
    return new Tool() {
      @Override
      public String step() {
        return step;
      }

      @Override
      public @Nullable String version() {
        return version.get();
      }
    };
  }
}
