package io.caravel.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RabbitMqNodeTest {
  private static final Map<String, Object> QUORUM = Map.of("x-queue-type", "quorum");

  @Test
  void keepsAConfirmedMessageOfAQuorumQueueOverAKill() throws Exception {
    try (RabbitMqNode node = new RabbitMqNode()) {
      node.start();
      declare(node.uri(), "thumbnails");
      node.awaitOnDisk("thumbnails");
      publish(node.uri(), "thumbnails", "42");

      node.kill9();
      assertThatThrownBy(() -> RabbitMqNode.connect(node.uri()))
          .isInstanceOf(ConnectException.class);
      node.start();

      assertThat(take(node.uri(), "thumbnails")).isEqualTo("42");
    }
  }

  @Test
  void givesEachVirtualHostQueuesOfItsOwn() throws Exception {
    RabbitMqNode node = RabbitMqNode.shared();
    String one = node.createVirtualHost();
    String other = node.createVirtualHost();

    declare(one, "metadata");
    declare(other, "metadata");
    publish(one, "metadata", "1");

    assertThat(RabbitMqNode.queueLength(one, "metadata")).isEqualTo(1);
    assertThat(RabbitMqNode.queueLength(other, "metadata")).isZero();
  }

  private static void declare(String uri, String queue) throws Exception {
    try (Connection connection = RabbitMqNode.connect(uri);
        Channel channel = connection.createChannel()) {
      channel.queueDeclare(queue, true, false, false, QUORUM);
    }
  }

  private static void publish(String uri, String queue, String body) throws Exception {
    try (Connection connection = RabbitMqNode.connect(uri);
        Channel channel = connection.createChannel()) {
      channel.confirmSelect();
      channel.basicPublish(
          "",
          queue,
          MessageProperties.PERSISTENT_TEXT_PLAIN,
          body.getBytes(StandardCharsets.UTF_8));
      channel.waitForConfirmsOrDie(20_000);
    }
  }

  private static String take(String uri, String queue) throws Exception {
    try (Connection connection = RabbitMqNode.connect(uri);
        Channel channel = connection.createChannel()) {
      var answer = channel.basicGet(queue, true);
      if (answer == null) {
        throw new IOException(queue + " is empty");
      }
      return new String(answer.getBody(), StandardCharsets.UTF_8);
    }
  }
}
