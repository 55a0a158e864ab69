package io.caravel.door;

import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** Sets up Tomcat for clients that are slow, many, or behind a proxy. */
@Component
class TomcatSettings implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
  private final Proxies proxies;
  private final Duration grace;
  private final int leastRate;
  private final Duration longest;
  private final Duration longestUpload;

  TomcatSettings(
      Proxies proxies,
      @Value("${caravel.body.grace-seconds}") int graceSeconds,
      @Value("${caravel.body.least-bytes-per-second}") int leastRate,
      @Value("${caravel.body.longest-seconds}") int longestSeconds,
      @Value("${caravel.body.upload-longest-seconds}") int uploadSeconds) {
    this.proxies = proxies;
    this.grace = Duration.ofSeconds(graceSeconds);
    this.leastRate = leastRate;
    this.longest = Duration.ofSeconds(longestSeconds);
    this.longestUpload = Duration.ofSeconds(uploadSeconds);
  }

  @Override
  public void customize(TomcatServletWebServerFactory tomcat) {
    tomcat.setProtocol(Connections.class.getName());
    tomcat.addConnectorCustomizers(
        connector -> {
          // A sender that asks first sends nothing before somebody reads it, so after the log-in.
          connector.setProperty("continueResponseTiming", "onRead");
          if (connector.getProtocolHandler() instanceof Connections connections) {
            connections.judge(proxies::include, grace, leastRate);
          }
        });
    tomcat.addEngineValves(new Forwarded(proxies), new LeastRate(longest, longestUpload));
  }
}
