package io.caravel.route;

import io.caravel.server.RabbitMqNode;
import org.junit.jupiter.api.BeforeAll;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** The workers of a broker's queues: by an Error they used to end the whole program. */
@DirtiesContext
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/errors-rabbitmq",
      "caravel.rabbitmq.uri=${test.rabbitmq}"
    })
class WorkerErrorsOnRabbitMqTest extends WorkerErrorsTest {
  @BeforeAll
  static void broker() {
    System.setProperty("test.rabbitmq", RabbitMqNode.shared().createVirtualHost());
  }

  @Override
  void assertAllWorkersAreThere() {
    // The broker's listeners are not counted; that the queues go on shows that they are there.
  }
}
