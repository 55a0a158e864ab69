package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.web.embedded.tomcat.TomcatWebServer;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Forty places and two threads, as on a machine that is far too busy. */
@DoorTest
@DirtiesContext // nobody shares it
@TestPropertySource(
    properties = {
      "server.tomcat.max-connections=40",
      "server.tomcat.threads.max=2",
      "server.tomcat.threads.min-spare=2",
      "server.tomcat.connection-timeout=1h",
      "server.tomcat.keep-alive-timeout=1h"
    })
class BusyThreadsTest {
  @Autowired JolokiaGuard guard;
  @Autowired ServletWebServerApplicationContext server;
  private final List<Socket> open = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (Socket socket : open) {
      socket.close();
    }
  }

  private Socket ask(String path) throws IOException {
    Socket socket = connect();
    socket
        .getOutputStream()
        .write(
            "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
                .formatted(path)
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket("127.0.0.1", server.getWebServer().getPort());
    open.add(socket);
    socket.setSoTimeout(60_000);
    return socket;
  }

  private long connections() {
    return ((Connections)
            ((TomcatWebServer) server.getWebServer())
                .getTomcat()
                .getConnector()
                .getProtocolHandler())
        .getConnectionCount();
  }

  /** They had sent all, and were closed for those who came after them and sent nothing. */
  @Test
  void whoWaitsForUsIsNotSlow() throws Exception {
    List<Socket> waiting = new ArrayList<>();
    guard.turns.acquire(2);
    try {
      ask("/actuator/jolokia/version");
      ask("/actuator/jolokia/version");
      await().until(() -> guard.turns.getQueueLength() == 2); // both threads are busy
      for (int i = 0; i < 33; i++) {
        waiting.add(ask("/api/queues"));
      }
      for (int i = 0; i < 20; i++) {
        connect();
      }
      await().until(() -> connections() >= 40);
    } finally {
      guard.turns.release(2);
    }
    for (Socket socket : waiting) {
      assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 200");
    }
  }
}
