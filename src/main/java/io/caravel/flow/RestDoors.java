package io.caravel.flow;

import io.caravel.door.Contract;
import org.apache.camel.CamelContext;
import org.apache.camel.model.ModelCamelContext;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spring.boot.CamelContextConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the REST route reads: {@code rest: openApi: specification: ref:contract.json}. */
@Configuration(proxyBeanMethods = false)
class RestDoors {
  /**
   * The contract without what Spring MVC serves, JSON: an operation without a route stops the
   * start.
   */
  @Bean("contract.json")
  String contractOfRoutes(Contract contract) {
    return contract.ofRoutes();
  }

  /** A door made by the template is described by the contract: verb, path and summary. */
  @Bean
  CamelContextConfiguration doorsDescribed(Contract contract) {
    return new CamelContextConfiguration() {
      @Override
      public void beforeApplicationStart(CamelContext camel) {
        for (RouteDefinition route : ((ModelCamelContext) camel).getRouteDefinitions()) {
          if (route.getDescriptionText() == null) {
            route.setDescription(contract.summary(route.getRouteId()));
          }
        }
      }

      @Override
      public void afterApplicationStart(CamelContext camel) {
        // nothing more
      }
    };
  }
}
