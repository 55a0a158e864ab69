package io.caravel.flow;

import io.caravel.door.Contract;
import io.caravel.job.Steps;
import java.util.Set;
import org.apache.camel.CamelContext;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.OptionalIdentifiedDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * What the console shows of the routes: the flow, its steps, the upkeep and the doors apart, each
 * with a description in which the settings stand as they are.
 */
@Component
@Order(RoutesShown.ORDER)
final class RoutesShown implements CamelContextConfiguration {
  /** Once {@link StepRoutes} has made the routes of the steps. */
  static final int ORDER = StepRoutes.ORDER + 1;

  /** Route files that no photo passes. The console shows the groups by their first routes. */
  private static final Set<String> APART = Set.of("doors", "upkeep");

  private final Contract contract;
  private final Steps steps;

  RoutesShown(Contract contract, Steps steps) {
    this.contract = contract;
    this.steps = steps;
  }

  @Override
  public void beforeApplicationStart(CamelContext context) {
    for (RouteDefinition route : ((ModelCamelContext) context).getRouteDefinitions()) {
      describe(route);
      if (route.getGroup() == null) {
        route.setGroup(group(route));
      }
      resolve(context, route);
      for (ProcessorDefinition<?> step :
          ProcessorDefinitionHelper.filterTypeInOutputs(
              route.getOutputs(), ProcessorDefinition.class)) {
        resolve(context, step);
      }
    }
  }

  /** A door made of the template is described by the contract: verb, path and summary. */
  private void describe(RouteDefinition route) {
    if (Boolean.TRUE.equals(route.isRest())) {
      route.setDescription(
          "What callers ask, by the contract: each operation goes to the route of its name");
    } else if (route.isCreatedFromTemplate() && "doors".equals(route.getGroup())) {
      route.setDescription(contract.summary(route.getRouteId()));
    }
  }

  /** By the file that the route is from. */
  private String group(RouteDefinition route) {
    String location = route.getResource() == null ? "" : route.getResource().getLocation();
    String file = location.substring(location.lastIndexOf('/') + 1).replace(".camel.yaml", "");
    if (Boolean.TRUE.equals(route.isRest())) {
      return "doors";
    }
    return APART.contains(file) ? file : steps.knows(file) ? "steps" : "flow";
  }

  /** Camel shows placeholders in descriptions and notes as they are written. */
  private static void resolve(CamelContext context, OptionalIdentifiedDefinition<?> told) {
    told.setDescription(resolved(context, told.getDescription()));
    told.setNote(resolved(context, told.getNote()));
  }

  private static @Nullable String resolved(CamelContext context, @Nullable String text) {
    try {
      return text == null ? null : context.resolvePropertyPlaceholders(text);
    } catch (IllegalArgumentException noSuchSetting) {
      return text;
    }
  }

  @Override
  public void afterApplicationStart(CamelContext context) {
    // nothing more
  }
}
