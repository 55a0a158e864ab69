package io.caravel.bench;

import io.caravel.server.ChromeDriver;
import io.caravel.web.Chromium;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.Keys;
import org.openqa.selenium.interactions.Actions;

/**
 * How the page feels in Chromium before a large library: the first view with a cold browser, long
 * tasks and gaps between frames while all photos are scrolled through, memory after each pass, and
 * the pace at which faces are reviewed by key.
 */
public final class PageInBrowser {
  private static final int PASSES = 2;
  private static final int DECISIONS = 100;

  /** Notes the first thumbnail that is seen, and each task of more than 50 ms. */
  private static final String WATCH =
      """
      window.tasks = [];
      new PerformanceObserver(list => window.tasks.push(...list.getEntries().map(task => task.duration)))
        .observe({type: 'longtask', buffered: true});
      new MutationObserver(() => {
        const tiles = [...document.querySelectorAll('.tile')].filter(tile => tile.getBoundingClientRect().top < innerHeight);
        if (!window.first && document.querySelector('.tile img.there')) window.first = performance.now();
        if (!window.all && tiles.length && tiles.every(tile => tile.querySelector('img.there'))) window.all = performance.now();
      }).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ['class']});
      """;

  /** From top to bottom, so many pixels a frame; answers the gaps between frames. */
  private static final String SCROLL =
      """
      const done = arguments[arguments.length - 1], step = arguments[0];
      const main = document.querySelector('main');
      main.scrollTop = 0;
      let last = performance.now(), worst = 0, frames = 0, slow = 0;
      const began = last;
      const go = () => {
        const now = performance.now();
        worst = Math.max(worst, now - last);
        slow += now - last > 50;
        last = now;
        frames++;
        const before = main.scrollTop;
        main.scrollTop += step;
        if (main.scrollTop > before) requestAnimationFrame(go);
        else setTimeout(() => done([frames, (last - began) / 1000, worst, slow]), 500);
      };
      requestAnimationFrame(go);
      """;

  private final Chromium chromium = new Chromium(ChromeDriver.shared());
  private final String address;

  private PageInBrowser(String address) {
    this.address = address;
  }

  /**
   * {@code PageInBrowser http://localhost:8080}, which is what {@code page serve} fills and starts.
   */
  public static void main(String[] arguments) throws Exception {
    PageInBrowser page = new PageInBrowser(arguments[0]);
    page.chromium.manage().timeouts().scriptTimeout(Duration.ofMinutes(10));
    page.firstView();
    page.scrolling();
    page.review();
    page.chromium.quit();
  }

  private void firstView() throws Exception {
    chromium.command("Page.addScriptToEvaluateOnNewDocument", Map.of("source", WATCH));
    for (int time = 0; time < 6; time++) {
      chromium.command("Network.clearBrowserCache", Map.of());
      chromium.get("about:blank");
      chromium.get(address + "/");
      until("return window.all !== undefined");
      System.out.printf(
          "first view%s: first thumbnail after %.0f ms, all on the screen after %.0f ms, longest task %.0f ms%n",
          time == 0 ? " (program cold)" : "",
          number("return window.first"),
          number("return window.all"),
          longest());
    }
  }

  private void scrolling() {
    chromium.get("about:blank");
    chromium.get(address + "/");
    until("return window.all !== undefined");
    memory("at first");
    for (int pass = 1; pass <= PASSES; pass++) {
      for (int step : new int[] {1_000, 5_000}) {
        chromium.executeScript("window.tasks = []");
        List<?> went = (List<?>) Objects.requireNonNull(chromium.executeAsyncScript(SCROLL, step));
        System.out.printf(
            "pass %d, %d pixels a frame: %s frames in %.1f s, worst gap %.0f ms, %s over 50 ms; long tasks %.0f, the longest %.0f ms%n",
            pass,
            step,
            went.get(0),
            ((Number) went.get(1)).doubleValue(),
            ((Number) went.get(2)).doubleValue(),
            went.get(3),
            number("return window.tasks.length"),
            longest());
      }
      memory("after pass " + pass);
    }
  }

  private void memory(String when) {
    chromium.command("HeapProfiler.collectGarbage", Map.of());
    Map<?, ?> metrics =
        (Map<?, ?>) Objects.requireNonNull(chromium.command("Memory.getDOMCounters", Map.of()));
    Map<?, ?> heap =
        (Map<?, ?>) Objects.requireNonNull(chromium.command("Runtime.getHeapUsage", Map.of()));
    System.out.printf(
        "memory %s: %.1f MB of JavaScript, %s nodes, %s listeners%n",
        when,
        ((Number) Objects.requireNonNull(heap.get("usedSize"))).doubleValue() / 1e6,
        metrics.get("nodes"),
        metrics.get("jsEventListeners"));
  }

  private void review() {
    chromium.get(address + "/#/review?one=nobody");
    until("return document.querySelector('.one-picture .crop') !== null");
    long start = System.nanoTime();
    for (int i = 1; i <= DECISIONS; i++) {
      new Actions(chromium).sendKeys(i % 2 == 0 ? "u" : "x", Keys.NULL).perform();
      until(
          "return document.querySelector('.review-body [role=status]').textContent.startsWith('"
              + i
              + " ')");
    }
    System.out.printf(
        "review: %d faces answered by one key each in %.1f s%n",
        DECISIONS, (System.nanoTime() - start) / 1e9);
  }

  private double longest() {
    return number("return Math.max(0, ...window.tasks)");
  }

  private double number(String script) {
    Object value = chromium.executeScript(script);
    return value instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  private void until(String script) {
    long end = System.nanoTime() + 60_000_000_000L;
    while (!Boolean.TRUE.equals(answer(script))) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("waited a minute for: " + script);
      }
      Thread.onSpinWait();
    }
  }

  private @Nullable Object answer(String script) {
    return chromium.executeScript(script);
  }
}
