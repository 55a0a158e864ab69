package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.caravel.server.RabbitMqNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** {@code changes-send}: what changes is sent on to an exchange of RabbitMQ. */
@Timeout(300)
@DirtiesContext
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/exchange",
      "caravel.rabbitmq.uri=${test.rabbitmq-changes}",
      "caravel.changes.exchange=site.changes",
      "caravel.changes.send-ms=50"
    })
class ExchangeTest extends FlowTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static String uri = "";

  @BeforeAll
  static void broker() throws Exception {
    uri = RabbitMqNode.shared().createVirtualHost();
    System.setProperty("test.rabbitmq-changes", uri);
    try (Connection connection = connect();
        Channel channel = connection.createChannel()) {
      channel.exchangeDeclare("site.changes", "topic", true);
      channel.queueDeclare("site", true, false, false, null);
      channel.queueBind("site", "site.changes", "#");
      channel.queueDeclare("accepted", true, false, false, null);
      channel.queueBind("accepted", "site.changes", "accepted");
    }
  }

  private static Connection connect() throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(uri);
    return factory.newConnection();
  }

  private static List<JsonNode> taken(String queue) throws Exception {
    List<JsonNode> taken = new ArrayList<>();
    try (Connection connection = connect();
        Channel channel = connection.createChannel()) {
      for (GetResponse each = channel.basicGet(queue, true);
          each != null;
          each = channel.basicGet(queue, true)) {
        taken.add(JSON.readTree(each.getBody()));
      }
    }
    return taken;
  }

  @Test
  void allIsSentInItsOrderByItsKind() throws Exception {
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());
    settled(photo);
    api.delete("/api/photos/" + photo);
    eventually(
        "all is sent",
        () ->
            count("select count(*) from changes where seq is null") == 0
                && count(
                        "select count(*) from changes_sent s join changes_numbered n on n.numbered = s.sent")
                    == 1);
    List<JsonNode> told = new ArrayList<>();
    api.get("/api/changes?after=0").json().path("items").forEach(told::add);

    assertThat(taken("site")).isEqualTo(told).hasSizeGreaterThan(4);
    assertThat(taken("accepted")).containsExactly(told.get(0));
  }
}
