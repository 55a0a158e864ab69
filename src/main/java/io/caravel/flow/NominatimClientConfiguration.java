package io.caravel.flow;

import io.caravel.place.GeocoderSlot;
import io.caravel.place.NominatimSettings;
import java.util.Set;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.util.Timeout;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The HTTP client of the route {@code nominatim}: asks once and tells nothing. No retries below
 * Camel, no redirects, no cookies, no credentials, no compression, no request without a slot.
 */
@Configuration(proxyBeanMethods = false)
class NominatimClientConfiguration {
  /** Bytes of a status line, a header, a chunk's length: Nominatim's are below 500. */
  private static final int LONGEST_LINE = 8192;

  /** Nominatim sends a dozen. */
  private static final int HEADERS_AT_MOST = 100;

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
    Http1Config limits =
        Http1Config.custom()
            .setMaxLineLength(LONGEST_LINE)
            .setMaxHeaderCount(HEADERS_AT_MOST)
            .build();
    return PoolingHttpClientConnectionManagerBuilder.create()
        .setConnectionFactory(
            ManagedHttpClientConnectionFactory.builder().http1Config(limits).build())
        .setDefaultConnectionConfig(
            ConnectionConfig.custom()
                .setConnectTimeout(Timeout.ofMilliseconds(connectMs))
                .setSocketTimeout(Timeout.ofMilliseconds(responseMs))
                .build())
        .build();
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
