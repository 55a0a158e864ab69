package io.caravel.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.caravel.server.ChromeDriver;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.WindowType;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.logging.LogEntry;

/**
 * A window of Chromium for each test, without anything an earlier one left. A test fails when the
 * console says anything severe: an error of a script, a breach of the Content-Security-Policy, a
 * request that failed. What the window showed when a test failed lies in target/screenshots.
 */
final class Browser implements BeforeEachCallback, AfterEachCallback {
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Duration GLANCE = Duration.ofMillis(25);
  private static final Set<Keys> MODIFIERS = Set.of(Keys.CONTROL, Keys.SHIFT, Keys.ALT, Keys.META);
  private static @Nullable Chromium running;

  private final List<String> said = new ArrayList<>();
  private final List<String> forgiven = new ArrayList<>();
  private String origin = "";

  /** Of this JVM: a start takes a second or two. */
  private static synchronized Chromium chromium() {
    if (running == null) {
      running = new Chromium(ChromeDriver.shared());
    }
    return running;
  }

  @Override
  public void beforeEach(ExtensionContext test) {
    forget();
  }

  @Override
  public void afterEach(ExtensionContext test) {
    Throwable failure = test.getExecutionException().orElse(null);
    if (failure == null) {
      mustBeQuiet();
      return;
    }
    screenshot(
        "failed-" + test.getRequiredTestClass().getSimpleName() + "-" + test.getDisplayName());
    failure.addSuppressed(new AssertionError("The console said: " + severe()));
  }

  /** An empty window, as if this browser had never been used. */
  void forget() {
    Chromium chromium = chromium();
    String last = chromium.getWindowHandle();
    String next = chromium.switchTo().newWindow(WindowType.TAB).getWindowHandle();
    chromium.switchTo().window(last).close();
    chromium.switchTo().window(next);
    // A window in the background has no focus and draws when it likes.
    chromium.command("Page.bringToFront", Map.of());
    chromium.command("Emulation.setFocusEmulationEnabled", Map.of("enabled", true));
    chromium.command("Network.clearBrowserCookies", Map.of());
    chromium.command("Network.clearBrowserCache", Map.of());
    chromium.said();
    said.clear();
  }

  /** Fails with all that is severe and not forgiven. */
  void mustBeQuiet() {
    List<String> severe = severe();
    assertThat(severe).as("what the console said: %s", severe.stream().findFirst()).isEmpty();
  }

  /** What the console said so far that is severe and not forgiven. */
  List<String> severe() {
    chromium().said().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.SEVERE.intValue())
        .map(LogEntry::getMessage)
        .forEach(said::add);
    return said.stream().filter(message -> forgiven.stream().noneMatch(message::contains)).toList();
  }

  /** A severe entry with these words is what this test wants. */
  void forgive(String words) {
    forgiven.add(words);
  }

  /** Whose pages {@link #open} opens: a program on this port of localhost. */
  void visit(int port) {
    origin = "http://localhost:" + port;
    chromium()
        .command("Storage.clearDataForOrigin", Map.of("origin", origin, "storageTypes", "all"));
  }

  /** Goes to a path and waits until it is loaded. */
  void open(String path) {
    chromium().get(origin + path);
  }

  /** Path, query and fragment of the page. */
  String address() {
    String url = Objects.requireNonNull(chromium().getCurrentUrl());
    URI uri = URI.create(url);
    return url.substring(url.indexOf(uri.getRawPath(), url.indexOf(uri.getRawAuthority())));
  }

  /** The first element of a CSS selector that is displayed; waits until there is one. */
  WebElement find(String css) {
    List<WebElement> found = new ArrayList<>();
    until(
        css + " is displayed",
        () -> {
          found.clear();
          chromium().findElements(By.cssSelector(css)).stream()
              .filter(WebElement::isDisplayed)
              .findFirst()
              .ifPresent(found::add);
          return !found.isEmpty();
        });
    return found.get(0);
  }

  /** How many elements of a CSS selector there are now. */
  int count(String css) {
    return chromium().findElements(By.cssSelector(css)).size();
  }

  /** All words that are displayed. */
  String text() {
    return chromium().findElement(By.tagName("body")).getText();
  }

  /** Waits until these words are displayed. */
  void read(String words) {
    until("“" + words + "” is displayed", () -> text().contains(words));
  }

  /** Waits a minute at most; an element that has gone meanwhile is looked for again. */
  void until(String what, Callable<Boolean> holds) {
    await(what)
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(GLANCE)
        .ignoreExceptionsMatching(
            e -> e instanceof NoSuchElementException || e instanceof StaleElementReferenceException)
        .until(holds);
  }

  /** Presses keys one after the other, where the focus is; modifiers stay down to the end. */
  void press(CharSequence... keys) {
    Actions actions = new Actions(chromium());
    Deque<Keys> held = new ArrayDeque<>();
    for (CharSequence key : keys) {
      if (key instanceof Keys modifier && MODIFIERS.contains(modifier)) {
        actions.keyDown(modifier);
        held.push(modifier);
      } else {
        actions.sendKeys(key);
      }
    }
    held.forEach(actions::keyUp);
    actions.perform();
  }

  /** The element that has the focus. */
  WebElement focused() {
    return chromium().switchTo().activeElement();
  }

  /** Draws a line by the mouse over an element, from and to parts of its width and height. */
  void drag(String css, double fromX, double fromY, double toX, double toY) {
    WebElement element = find(css);
    int width = element.getSize().getWidth();
    int height = element.getSize().getHeight();
    new Actions(chromium())
        .moveToElement(element, (int) ((fromX - 0.5) * width), (int) ((fromY - 0.5) * height))
        .clickAndHold()
        .moveByOffset((int) ((toX - fromX) * width), (int) ((toY - fromY) * height))
        .release()
        .perform();
  }

  /** Drags files and folders of the file system over an element, and drops them there. */
  void drop(String css, Path... files) {
    WebElement target = find(css);
    List<?> middle =
        (List<?>)
            Objects.requireNonNull(
                run(
                    "const box = arguments[0].getBoundingClientRect();"
                        + "return [box.x + box.width / 2, box.y + box.height / 2]",
                    target));
    Map<String, Object> data =
        Map.of(
            "items",
            List.of(),
            "files",
            List.of(files).stream().map(file -> file.toAbsolutePath().toString()).toList(),
            "dragOperationsMask",
            1); // copy
    for (String type : List.of("dragEnter", "dragOver", "drop")) {
      chromium()
          .command(
              "Input.dispatchDragEvent",
              Map.of("type", type, "x", middle.get(0), "y", middle.get(1), "data", data));
    }
  }

  /** CSS pixels; below 600 a telephone. */
  void width(int width) {
    chromium()
        .command(
            "Emulation.setDeviceMetricsOverride",
            Map.of(
                "width",
                width,
                "height",
                width < 600 ? 740 : 900,
                "deviceScaleFactor",
                1,
                "mobile",
                width < 600));
  }

  /** As the system's settings would say. */
  void prefers(boolean dark, boolean reducedMotion) {
    chromium()
        .command(
            "Emulation.setEmulatedMedia",
            Map.of(
                "features",
                List.of(
                    Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"),
                    Map.of(
                        "name",
                        "prefers-reduced-motion",
                        "value",
                        reducedMotion ? "reduce" : "no-preference"))));
  }

  /** What a script answers, in the page but past its Content-Security-Policy. */
  @Nullable Object run(String script, @Nullable Object... arguments) {
    return chromium().executeScript(script, arguments);
  }

  /** Saves what the window shows to target/screenshots. */
  Path screenshot(String name) {
    try {
      Path file = SCREENSHOTS.resolve(name.replaceAll("[^A-Za-z0-9-]+", "-") + ".png");
      Files.createDirectories(SCREENSHOTS);
      return Files.write(file, chromium().getScreenshotAs(OutputType.BYTES));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What axe finds wrong whose impact is serious or critical, a sentence each. */
  List<String> barriers() {
    chromium().executeScript(axe());
    Object found =
        chromium()
            .executeAsyncScript(
                """
                const done = arguments[arguments.length - 1];
                axe.run(document, {resultTypes: ['violations']}).then(
                  ({violations}) => done(violations
                    .filter(({impact}) => impact === 'serious' || impact === 'critical')
                    .flatMap(({id, impact, nodes}) => nodes.map(node =>
                      `${id} (${impact}) of ${node.target.join(' ')}: ${node.failureSummary.replace(/\\s+/g, ' ')}`))),
                  error => done([`axe failed: ${error}`]));
                """);
    return ((List<?>) Objects.requireNonNull(found)).stream().map(String::valueOf).toList();
  }

  private static String axe() {
    try (InputStream script = Browser.class.getResourceAsStream("/axe.min.js")) {
      return new String(Objects.requireNonNull(script).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
