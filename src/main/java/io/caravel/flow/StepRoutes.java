package io.caravel.flow;

import io.caravel.flow.RoutesUsable.UnusableRoutes;
import io.caravel.job.Recipes;
import io.caravel.job.Steps;
import java.io.Reader;
import java.util.List;
import org.apache.camel.CamelContext;
import org.apache.camel.builder.TemplatedRouteBuilder;
import org.apache.camel.model.IdempotentConsumerDefinition;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.errorhandler.NoErrorHandlerDefinition;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import org.yaml.snakeyaml.Yaml;

/**
 * Gives each step its worker, made of the template {@code step}, and its {@code step-commit}: the
 * files of the steps hold their chapters alone. A step with a worker of its own keeps that.
 */
@Component
@Order(StepRoutes.ORDER)
final class StepRoutes implements CamelContextConfiguration {
  static final int ORDER = 0;

  /** The chapters that a step may have beside make. */
  static final List<String> CHAPTERS = List.of("before", "lay", "keep", "after");

  private final Steps steps;
  private final Recipes recipes;
  private final Environment environment;

  StepRoutes(Steps steps, Recipes recipes, Environment environment) {
    this.steps = steps;
    this.recipes = recipes;
    this.environment = environment;
  }

  /** The files have been read, and no route is started. */
  @Override
  public void beforeApplicationStart(CamelContext context) {
    ModelCamelContext camel = (ModelCamelContext) context;
    for (String step : steps.names()) {
      if (steps.isOwn(step)) {
        own(camel, step);
      }
      recipes.routes(step, text(camel, step));
      if (camel.getRouteDefinition(step) != null) {
        continue;
      }
      if (hasTemplates(camel, step)) {
        requireChapters(camel, step);
        add(camel, step);
      }
    }
  }

  /** What its chapters do, from whichever files they are. */
  private static String text(ModelCamelContext camel, String step) {
    StringBuilder text = new StringBuilder();
    for (String chapter : List.of("before", "make", "lay", "keep", "after")) {
      RouteDefinition route = camel.getRouteDefinition(step + "-" + chapter);
      if (route != null && route.getResource() != null) {
        try (Reader reader = route.getResource().getReader()) {
          text.append(RouteText.of(new Yaml().compose(reader), step, chapter));
        } catch (Exception e) {
          throw new UnusableRoutes(
              "%s cannot be read again (%s).".formatted(route.getResource().getLocation(), e));
        }
      }
    }
    return text.toString();
  }

  private void own(ModelCamelContext camel, String step) {
    if (camel.getRouteDefinition(step) != null) {
      throw new UnusableRoutes(
          "there is a route %1$s beside the step of that name: call %1$s.camel.yaml otherwise."
              .formatted(step));
    }
    for (RouteDefinition route : camel.getRouteDefinitions()) {
      if (String.valueOf(route.getRouteId()).startsWith(step + "-")) {
        // Its worker books what fails; Camel's own handler would log it, too.
        route.setErrorHandlerFactory(new NoErrorHandlerDefinition());
      }
    }
  }

  /** Routes of an older Caravel have none: they hold the workers of its own steps themselves. */
  private boolean hasTemplates(ModelCamelContext camel, String step) {
    boolean there =
        camel.getRouteTemplateDefinition("step") != null
            && camel.getRouteTemplateDefinition("step-commit") != null;
    if (!there && steps.isOwn(step)) {
      throw new UnusableRoutes(
          "they have no templates step and step-commit, so they are of an older Caravel and know no step such as %s: copy routes/ anew."
              .formatted(step));
    }
    return there;
  }

  private static void requireChapters(ModelCamelContext camel, String step) {
    if (camel.getRouteDefinition(step + "-make") == null) {
      throw new UnusableRoutes(
          "%1$s is the name of a step (by a file %1$s.camel.yaml or by CARAVEL_STEPS_%2$s_…), and there is no route %1$s-make."
              .formatted(step, Steps.variable(step, "").replaceAll("^CARAVEL_STEPS_|_$", "")));
    }
    RouteDefinition keep = camel.getRouteDefinition(step + "-keep");
    if (keep != null
        && !ProcessorDefinitionHelper.filterTypeInOutputs(
                keep.getOutputs(), IdempotentConsumerDefinition.class)
            .isEmpty()) {
      throw new UnusableRoutes(
          "%1$s-keep keeps once by itself, as it did in an older Caravel, and would keep nothing now: copy routes/ anew."
              .formatted(step));
    }
  }

  private void add(ModelCamelContext camel, String step) {
    TemplatedRouteBuilder worker =
        TemplatedRouteBuilder.builder(camel, "step")
            .routeId(step)
            .prefixId(step + "-")
            .parameter("step", step)
            .parameter("queue", environment.getRequiredProperty("caravel.queue." + step + ".in"))
            .parameter("work", steps.works(step));
    TemplatedRouteBuilder commit =
        TemplatedRouteBuilder.builder(camel, "step-commit")
            .routeId(step + "-commit")
            .prefixId(step + "-commit-")
            .parameter("step", step);
    for (String chapter : CHAPTERS) {
      if (camel.getRouteDefinition(step + "-" + chapter) != null) {
        (chapter.equals("keep") ? commit : worker).parameter(chapter, step + "-" + chapter);
      }
    }
    worker.add();
    commit.add();
    describe(camel, step);
  }

  private static void describe(ModelCamelContext camel, String step) {
    String make = camel.getRouteDefinition(step + "-make").getDescriptionText();
    camel
        .getRouteDefinition(step)
        .description("The worker of the step " + step + (make == null ? "" : ": " + make));
    camel
        .getRouteDefinition(step + "-commit")
        .description(
            "In one transaction, once for each run of a job of %s: keep, queue what follows, done"
                .formatted(step));
  }

  @Override
  public void afterApplicationStart(CamelContext context) {
    // nothing more
  }
}
