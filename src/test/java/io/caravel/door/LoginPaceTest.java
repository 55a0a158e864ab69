package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.springframework.security.authentication.BadCredentialsException;

class LoginPaceTest {
  private Instant now = Instant.EPOCH;
  private final LoginPace pace = new LoginPace(() -> now);

  private void guess(String name, String address) {
    assertThatThrownBy(
            () ->
                pace.paced(
                    name,
                    address,
                    () -> {
                      throw new BadCredentialsException("wrong");
                    }))
        .isInstanceOf(BadCredentialsException.class);
  }

  private void refused(String name, String address, long seconds) {
    assertThatThrownBy(() -> pace.paced(name, address, () -> "looked at"))
        .isInstanceOfSatisfying(
            LoginPace.TooMany.class, many -> assertThat(many.seconds()).isEqualTo(seconds));
  }

  private boolean isLookedAt(String name, String address) {
    return pace.paced(name, address, () -> true);
  }

  @Test
  void tenAreFreeAndEachIsForgottenAfterAMinute() {
    for (int i = 0; i < 10; i++) {
      guess("anna", "192.0.2.1");
      now = now.plusSeconds(1);
    }
    refused("anna", "192.0.2.1", 50);
    now = now.plusSeconds(50);
    assertThat(isLookedAt("anna", "192.0.2.1")).isTrue();
    guess("anna", "192.0.2.1");
    refused("anna", "192.0.2.1", 1);
  }

  @Test
  void whatIsRefusedMakesNobodyWaitLonger() {
    for (int i = 0; i < 10; i++) {
      guess("anna", "192.0.2.1");
    }
    for (int i = 0; i < 1000; i++) {
      refused("anna", "192.0.2.1", 60);
    }
    now = now.plusSeconds(60);
    assertThat(isLookedAt("anna", "192.0.2.1")).isTrue();
  }

  @Test
  void aNetworkOfIpv6IsOneAddress() {
    for (int i = 0; i < 10; i++) {
      guess("anna", "2001:db8:0:1::" + i);
    }
    refused("anna", "2001:db8:0:1:ffff:ffff:ffff:ffff", 60);
    assertThat(isLookedAt("anna", "2001:db8:0:2::1")).isTrue();
    assertThat(isLookedAt("anna", "192.0.2.1")).isTrue();
  }

  @Test
  void goingThroughNamesIsSlowedToo() {
    int looked = 0;
    for (int i = 0; i < 10_000; i++) {
      try {
        guess("name " + i, "192.0.2.1");
        looked++;
      } catch (AssertionError refused) {
        // Not looked at.
      }
    }
    assertThat(looked).isLessThanOrEqualTo(640);
  }
}
