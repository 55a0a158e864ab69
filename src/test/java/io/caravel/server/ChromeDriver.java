package io.caravel.server;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.MalformedURLException;
import java.net.Socket;
import java.net.URI;
import java.net.URL;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Debian's chromedriver on a free loopback port, and the Chromiums it starts, which reach nothing
 * but loopback. Their profiles lie in its directory. It ends with the test JVM; tests skip where it
 * is not installed.
 */
public final class ChromeDriver implements AutoCloseable {
  private static @Nullable ChromeDriver shared;

  private final Sandbox sandbox = new Sandbox("browser");
  private final int port = Ports.free();

  /** The one of this JVM. */
  public static synchronized ChromeDriver shared() {
    if (shared == null) {
      shared = new ChromeDriver();
    }
    return shared;
  }

  private ChromeDriver() {
    Installed.program("chromium", "chromium");
    ProcessBuilder program =
        new ProcessBuilder(
            Installed.program("chromedriver", "chromium-driver"), "--port=" + port, "--silent");
    String home = sandbox.path("").toString();
    // Profiles, caches and whatever else Chromium writes.
    program
        .environment()
        .putAll(
            Map.of(
                "HOME",
                home,
                "TMPDIR",
                home,
                "XDG_CONFIG_HOME",
                home,
                "XDG_CACHE_HOME",
                home,
                "TZ",
                "UTC",
                "LC_ALL",
                "C.UTF-8"));
    program.environment().remove("DISPLAY");
    Child child = sandbox.start("chromedriver", program);
    await("chromedriver")
        .atMost(Duration.ofSeconds(60))
        .until(() -> !child.alive() || listens(port));
    if (!child.alive()) {
      throw new IllegalStateException("chromedriver ended at its start\n" + child.tail());
    }
  }

  /** Where it takes WebDriver's commands. */
  public URL url() {
    try {
      return URI.create("http://127.0.0.1:" + port).toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What {@code goog:chromeOptions} says of Chromium. */
  public Map<String, Object> options() {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--headless=new",
                "--window-size=1280,900",
                "--lang=en",
                "--hide-scrollbars",
                // It ends when the pipe does, so with chromedriver, even by kill -9.
                "--remote-debugging-pipe",
                // A chroot has a small /dev/shm or none.
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-default-apps",
                "--disable-domain-reliability",
                "--disable-sync",
                "--disable-client-side-phishing-detection",
                "--disable-extensions",
                "--no-first-run",
                "--no-pings",
                "--no-proxy-server",
                "--password-store=basic",
                // Whatever these have missed reaches nobody.
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"));
    if ("root".equals(System.getProperty("user.name"))) {
      arguments.add("--no-sandbox"); // Chromium's own refuses to run as root
    }
    return Map.of("binary", Installed.program("chromium", "chromium"), "args", arguments);
  }

  @Override
  public void close() {
    sandbox.close();
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }
}
