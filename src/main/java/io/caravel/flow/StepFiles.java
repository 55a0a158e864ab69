package io.caravel.flow;

import io.caravel.ground.CannotStart;
import io.caravel.job.Steps;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * The files of the user's steps; one that breaks the rules stops the start before Camel reads it.
 */
@Component
final class StepFiles {
  private final Map<String, Path> files = new HashMap<>();

  StepFiles(
      Steps steps, AllowedPrograms programs, @Value("${caravel.own-routes:}") String ownRoutes) {
    for (String each : ownRoutes.split(",")) {
      if (!each.isEmpty()) {
        Path file = Path.of(each.substring("file:".length()));
        String step = String.valueOf(file.getFileName()).replaceFirst("\\..*$", "");
        try {
          StepFile read = StepFile.read(file, step, steps.limit(step), programs.names());
          files.put(step, file);
          steps.describe(step, read.about());
        } catch (StepFile.Unfit e) {
          throw CannotStart.mendFirst(String.valueOf(e.getMessage()), e);
        }
      }
    }
  }

  /** The file of a step; none of Caravel's own has one. */
  Optional<Path> of(String step) {
    return Optional.ofNullable(files.get(step));
  }
}
