package io.caravel.web;

import io.caravel.route.FlowTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.test.context.TestPropertySource;

/**
 * The whole program with dlib in it, and a browser before it. All classes with the same settings
 * share one program, but no test of the routes does.
 */
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/page",
      "test.finder=dlib",
      "caravel.face.threshold=0.2" // drawn people are more alike than living ones
    })
abstract class PageTest extends FlowTest {
  @RegisterExtension final Browser browser = new Browser();

  @BeforeEach
  void visit() {
    browser.visit(port);
  }
}
