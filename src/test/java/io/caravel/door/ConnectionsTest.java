package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Forty places, and slow clients that would keep them for an hour. */
@DoorTest
@DirtiesContext // nobody shares it
@TestPropertySource(
    properties = {
      "server.tomcat.max-connections=40",
      "server.tomcat.connection-timeout=1h",
      "server.tomcat.keep-alive-timeout=1h",
      "caravel.body.grace-seconds=0",
      "caravel.proxies=127.0.0.2"
    })
class ConnectionsTest {
  private static final String IDLE = "";
  private static final String HEAD = "GET /api/queues HTTP/1.1\r\nHost: localhost\r\n";
  private static final String BODY =
      "POST /api/decisions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{";
  private static final String WHOLE = HEAD + "\r\n";

  @LocalServerPort int port;
  private final List<Socket> open = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (Socket socket : open) {
      socket.close();
    }
  }

  private Socket connect(String from, String sends) throws IOException {
    Socket socket = new Socket();
    open.add(socket);
    socket.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
    socket.connect(new InetSocketAddress("127.0.0.1", port));
    socket.setSoTimeout(20_000);
    socket.getOutputStream().write(sends.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String status(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    return new String(in.readNBytes(12), StandardCharsets.US_ASCII);
  }

  private static boolean isClosed(Socket socket) throws IOException {
    socket.setSoTimeout(1);
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {IDLE, HEAD, WHOLE})
  void theLongestIdleIsClosedNotTheNewestRefused(String sends) throws IOException {
    List<Socket> slow = new ArrayList<>();
    for (int i = 0; i < 120; i++) {
      slow.add(connect("127.0.0.1", sends));
      if (i % 10 == 0) {
        assertThat(status(connect("127.0.0.1", WHOLE))).isEqualTo("HTTP/1.1 200");
      }
    }
    if (!sends.equals(WHOLE)) {
      await().atMost(Duration.ofMinutes(1)).until(() -> isClosed(slow.get(0)));
      assertThat(isClosed(slow.get(119))).isFalse();
    }
  }

  @Test
  void aSlowBodyIsAnswered() throws IOException {
    Socket slow = connect("127.0.0.1", BODY);
    // Those who came while it was not read yet have waited longer.
    await()
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              assertThat(status(connect("127.0.0.1", WHOLE))).isEqualTo("HTTP/1.1 200");
              return slow.getInputStream().available() > 0;
            });
    String answer = new String(slow.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(answer).startsWith("HTTP/1.1 408").contains("problem+json").contains("too slowly");
  }

  @Test
  void aProxysConnectionIsSpared() throws IOException {
    List<Socket> proxys = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      proxys.add(connect("127.0.0.2", IDLE));
    }
    for (int i = 0; i < 120; i++) {
      connect("127.0.0.1", IDLE);
    }
    for (Socket proxy : proxys) {
      proxy.getOutputStream().write(WHOLE.getBytes(StandardCharsets.US_ASCII));
      assertThat(status(proxy)).isEqualTo("HTTP/1.1 200");
    }
  }
}
