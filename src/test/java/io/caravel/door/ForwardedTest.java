package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.ground.CannotStart;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardedTest extends BehindLogin {
  private static final String[] BEHIND_TLS = {"X-Forwarded-Proto", "https"};

  @Test
  void behindTlsTheLoginStaysThereAndItsCookiesAreSecure() {
    HttpResponse<String> sent =
        caller.get("/", "Accept", "text/html", BEHIND_TLS[0], BEHIND_TLS[1]);
    assertThat(sent.headers().firstValue("Location").orElse("")).doesNotStartWith("http:");
    HttpResponse<String> in = form("anna", "correct horse", "", BEHIND_TLS);
    assertThat(in.headers().firstValue("Location").orElse("")).doesNotStartWith("http:");
    for (String name : new String[] {"JSESSIONID", "caravel-device"}) {
      assertThat(cookie(in, name)).contains("Secure").contains("HttpOnly").contains("SameSite");
    }
    String csrf = cookie(caller.get("/login", BEHIND_TLS), "XSRF-TOKEN");
    assertThat(csrf).contains("Secure");
  }

  @ParameterizedTest
  @CsvSource({"photos.example.org, 401", "photos.example.org:8443, 401", "evil.example, 421"})
  void theHostIsTheOneItWasAskedBy(String host, int status) throws IOException {
    assertThat(
            caller.raw(
                "GET /api/queues HTTP/1.1", "Host: inside.example", "X-Forwarded-Host: " + host))
        .startsWith("HTTP/1.1 " + status);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "203.0.113.1                         | 203.0.113.1",
        "198.51.100.1, 203.0.113.1           | 203.0.113.1",
        "203.0.113.1, 10.1.2.3               | 203.0.113.1",
        "10.1.2.3                            | 10.1.2.3",
        "[2001:db8::1]                       | 2001:db8::1",
        "203.0.113.1, unknown                | 192.0.2.9",
        "203.0.113.1, evil.example, 10.1.2.3 | 10.1.2.3"
      })
  void theClientIsTheFirstWhoIsNotTrusted(String forwarded, String client) {
    Proxies proxies = new Proxies("192.0.2.9, 10.0.0.0/8");
    assertThat(proxies.client("192.0.2.9", List.of(forwarded))).isEqualTo(client);
    assertThat(proxies.client("198.51.100.2", List.of(forwarded))).isEqualTo("198.51.100.2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nginx", "10.0.0.0/40", "10.0.0", "http://10.0.0.1", "10.0.0.1 10.0.0.2"})
  void whatIsNoAddressStopsTheStart(String proxies) {
    assertThatThrownBy(() -> new Proxies(proxies))
        .isInstanceOf(CannotStart.class)
        .hasMessageContaining("CARAVEL_PROXIES");
  }
}
