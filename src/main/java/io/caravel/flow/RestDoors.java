package io.caravel.flow;

import io.caravel.door.Contract;
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
}
