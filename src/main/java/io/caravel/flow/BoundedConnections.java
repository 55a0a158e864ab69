package io.caravel.flow;

import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.util.Timeout;

/** Connections to servers that are not ours: their heads, trailers and waits are bounded. */
final class BoundedConnections {
  /** Of a head or a trailer, in characters. */
  private static final int LONGEST_LINE = 8192;

  private static final int HEADERS_AT_MOST = 100;

  private BoundedConnections() {}

  /**
   * @param connectMs longest wait for a connection
   * @param silenceMs longest silence within an answer
   */
  static HttpClientConnectionManager of(long connectMs, long silenceMs) {
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
                .setSocketTimeout(Timeout.ofMilliseconds(silenceMs))
                .build())
        .build();
  }
}
