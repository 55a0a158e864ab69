package io.caravel.web;

import io.caravel.server.ChromeDriver;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.MutableCapabilities;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.remote.CommandInfo;
import org.openqa.selenium.remote.HttpCommandExecutor;
import org.openqa.selenium.remote.RemoteWebDriver;
import org.openqa.selenium.remote.http.HttpMethod;

/** A running Chromium: WebDriver, and the commands of its own. */
public final class Chromium extends RemoteWebDriver {
  private static final String OWN = "executeCdpCommand";

  public Chromium(ChromeDriver driver) {
    super(
        new HttpCommandExecutor(
            Map.of(OWN, new CommandInfo("/session/:sessionId/goog/cdp/execute", HttpMethod.POST)),
            driver.url()),
        capabilities(driver));
  }

  private static MutableCapabilities capabilities(ChromeDriver driver) {
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, java.util.logging.Level.ALL);
    MutableCapabilities capabilities = new MutableCapabilities();
    capabilities.setCapability("browserName", "chrome");
    capabilities.setCapability("goog:chromeOptions", driver.options());
    capabilities.setCapability("goog:loggingPrefs", logs);
    return capabilities;
  }

  /** A command of the DevTools protocol, such as {@code Emulation.setEmulatedMedia}. */
  public @Nullable Object command(String name, Map<String, ?> parameters) {
    return execute(OWN, Map.of("cmd", name, "params", parameters)).getValue();
  }

  /** What the console and the network said since it was last asked. */
  List<LogEntry> said() {
    return manage().logs().get(LogType.BROWSER).getAll();
  }
}
