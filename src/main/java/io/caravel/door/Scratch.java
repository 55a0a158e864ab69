package io.caravel.door;

import java.nio.file.Path;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Tomcat's document root, which is always empty, lies with its other files in this node's scratch
 * directory: in the system's temporary directory each killed program would leave one behind.
 */
@Component
class Scratch implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
  private final Path root;

  Scratch(@Value("${caravel.scratch}") Path scratch) {
    this.root = scratch.resolve("documents");
  }

  @Override
  public void customize(TomcatServletWebServerFactory tomcat) {
    root.toFile().mkdirs();
    tomcat.setDocumentRoot(root.toFile());
  }
}
