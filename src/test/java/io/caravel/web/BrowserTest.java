package io.caravel.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;

/** What the other tests of the page stand on: the browser does what a person's does. */
class BrowserTest {
  private static final String STRICT =
      "default-src 'none'; img-src 'self'; script-src 'self'; require-trusted-types-for 'script'; trusted-types"
          + " 'none'";

  @RegisterExtension final Browser browser = new Browser();
  private final Map<String, String> pages = new ConcurrentHashMap<>();
  private final HttpServer server;
  private String policy = "default-src 'self' 'unsafe-inline'";

  BrowserTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void serve() {
    pages.put("/favicon.ico", "");
    server.createContext(
        "/",
        exchange -> {
          String page = pages.get(exchange.getRequestURI().getPath());
          byte[] body = String.valueOf(page).getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "text/html;charset=utf-8");
          exchange.getResponseHeaders().set("Content-Security-Policy", policy);
          exchange.sendResponseHeaders(page == null ? 404 : 200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    browser.visit(server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void page(String html) {
    pages.put("/", "<!doctype html><html lang=en><title>Test</title>" + html);
    browser.open("/");
  }

  @Test
  void aDroppedFolderArrivesWithItsSubFoldersAndReadableFiles(@TempDir Path directory)
      throws Exception {
    Files.createDirectories(directory.resolve("album/rome/day 2"));
    Files.writeString(directory.resolve("album/a.txt"), "one");
    Files.writeString(directory.resolve("album/rome/b.txt"), "two");
    Files.writeString(directory.resolve("album/rome/day 2/<b>c.txt"), "three");
    page(
        """
        <main>Drop here</main><pre></pre>
        <script>
        const main = document.querySelector('main');
        main.ondragover = event => event.preventDefault();
        const walk = async entry => entry.isFile
          ? [entry.fullPath + '=' + await (await new Promise((ok, no) => entry.file(ok, no))).text()]
          : (await Promise.all((await new Promise((ok, no) => entry.createReader().readEntries(ok, no))).map(walk))).flat();
        main.ondrop = async event => {
          event.preventDefault();
          const entries = [...event.dataTransfer.items].map(item => item.webkitGetAsEntry());
          const found = (await Promise.all(entries.map(walk))).flat().sort();
          document.querySelector('pre').textContent = found.join('\\n') + '\\nend';
        };
        </script>
        """);

    browser.drop("main", directory.resolve("album"), directory.resolve("album/a.txt"));

    browser.read("end");
    assertThat(browser.find("pre").getText().lines())
        .containsExactly(
            "/a.txt=one",
            "/album/a.txt=one",
            "/album/rome/b.txt=two",
            "/album/rome/day 2/<b>c.txt=three",
            "end");
  }

  @Test
  void keysGoWhereTheFocusIs() {
    page(
        """
        <input autofocus><pre></pre>
        <script>
        onkeydown = event => document.querySelector('pre').textContent +=
          `${event.ctrlKey ? 'ctrl-' : ''}${event.shiftKey ? 'shift-' : ''}${event.key} `;
        </script>
        """);
    assertThat(browser.run("return document.hasFocus() + ' ' + document.visibilityState"))
        .isEqualTo("true visible");
    browser.press("a", Keys.TAB);
    browser.press(Keys.CONTROL, "k");
    browser.press(Keys.ARROW_LEFT);
    assertThat(browser.find("pre").getText().strip())
        .isEqualTo("a Tab ctrl-Control ctrl-k ArrowLeft");
    assertThat(browser.find("input").getDomProperty("value")).isEqualTo("a");
    assertThat(browser.focused().getTagName()).isEqualTo("body");
  }

  @ParameterizedTest
  @ValueSource(ints = {360, 1280, 3000})
  void aWindowIsAsWideAsItIsTold(int width) throws Exception {
    browser.width(width);
    page("<meta name=viewport content='width=device-width'><main>wide</main>");
    assertThat(browser.run("return innerWidth")).isEqualTo((long) width);
    Path picture = browser.screenshot("browser-" + width);
    assertThat(ImageIO.read(picture.toFile()).getWidth()).isEqualTo(width);
  }

  @ParameterizedTest
  @CsvSource({"true, false", "false, true"})
  void wishesOfTheSystemReachThePage(boolean dark, boolean reducedMotion) {
    browser.prefers(dark, reducedMotion);
    page("<main>calm</main>");
    assertThat(browser.run("return matchMedia('(prefers-color-scheme: dark)').matches"))
        .isEqualTo(dark);
    assertThat(browser.run("return matchMedia('(prefers-reduced-motion: reduce)').matches"))
        .isEqualTo(reducedMotion);
  }

  @Test
  void aTestStartsWithoutWhatAnEarlierOneLeft() {
    for (int again = 0; again < 2; again++) {
      page("<main>clean</main>");
      assertThat(browser.run("return document.cookie + localStorage.length")).isEqualTo("0");
      browser.run("document.cookie = 'left=1'; localStorage.left = 1");
      assertThat(browser.run("return document.cookie + localStorage.length")).isEqualTo("left=11");
      browser.forget();
      browser.visit(server.getAddress().getPort());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "setTimeout(() => { throw new Error('a script failed') }) | a script failed",
        "Promise.reject(new Error('nobody caught it')) | nobody caught it",
        "console.error('said by the page') | said by the page",
        "fetch('/missing') | 404",
        "fetch('http://photos.example/').catch(() => 0) | connect-src",
        "document.body.insertAdjacentHTML('beforeend', '<img src=\"data:,\">') | img-src",
      })
  void whateverIsWrongIsFound(String script, String words) {
    page("<body><script>%s</script>".formatted(script));
    browser.until(words, () -> browser.severe().toString().contains(words));
    assertThatThrownBy(browser::mustBeQuiet).hasMessageContaining(words);
    browser.forgive("");
  }

  @Test
  void aBarrierIsFoundUnderTheStrictestPolicyAndTheConsoleStaysQuiet() {
    policy = STRICT;
    page("<main><h1>Title</h1><p><a href=/x></a></main>");
    assertThat(browser.barriers()).hasSize(1).first().asString().startsWith("link-name (serious)");
    page("<main><h1>Title</h1><p><a href=/x>Words</a></main>");
    assertThat(browser.barriers()).isEmpty();
  }
}
