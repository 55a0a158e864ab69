package io.caravel.flow;

import io.caravel.place.GeocoderSlot;
import io.caravel.place.NominatimSettings;
import java.util.Set;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The HTTP client of the route {@code nominatim}: asks once and tells nothing. No retries below
 * Camel, no redirects, no cookies, no credentials, no compression, no request without a slot.
 */
@Configuration(proxyBeanMethods = false)
class NominatimClientConfiguration {
  @Bean
  GuardedQuestion guardedQuestion(GeocoderSlot slot, NominatimSettings settings) {
    return new GuardedQuestion(slot, settings.answerMaxBytes());
  }

  @Bean
  HttpClientConfigurer nominatimClient(GuardedQuestion guard) {
    return builder -> configure(builder, guard);
  }

  /**
   * Its connections: a head, a trailer or a chunk's extension without end is no answer. Without
   * these limits the client keeps all of them, until there is no memory left.
   *
   * @param connectMs longest wait for a connection
   * @param responseMs longest silence within an answer
   */
  @Bean(destroyMethod = "close")
  HttpClientConnectionManager nominatimConnections(
      @Value("${caravel.nominatim.connect-timeout-ms}") long connectMs,
      @Value("${caravel.nominatim.response-timeout-ms}") long responseMs) {
    return BoundedConnections.of(connectMs, responseMs);
  }

  @Bean
  HeaderFilterStrategy nominatimHeaders() {
    return new AllowedHeaders(Set.of("User-Agent", "Accept"), Set.of("Retry-After"));
  }

  private static void configure(HttpClientBuilder builder, GuardedQuestion guard) {
    builder
        .disableAutomaticRetries()
        .disableRedirectHandling()
        .disableCookieManagement()
        .disableAuthCaching()
        .disableContentCompression()
        .addExecInterceptorFirst("guarded-question", guard)
        // Once more when the connection stands, next to the first byte that is sent.
        .addExecInterceptorLast(
            "slot-still-held",
            (request, scope, chain) -> {
              guard.requireSlot();
              return chain.proceed(request, scope);
            });
  }
}
