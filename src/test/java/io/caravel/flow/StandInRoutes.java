package io.caravel.flow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.door.Contract;
import io.caravel.request.Request;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;

/** A route for each operation of the contract, which tells what reached it. */
@TestConfiguration(proxyBeanMethods = false)
public class StandInRoutes {
  @Bean
  RouteBuilder standIns(Contract contract) {
    return new RouteBuilder() {
      @Override
      public void configure() throws Exception {
        JsonNode document = new ObjectMapper().readTree(contract.ofRoutes());
        for (JsonNode operation : document.path("paths").findValues("operationId")) {
          String id = operation.asText();
          from("direct:" + id).routeId(id).process(exchange -> tell(id, exchange));
        }
      }
    };
  }

  private static void tell(String operation, Exchange exchange) throws Exception {
    Map<String, Object> told = new TreeMap<>();
    told.put("operation", operation);
    told.put("headers", exchange.getMessage().getHeaders().keySet());
    if (exchange.getVariable("asked") instanceof Request asked) {
      told.put("parameters", asked.parameters());
      told.put("body", asked.body());
      told.put("who", asked.who());
    }
    String body = new ObjectMapper().writeValueAsString(told);
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
    exchange.getMessage().setBody(body);
  }
}
