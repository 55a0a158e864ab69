package io.caravel.web;

import io.caravel.server.CaravelProcess;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Hawtio's console, behind the same doors as the page. Before a program of its own: it loads what
 * all programs of a JVM have registered, and in the tests' JVM a dozen are kept.
 */
class ConsolePageIT {
  @RegisterExtension final Browser browser = new Browser();

  @Test
  void itDrawsTheRoutes() {
    browser.forgive("/actuator/hawtio/preset-connections"); // it asks for others it could look at
    try (CaravelProcess caravel = new CaravelProcess(Map.of())) {
      caravel.start();
      browser.visit(caravel.baseUri().getPort());
      browser.open("/actuator/hawtio");
      browser.read("Route Diagram");
      browser.read("(ID: "); // a step of a route
      browser.read("routes\nflow\nupkeep\ndoors\nsteps\n"); // the flow first, the doors apart
      browser.mustBeQuiet();
      browser.forget(); // it would ask a program that has ended
    }
  }
}
