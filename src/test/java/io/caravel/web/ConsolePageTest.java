package io.caravel.web;

import org.junit.jupiter.api.Test;

/** Hawtio's console, behind the same doors as the page. */
class ConsolePageTest extends PageTest {
  @Test
  void itDrawsTheRoutes() {
    browser.forgive("/actuator/hawtio/preset-connections"); // it asks for others it could look at
    browser.open("/actuator/hawtio");
    browser.read("Route Diagram");
    browser.read(
        "(ID: "); // a step of a route; of which program of this JVM is the console's choice
  }
}
