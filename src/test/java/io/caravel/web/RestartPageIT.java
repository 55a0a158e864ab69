package io.caravel.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.crash.Camera;
import io.caravel.server.CaravelProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The program is killed in the middle of what a page does, and started again. */
class RestartPageIT {
  private static final int FILES = 40;

  @RegisterExtension final Browser browser = new Browser();

  @Test
  void uploadsFromThePageGoOnAfterARestartAndTheGridComesBack(@TempDir Path directory)
      throws IOException {
    Path folder = Files.createDirectory(directory.resolve("forty"));
    Camera camera = new Camera(1, "forty", 1600, 1200, FILES);
    for (int number = 0; number < FILES; number++) {
      Files.write(folder.resolve("photo-" + number + ".jpg"), camera.shoot().bytes());
    }
    browser.forgive("net::ERR"); // what was under way when it was killed
    browser.forgive("503");
    try (CaravelProcess caravel = new CaravelProcess(Map.of())) {
      caravel.start();
      browser.visit(caravel.baseUri().getPort());
      browser.open("/#/add");
      browser.drop("main", folder);
      browser.until("some are sent", () -> accepted() >= 3);

      caravel.kill9();
      assertThat(accepted()).isLessThan(FILES);
      caravel.start();

      browser.until("all are sent", () -> browser.text().contains("All " + FILES + " files sent"));
      assertThat(browser.text()).contains(" 0 refused");

      // A view that is opened while the program starts comes by itself.
      caravel.kill9();
      browser.run("location.hash = '#/photos'");
      browser.read("No connection");
      caravel.start();
      browser.read(FILES + " photos in all");
      browser.until("thumbnails are seen", () -> browser.count(".tile img.there") > 2);
    }
  }

  private long accepted() {
    Object n = browser.run("return import('/page/upload.js').then(m => m.uploads.counts.accepted)");
    return n instanceof Number number ? number.longValue() : 0;
  }
}
