package io.caravel.flow;

import io.caravel.ground.Failure;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Endpoint;
import org.apache.camel.component.exec.ExecCommand;
import org.apache.camel.component.exec.ExecCommandExecutor;
import org.apache.camel.component.exec.ExecComponent;
import org.apache.camel.component.exec.ExecEndpoint;
import org.apache.camel.component.exec.ExecResult;
import org.apache.camel.component.exec.impl.DefaultExecCommandExecutor;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Camel's exec, held to CARAVEL_PROGRAMS at the moment a program is to be run: whatever a route
 * computes, nothing else is. ExifTool has an executor of its own.
 */
@Component("exec-component")
@org.apache.camel.spi.annotations.Component("exec") // by which Camel finds its options
final class AllowedPrograms extends ExecComponent {
  private final Set<String> names;

  AllowedPrograms(@Value("${caravel.programs:}") String programs) {
    names =
        Arrays.stream(programs.split(","))
            .map(String::strip)
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** By name or path, as they are set. */
  Set<String> names() {
    return names;
  }

  @Override
  protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
      throws Exception {
    Endpoint endpoint = super.createEndpoint(uri, remaining, parameters);
    if (endpoint instanceof ExecEndpoint exec) {
      ExecCommandExecutor set = exec.getCommandExecutor();
      if (set == null || set instanceof DefaultExecCommandExecutor) {
        exec.setCommandExecutor(new Guarded());
      }
    }
    return endpoint;
  }

  private final class Guarded implements ExecCommandExecutor {
    private final ExecCommandExecutor executor = new DefaultExecCommandExecutor();

    @Override
    public ExecResult execute(ExecCommand command) throws IOException {
      if (!names.contains(command.getExecutable())) {
        throw Failure.lasting(
            "program-refused",
            "The program %s is not to be run: name it in CARAVEL_PROGRAMS, then replay it."
                .formatted(command.getExecutable()));
      }
      return executor.execute(command);
    }
  }
}
