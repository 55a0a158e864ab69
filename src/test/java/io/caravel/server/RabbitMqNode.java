package io.caravel.server;

import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A private RabbitMQ node on free loopback ports, with its own epmd and cookie. It survives {@link
 * #kill9} and {@link #restart} with its queues; it ends with the test JVM. Tests skip where
 * RabbitMQ is not installed.
 */
public final class RabbitMqNode implements AutoCloseable {
  private static final AtomicInteger VIRTUAL_HOSTS = new AtomicInteger();
  private static @Nullable RabbitMqNode shared;

  private final Sandbox sandbox = new Sandbox("rabbitmq");
  private final int port = Ports.free();
  private final int distributionPort = Ports.free();
  private final int epmdPort = Ports.free();
  private final String name = "caravel-" + port + "@localhost";
  private @Nullable Child epmd;
  private @Nullable Child server;

  /** The one node of this JVM, for tests that do not stop it: take a virtual host each. */
  public static synchronized RabbitMqNode shared() {
    if (shared == null) {
      RabbitMqNode node = new RabbitMqNode();
      node.start();
      shared = node;
    }
    return shared;
  }

  /** Makes an empty node, not yet started. */
  public RabbitMqNode() {
    Installed.program("rabbitmq-server", "rabbitmq-server");
    sandbox.write("plugins", "[].\n");
    sandbox.write(
        "rabbitmq.conf",
        """
        # The test machine's disk may be nearly full, its memory shared.
        disk_free_limit.absolute = 50MB
        vm_memory_high_watermark.absolute = 1GB
        raft.wal_max_size_bytes = 33554432
        log.console = true
        log.file = false
        """);
  }

  /** Starts it and waits until it takes connections. */
  public synchronized void start() {
    startEpmd();
    // Not the one in /usr/sbin: that changes to another user.
    Child child = sandbox.start("server", program("rabbitmq-server"));
    server = child;
    await("RabbitMQ")
        .atMost(Duration.ofSeconds(120))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> !child.alive() || (listens(port) && answers()));
    if (!child.alive()) {
      throw new IllegalStateException("RabbitMQ ended at its start\n" + child.tail());
    }
  }

  /** {@code amqp://guest:guest@127.0.0.1:port}: the default virtual host. */
  public String uri() {
    return "amqp://guest:guest@127.0.0.1:" + port;
  }

  /** Makes a virtual host without any queue (takes seconds). Returns its address. */
  public String createVirtualHost() {
    String host = "caravel_" + VIRTUAL_HOSTS.incrementAndGet();
    sandbox.run("ctl", program("rabbitmqctl", "add_vhost", host));
    sandbox.run(
        "ctl", program("rabbitmqctl", "set_permissions", "-p", host, "guest", ".*", ".*", ".*"));
    return uri() + "/" + host;
  }

  public int port() {
    return port;
  }

  /** Messages ready in a queue of the given address ({@link #uri} or a virtual host's). */
  public static long queueLength(String uri, String queue) {
    try (Connection connection = connect(uri);
        Channel channel = connection.createChannel()) {
      return channel.messageCount(queue);
    } catch (IOException | TimeoutException e) {
      throw new IllegalStateException("RabbitMQ did not say how long " + queue + " is", e);
    }
  }

  /**
   * Waits until a new quorum queue would survive a kill. RabbitMQ (3.10 at least) writes the
   * register of its quorum queues some seconds late: a queue younger than that is there after a
   * crash, but never answers again.
   */
  public void awaitOnDisk(String queue) {
    Path register = sandbox.path("mnesia/" + name + "/quorum/" + name + "/names.dets");
    await(queue + " in " + register)
        .atMost(Duration.ofSeconds(30))
        .until(() -> Files.readString(register, StandardCharsets.ISO_8859_1).contains(queue));
  }

  /** A connection that does not mend itself. */
  public static Connection connect(String uri) throws IOException, TimeoutException {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setAutomaticRecoveryEnabled(false);
    try {
      factory.setUri(uri);
    } catch (URISyntaxException | GeneralSecurityException e) {
      throw new IllegalArgumentException(uri, e);
    }
    return factory.newConnection();
  }

  /** Ends it in order. Its queues stay. */
  public synchronized void stop() {
    if (server != null) {
      server.terminate();
    }
  }

  /** Ends it at once, as a crash would. Its durable queues stay. */
  public synchronized void kill9() {
    if (server != null) {
      server.kill9();
    }
  }

  /** Ends it in order if it runs, and starts it on the same port with the same queues. */
  public synchronized void restart() {
    stop();
    start();
  }

  /** Ends it and removes its data. */
  @Override
  public void close() {
    sandbox.close();
  }

  /** Erlang would start its register of nodes itself, as a daemon that outlives everything. */
  private void startEpmd() {
    if (epmd != null && epmd.alive()) {
      return;
    }
    epmd =
        sandbox.start(
            "epmd",
            new ProcessBuilder(
                Installed.program("epmd", "erlang-base"),
                "-address",
                "127.0.0.1",
                "-port",
                Integer.toString(epmdPort)));
    await("epmd").atMost(Duration.ofSeconds(20)).until(() -> listens(epmdPort));
  }

  private ProcessBuilder program(String program, String... arguments) {
    ProcessBuilder builder = new ProcessBuilder();
    builder.command().add(Installed.program(program, "rabbitmq-server"));
    builder.command().addAll(Arrays.asList(arguments));
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(key -> key.startsWith("RABBITMQ_") || key.startsWith("ERL_"));
    environment.putAll(
        Map.of(
            "HOME",
            sandbox.path("").toString(), // the cookie lies there
            "ERL_EPMD_ADDRESS",
            "127.0.0.1",
            "ERL_EPMD_PORT",
            Integer.toString(epmdPort),
            "RABBITMQ_NODENAME",
            name));
    if (program.equals("rabbitmq-server")) {
      environment.putAll(
          Map.of(
              // The script then becomes the server, so that a kill reaches it.
              "RUNNING_UNDER_SYSTEMD", "1",
              "RABBITMQ_CONF_ENV_FILE", "/dev/null",
              "RABBITMQ_CONFIG_FILE", sandbox.path("rabbitmq.conf").toString(),
              "RABBITMQ_ENABLED_PLUGINS_FILE", sandbox.path("plugins").toString(),
              "RABBITMQ_MNESIA_BASE", sandbox.path("mnesia").toString(),
              "RABBITMQ_LOG_BASE", sandbox.path("log").toString(),
              "RABBITMQ_PID_FILE", sandbox.path("pid").toString(),
              "RABBITMQ_NODE_IP_ADDRESS", "127.0.0.1",
              "RABBITMQ_NODE_PORT", Integer.toString(port),
              "RABBITMQ_DIST_PORT", Integer.toString(distributionPort)));
    } else {
      environment.put("RABBITMQ_CONF_ENV_FILE", "/dev/null");
    }
    return builder;
  }

  private boolean answers() {
    try (Connection connection = connect(uri())) {
      return connection.isOpen();
    } catch (IOException | TimeoutException notYet) {
      return false;
    }
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }
}
