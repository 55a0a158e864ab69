package io.caravel.flow;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The HTTP client of the route {@code changes-send}: sends once and reads the status alone. No
 * retries below the route, no redirects, no cookies; whatever the receiver does, it ends in time.
 */
@Configuration(proxyBeanMethods = false)
class WebhookClientConfiguration {
  /** Bytes that are read so that the connection can be used again. */
  private static final int LONGEST_ANSWER = 65536;

  @Bean(destroyMethod = "shutdownNow")
  ScheduledExecutorService webhookClock() {
    return Executors.newSingleThreadScheduledExecutor(
        work -> {
          Thread thread = new Thread(work, "webhook-deadline");
          thread.setDaemon(true);
          return thread;
        });
  }

  /**
   * @param timeoutMs from the connection's begin to the answer's head
   */
  @Bean
  HttpClientConfigurer webhookClient(
      ScheduledExecutorService webhookClock,
      @Value("${caravel.webhook.timeout-ms}") long timeoutMs) {
    return builder ->
        builder
            .disableAutomaticRetries()
            .disableRedirectHandling()
            .disableCookieManagement()
            .disableAuthCaching()
            .disableContentCompression()
            .addExecInterceptorFirst(
                "webhook-deadline",
                (request, scope, chain) -> inTime(request, scope, chain, webhookClock, timeoutMs));
  }

  private static ClassicHttpResponse inTime(
      ClassicHttpRequest request,
      ExecChain.Scope scope,
      ExecChain chain,
      ScheduledExecutorService clock,
      long timeoutMs)
      throws IOException, HttpException {
    Future<?> end = null;
    if (scope.originalRequest instanceof org.apache.hc.core5.concurrent.Cancellable cancellable) {
      end = clock.schedule(cancellable::cancel, timeoutMs, TimeUnit.MILLISECONDS);
    }
    try {
      ClassicHttpResponse response = chain.proceed(request, scope);
      HttpEntity entity = response.getEntity();
      if (entity != null
          && entity.getContent().readNBytes(LONGEST_ANSWER).length == LONGEST_ANSWER) {
        scope.execRuntime.discardEndpoint(); // it may have no end
      }
      response.setEntity(new ByteArrayEntity(new byte[0], null)); // nobody wants it
      return response;
    } finally {
      if (end != null) {
        end.cancel(false);
      }
    }
  }

  @Bean(destroyMethod = "close")
  HttpClientConnectionManager webhookConnections(
      @Value("${caravel.webhook.timeout-ms}") long timeoutMs) {
    return BoundedConnections.of(timeoutMs, timeoutMs);
  }

  @Bean
  HeaderFilterStrategy webhookHeaders() {
    return new AllowedHeaders(Set.of("User-Agent", "Caravel-Signature"), Set.of());
  }
}
