package io.caravel.flow;

import io.caravel.door.Contract;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.CamelContext;
import org.apache.camel.model.ModelCamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/** What the REST route reads: {@code rest: openApi: specification: ref:contract.json}. */
@Configuration(proxyBeanMethods = false)
class RestDoors {
  private static final Logger LOG = LoggerFactory.getLogger(RestDoors.class);

  /**
   * The contract without what Spring MVC serves, JSON: an operation without a route stops the
   * start. Routes of an older Caravel, which have no template step, know its doors alone: the
   * others are not there.
   */
  @Bean("contract.json")
  @Lazy // asked for when all routes are known
  String contractOfRoutes(Contract contract, ObjectProvider<CamelContext> camel) {
    ModelCamelContext routes = (ModelCamelContext) camel.getObject();
    if (routes.getRouteTemplateDefinition("step") != null) {
      return contract.ofRoutes();
    }
    Set<String> missing = new TreeSet<>(contract.operations());
    missing.removeIf(operation -> routes.getRouteDefinition(operation) != null);
    if (!missing.isEmpty()) {
      LOG.warn(
          "The routes are of an older Caravel and have no doors {}: copy routes/ anew.",
          String.join(", ", missing));
    }
    return contract.ofRoutes(missing);
  }
}
