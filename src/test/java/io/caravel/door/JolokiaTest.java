package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hawt.jmx.RBACRegistry;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

@DoorTest
class JolokiaTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @LocalServerPort int port;
  @Autowired JolokiaGuard guard;

  JsonNode ask(Map<String, ?> question) throws Exception {
    return JSON.readTree(
        new Caller(port)
            .post(
                "/actuator/jolokia",
                JSON.writeValueAsString(question),
                "Content-Type",
                "application/json")
            .body());
  }

  String firstBean(String pattern) throws Exception {
    JsonNode found = ask(Map.of("type", "search", "mbean", pattern)).path("value");
    assertThat(found).as("MBeans like " + pattern).isNotEmpty();
    return found.path(0).asText();
  }

  @Test
  void theRoutesAreListedWithTheirCountersAndSource() throws Exception {
    String route = firstBean("org.apache.camel:type=routes,*");
    assertThat(ask(Map.of("type", "read", "mbean", route)).path("value").has("ExchangesTotal"))
        .isTrue();
    JsonNode source =
        ask(
            Map.of(
                "type",
                "exec",
                "mbean",
                firstBean("org.apache.camel:type=context,*"),
                "operation",
                "dumpRoutesAsXml()"));
    assertThat(source.path("status").asInt()).as(source.toString()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({
    "3, '{\"type\":\"list\"}'",
    "3, '{\"type\":\"read\",\"mbean\":\"*:*\"}'",
    "3, '{\"mbean\":\"*:*\",\"type\":\"READ\"}'",
    "11, '{\"type\":\"exec\",\"mbean\":\"a:b=c\",\"operation\":\"dump()\"}'",
    "21, '{\"type\":\"search\",\"mbean\":\"*:*\"}'",
    "20001, '{\"type\":\"version\"}'",
  })
  void whatWouldKeepTheProgramBusyIsAskedInParts(int times, String question) throws Exception {
    String body = "[" + "%s,".formatted(question).repeat(times - 1) + question + "]";
    var answer =
        new Caller(port).post("/actuator/jolokia", body, "Content-Type", "application/json");
    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body()).contains("ask in parts");
  }

  /** Each was a 500, and 70 lines in the log, of whoever came by. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/actuator//jolokia/version",
        "/actuator/./jolokia/version",
        "/x/../actuator/jolokia/version",
        "/actuator/%6aolokia/version",
        "/actuator/jolokia;x/version"
      })
  void anAddressThatIsJolokiasInDisguiseIsNone(String path) throws Exception {
    String answer = new Caller(port).raw("GET " + path + " HTTP/1.1", "Host: localhost");
    assertThat(answer).startsWith("HTTP/1.1 400").contains("application/problem+json");
  }

  @Test
  void theConsoleAsksOfThousandsWhetherItMay() throws Exception {
    String question =
        "{\"type\":\"exec\",\"mbean\":\"hawtio:type=security,area=jmx,name=HawtioJMXSecurity\",\"operation\":\"canInvoke(java.lang.String)\",\"arguments\":[\"java.lang:type=Memory\"]}";
    String body = "[" + (question + ",").repeat(2999) + question + "]";
    var answer =
        new Caller(port).post("/actuator/jolokia", body, "Content-Type", "application/json");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(answer.body())).hasSize(3000);
  }

  @Test
  void whoComesBesideOthersWaitsForATurn() throws Exception {
    Callable<Integer> asker = () -> new Caller(port).get("/actuator/jolokia/version").statusCode();
    ExecutorService askers = Executors.newCachedThreadPool();
    List<Future<Integer>> answers = new ArrayList<>();
    guard.turns.acquire(2);
    try {
      for (int i = 0; i < JolokiaGuard.MOST_WAITING; i++) {
        answers.add(askers.submit(asker));
      }
      await().until(() -> guard.turns.getQueueLength() == JolokiaGuard.MOST_WAITING);
      assertThat(asker.call()).as("one more").isEqualTo(503);
      assertThat(answers).noneMatch(Future::isDone);
    } finally {
      guard.turns.release(2);
      askers.shutdown();
    }
    for (Future<Integer> answer : answers) {
      assertThat(answer.get()).isEqualTo(200);
    }
  }

  @Test
  void theConsoleListsItsBeansWithoutWhichItStaysBlank() throws Exception {
    String registry = "hawtio:type=security,name=RBACRegistry";
    if (!ManagementFactory.getPlatformMBeanServer().isRegistered(new ObjectName(registry))) {
      new RBACRegistry().init(); // another program in this JVM took it along when it ended
    }
    JsonNode answer = ask(Map.of("type", "exec", "mbean", registry, "operation", "list()"));
    assertThat(answer.path("status").asInt()).as(answer.path("error").asText()).isEqualTo(200);
  }

  @Test
  void aRouteCanBeStoppedAndStarted() throws Exception {
    String route = firstBean("org.apache.camel:type=routes,name=\"getJourney\",*");
    for (String operation : new String[] {"stop()", "start()"}) {
      JsonNode answer = ask(Map.of("type", "exec", "mbean", route, "operation", operation));
      assertThat(answer.path("status").asInt()).as(answer.toString()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "org.apache.camel:type=context,* | sendBody(java.lang.String,java.lang.Object)",
        "org.apache.camel:type=context,* | sendStringBody(java.lang.String,java.lang.String)",
        "org.apache.camel:type=context,* | requestBody(java.lang.String,java.lang.Object)",
        "org.apache.camel:type=context,* | requestStringBody(java.lang.String,java.lang.String)",
        "org.apache.camel:type=context,* | createEndpoint(java.lang.String)",
        "org.apache.camel:type=context,* | stop()",
        "org.apache.camel:type=routes,* | remove()",
        "org.apache.camel:type=routes,* | updateRouteFromXml(java.lang.String)",
        "java.lang:type=Memory | gc()",
        "com.sun.management:type=HotSpotDiagnostic | dumpHeap(java.lang.String,boolean)",
        "com.sun.management:type=DiagnosticCommand | vmSystemProperties()"
      })
  void whatCouldActIsForbidden(String bean, String operation) throws Exception {
    JsonNode answer =
        ask(
            Map.of(
                "type",
                "exec",
                "mbean",
                firstBean(bean),
                "operation",
                operation,
                "arguments",
                new String[] {"exec:touch", "x"}));
    assertThat(answer.path("status").asInt()).as(answer.toString()).isEqualTo(403);
  }

  @Test
  void nothingIsWritten() throws Exception {
    JsonNode answer =
        ask(
            Map.of(
                "type",
                "write",
                "mbean",
                "java.lang:type=Memory",
                "attribute",
                "Verbose",
                "value",
                true));
    assertThat(answer.path("status").asInt()).as(answer.toString()).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/actuator/jolokia/version?callback=steal",
        "/actuator/jolokia/read/java.lang:type=Memory?callback=steal",
        "/actuator/hawtio/jolokia/version?x=1&callback=steal",
        "/actuator/jolokia/version?c%61llback=steal",
        "/actuator/jolokia?p=exec/java.lang:type=Memory/gc",
        "/actuator/jolokia/exec/java.lang:type=Memory/gc",
        "/actuator/jolokia/exec/org.apache.camel:type=context,*/dumpRoutesAsXml()",
        "/actuator/jolokia/write/java.lang:type=Memory/Verbose/true",
        "/actuator/jolokia/notification/register",
        "/actuator/jolokia//exec/java.lang:type=Memory/gc"
      })
  void anAddressOnlyReadsAndIsNoScript(String path) {
    var answer = new Caller(port).get(path);
    assertThat(answer.statusCode()).as(answer.body()).isIn(400, 403);
    assertThat(answer.body()).doesNotContain("steal(");
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"notification", "config", "history"})
  void otherQuestionsAreNotTaken(String type) throws Exception {
    JsonNode answer =
        ask(Map.of("type", type, "command", "register", "mbean", "java.lang:type=Memory"));
    assertThat(answer.path("status").asInt()).as(answer.toString()).isBetween(400, 499);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[{\"type\":\"version\"},{\"type\":\"config\"}]",
        "{\"type\":\"config\",\"type\":\"version\"}",
        "{\"type\":\"version\",\"type\":\"config\"}",
        "{\"type\":\"CONFIG\"}",
        "{}",
        "[1]",
        "no JSON",
        ""
      })
  void noOtherQuestionIsHidden(String body) {
    var answer =
        new Caller(port).post("/actuator/jolokia", body, "Content-Type", "application/json");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
  }

  /** The JSR-160 proxy, which this project leaves out, would look up any target it is told. */
  @Test
  void noTargetElsewhereIsAsked() throws Exception {
    try (ServerSocketChannel elsewhere = ServerSocketChannel.open()) {
      elsewhere.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      elsewhere.configureBlocking(false);
      int target = elsewhere.socket().getLocalPort();
      JsonNode answer =
          ask(
              Map.of(
                  "type",
                  "read",
                  "mbean",
                  "java.lang:type=Memory",
                  "target",
                  Map.of("url", "service:jmx:rmi:///jndi/rmi://127.0.0.1:" + target + "/jmxrmi")));
      assertThat(elsewhere.accept()).as(answer.toString()).isNull();
    }
  }

  @Test
  void theConsoleIsServed() {
    Caller caller = new Caller(port);
    var page = caller.get("/actuator/hawtio/index.html", "Accept", "text/html");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("<html");
    assertThat(page.headers().allValues("Content-Security-Policy")).hasSize(1);
    assertThat(caller.get("/actuator/hawtio/jolokia/version").statusCode()).isEqualTo(200);
  }
}
