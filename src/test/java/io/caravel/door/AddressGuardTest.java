package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;

class AddressGuardTest {
  private static final String HASH =
      "{bcrypt}$2a$10$" + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.".substring(0, 53);

  private static void start(Map<String, Object> settings) {
    GenericApplicationContext context = new GenericApplicationContext();
    context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", settings));
    new AddressGuard().initialize(context);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "::1", "127.0.0.2"})
  void loopbackNeedsNoLogin(String address) {
    start(Map.of("caravel.address", address, "server.address", address));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "192.168.1.5", "8.8.8.8", "no such name", ""})
  void anyOtherAddressIsRefusedWithoutALogin(String address) {
    for (String setting :
        new String[] {"caravel.address", "server.address", "management.server.address"}) {
      assertThatThrownBy(() -> start(Map.of(setting, address)))
          .as(setting)
          .hasMessageContaining("CARAVEL_USER and CARAVEL_PASSWORD");
    }
  }

  @Test
  void anyAddressIsTakenWithALogin() {
    start(
        Map.of(
            "caravel.address",
            "0.0.0.0",
            "caravel.user",
            "anna",
            "caravel.password",
            "correct horse"));
    start(Map.of("caravel.address", "0.0.0.0", "caravel.user", "anna", "caravel.password", HASH));
  }

  @ParameterizedTest
  @CsvSource({
    "anna, short12, too short",
    "anna, '', belong together",
    "'', correct horse, belong together",
    "anna, {bcrypt}nonsense, no BCrypt hash"
  })
  void aLoginThatIsNoneIsRefusedOnLoopbackToo(String user, String password, String says) {
    assertThatThrownBy(() -> start(Map.of("caravel.user", user, "caravel.password", password)))
        .hasMessageContaining(says);
  }

  @Test
  void aPasswordBCryptWouldCutIsRefused() {
    assertThatThrownBy(
            () -> start(Map.of("caravel.user", "anna", "caravel.password", "ä".repeat(37))))
        .hasMessageContaining("72 bytes");
  }

  @Test
  void tokensAreNothingWithoutALogin() {
    assertThatThrownBy(() -> start(Map.of("caravel.tokens", "/etc/caravel/tokens")))
        .hasMessageContaining("CARAVEL_TOKENS")
        .hasMessageContaining("CARAVEL_USER");
  }
}
