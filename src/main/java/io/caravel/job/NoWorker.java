package io.caravel.job;

import io.caravel.ground.Nodes;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** This node is the only one, and does not do the queue's work. */
@Component
class NoWorker implements Hindrance {
  private final Environment settings;
  private final Nodes nodes;

  NoWorker(Environment settings, Nodes nodes) {
    this.settings = settings;
    this.nodes = nodes;
  }

  @Override
  public @Nullable String of(String queue) {
    Set<String> alone = Set.of(settings.getRequiredProperty("caravel.node"));
    return settings.getRequiredProperty("caravel.role." + queue, Boolean.class)
            || !nodes.names().equals(alone)
        ? null
        : "No node has the role %1$s: add %1$s to CARAVEL_ROLES and start again, or start another node that has it."
            .formatted(queue);
  }
}
