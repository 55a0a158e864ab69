package io.caravel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code status}, {@code pause QUEUE}, {@code resume QUEUE}, {@code workers QUEUE N}: what an
 * operator asks of the program that runs, from a shell. It is asked over HTTP at CARAVEL_ADDRESS
 * and CARAVEL_PORT, with CARAVEL_TOKEN, or CARAVEL_USER and CARAVEL_PASSWORD.
 */
final class Operator {
  static final Set<String> COMMANDS = Set.of("status", "pause", "resume", "workers");

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Reach caravel;
  private final PrintStream out;
  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();

  private Operator(Map<String, String> settings, PrintStream out) {
    this.caravel = new Reach(settings);
    this.out = out;
  }

  /**
   * @param settings environment variables
   * @return the exit status: 1 when it was not done, with a sentence why; 2 for a command that is
   *     none
   */
  static int run(List<String> arguments, Map<String, String> settings, PrintStream out) {
    Operator operator = new Operator(settings, out);
    try {
      return operator.run(arguments);
    } catch (ConnectException e) {
      return operator.refuse(
          "no Caravel answers at %s: start it, or set CARAVEL_ADDRESS and CARAVEL_PORT as for run."
              .formatted(operator.caravel.base()));
    } catch (HttpTimeoutException e) {
      return operator.refuse(
          "Caravel at %s does not answer within %d s: see its log."
              .formatted(operator.caravel.base(), PATIENCE.toSeconds()));
    } catch (IOException e) {
      return operator.refuse(
          "Caravel at %s broke off: %s.".formatted(operator.caravel.base(), e.getMessage()));
    } catch (IllegalArgumentException e) {
      return operator.refuse(
          "%s is no address that can be asked: set CARAVEL_ADDRESS and CARAVEL_PORT as for run."
              .formatted(operator.caravel.base()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private int run(List<String> arguments) throws IOException, InterruptedException {
    String command = arguments.get(0);
    if (command.equals("status") && arguments.size() == 1) {
      return status();
    }
    if (command.equals("workers") && arguments.size() == 3) {
      return change(
          arguments.get(1),
          "workers",
          "{\"workers\":" + JSON.writeValueAsString(number(arguments.get(2))) + "}");
    }
    if (!command.equals("status") && !command.equals("workers") && arguments.size() == 2) {
      return change(arguments.get(1), command, "");
    }
    out.println(
        "caravel: usage: ./caravel status | pause QUEUE | resume QUEUE | workers QUEUE N"
            + " (status lists the queues)");
    return 2;
  }

  /** A number as one, anything else as text, which the door refuses in a sentence. */
  private static Object number(String text) {
    return text.matches("[0-9]{1,9}") ? (Object) Integer.valueOf(text) : text;
  }

  private int status() throws IOException, InterruptedException {
    HttpResponse<String> queues = send("GET", "/api/queues", "");
    if (queues.statusCode() != 200) {
      return refuse(caravel.refusal(queues));
    }
    HttpResponse<String> nodes = send("GET", "/api/nodes", "");
    out.printf(
        "%-12s %8s %8s %10s %8s %8s %9s %8s %10s%n",
        "queue", "queued", "running", "done", "skipped", "failed", "workers", "a minute", "left");
    JSON.readTree(queues.body())
        .properties()
        .forEach(queue -> line(queue.getKey(), queue.getValue()));
    if (nodes.statusCode() == 200) {
      for (JsonNode node : JSON.readTree(nodes.body()).path("items")) {
        out.printf(
            "node %s (%s): %s%s%n",
            node.path("node").asText(),
            node.path("version").asText(),
            node.path("gone").asBoolean()
                ? "gone, heard last at " + node.path("heard").asText()
                : "since " + node.path("since").asText(),
            Math.abs(node.path("clock_ms").asLong()) > 5000
                ? ", its clock is %d s off the database's"
                    .formatted(node.path("clock_ms").asLong() / 1000)
                : "");
      }
    }
    return 0;
  }

  private void line(String name, JsonNode queue) {
    out.printf(
        "%-12s %8d %8d %10d %8d %8d %9d %8.1f %10s%n",
        name,
        queue.path("queued").asLong(),
        queue.path("running").asLong(),
        queue.path("done").asLong(),
        queue.path("skipped").asLong(),
        queue.path("failed").asLong(),
        queue.path("workers").asLong(),
        queue.path("per_minute").asDouble(),
        left(queue));
    if (!queue.path("waiting").isNull()) {
      out.println("  " + queue.path("waiting").asText());
    }
  }

  private static String left(JsonNode queue) {
    if (queue.path("paused").asBoolean()) {
      return "paused";
    }
    if (queue.path("eta_seconds").isNull()) {
      return "unknown";
    }
    Duration eta = Duration.ofSeconds(queue.path("eta_seconds").asLong());
    return "%d:%02d:%02d".formatted(eta.toHours(), eta.toMinutesPart(), eta.toSecondsPart());
  }

  private int change(String queue, String what, String body)
      throws IOException, InterruptedException {
    if (!queue.matches("[a-z][a-z0-9-]{0,31}")) {
      return refuse(
          "\"%s\" is not the name of a queue: ./caravel status lists them.".formatted(queue));
    }
    HttpResponse<String> answer = send("POST", "/api/queues/" + queue + "/" + what, body);
    if (answer.statusCode() != 200) {
      return refuse(caravel.refusal(answer));
    }
    JsonNode now = JSON.readTree(answer.body());
    out.printf(
        "caravel: %s %s, with %d workers a node%n",
        queue,
        now.path("paused").asBoolean() ? "is paused" : "goes on",
        now.path("workers").asInt());
    return 0;
  }

  private HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        caravel
            .request(path)
            .timeout(PATIENCE)
            .header("Accept", "application/json")
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private int refuse(String sentence) {
    out.println("caravel: " + sentence);
    return 1;
  }
}
