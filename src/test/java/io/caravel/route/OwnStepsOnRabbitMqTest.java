package io.caravel.route;

import io.caravel.server.RabbitMqNode;
import org.junit.jupiter.api.BeforeAll;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Steps of the user's, their hints on a broker. */
@DirtiesContext
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/own-steps-rabbitmq",
      "caravel.rabbitmq.uri=${test.own-steps-rabbitmq}"
    })
class OwnStepsOnRabbitMqTest extends OwnStepsTest {
  @BeforeAll
  static void broker() {
    System.setProperty("test.own-steps-rabbitmq", RabbitMqNode.shared().createVirtualHost());
  }
}
