package io.caravel.flow;

import java.util.List;
import org.apache.camel.model.Model;
import org.apache.camel.model.ModelLifecycleStrategySupport;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ThrottleDefinition;
import org.apache.camel.model.ThrottlingMode;
import org.apache.camel.reifier.ProcessorReifier;
import org.apache.camel.reifier.ThrottleReifier;
import org.apache.camel.spi.CamelContextCustomizer;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * A throttle by concurrent requests that Camel can write as XML. Its writer asks each throttle for
 * its period, and such a one throws: Hawtio could draw no route at all. Mended in Camel 4.20, with
 * which this can go.
 */
final class WritableThrottle extends ThrottleDefinition {
  private WritableThrottle(ThrottleDefinition throttle) {
    super(throttle);
    setParent(throttle.getParent());
  }

  /** Milliseconds; null: it has none. */
  @Override
  public @Nullable String getTimePeriodMillis() {
    return ThrottlingMode.toMode(getMode()) == ThrottlingMode.TotalRequests
        ? super.getTimePeriodMillis()
        : null;
  }

  /** In each route that is added. */
  @Configuration
  static class Installed {
    @Bean
    CamelContextCustomizer writableThrottles() {
      ProcessorReifier.registerReifier(WritableThrottle.class, ThrottleReifier::new);
      return context ->
          context
              .getCamelContextExtension()
              .getContextPlugin(Model.class)
              .addModelLifecycleStrategy(
                  new ModelLifecycleStrategySupport() {
                    @Override
                    public void onAddRouteDefinition(RouteDefinition route) {
                      replaceIn(route);
                    }
                  });
    }
  }

  private static void replaceIn(ProcessorDefinition<?> parent) {
    List<ProcessorDefinition<?>> steps = parent.getOutputs();
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i) instanceof ThrottleDefinition throttle) {
        steps.set(i, new WritableThrottle(throttle));
      }
      replaceIn(steps.get(i));
    }
  }
}
