package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** Two turns, memory for two large answers, and clients that do not read theirs. */
@DoorTest
@DirtiesContext // nobody shares it
@Import(SlowReadersTest.LargeDoor.class)
@TestPropertySource(
    properties = {
      "server.tomcat.connection-timeout=1h",
      "caravel.request-threads=2",
      "caravel.answers-mb=17"
    })
class SlowReadersTest {
  /** More than the system takes of an answer that is not read. */
  private static final int LARGE = 4 << 20;

  @LocalServerPort int port;
  private final List<Socket> open = new ArrayList<>();

  @TestConfiguration(proxyBeanMethods = false)
  static class LargeDoor {
    @Bean
    RouteBuilder large() {
      return new RouteBuilder() {
        @Override
        public void configure() {
          from("platform-http:/large").setBody(constant("x".repeat(LARGE)));
        }
      };
    }
  }

  @AfterEach
  void close() throws IOException {
    for (Socket socket : open) {
      socket.close();
    }
  }

  private Socket ask(String path) throws IOException {
    Socket socket = new Socket();
    open.add(socket);
    socket.setReceiveBufferSize(4096);
    socket.setSoTimeout(30_000);
    socket.connect(new InetSocketAddress("127.0.0.1", port));
    socket
        .getOutputStream()
        .write(
            "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                .formatted(path)
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String status(Socket socket) throws IOException {
    return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
  }

  private static long rest(Socket socket) {
    long bytes = 0;
    try {
      InputStream in = socket.getInputStream();
      byte[] piece = new byte[1 << 16];
      for (int read; (read = in.read(piece)) > 0; ) {
        bytes += read;
      }
    } catch (IOException e) {
      return bytes; // broken off
    }
    return bytes;
  }

  @Test
  void whoDoesNotReadHoldsNoTurnAndTheLongestIsBrokenOffForAnother() throws IOException {
    Socket first = ask("/large");
    assertThat(status(first)).isEqualTo("HTTP/1.1 200");
    Socket second = ask("/large");
    assertThat(status(second)).isEqualTo("HTTP/1.1 200");
    for (int i = 0; i < 5; i++) {
      assertThat(status(ask("/api/queues"))).isEqualTo("HTTP/1.1 200");
    }

    Socket third = ask("/large");
    assertThat(status(third)).isEqualTo("HTTP/1.1 200");
    assertThat(rest(first)).isLessThan(LARGE);
    assertThat(rest(second)).isGreaterThan(LARGE);
    assertThat(rest(third)).isGreaterThan(LARGE);
  }
}
