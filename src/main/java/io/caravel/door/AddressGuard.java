package io.caravel.door;

import io.caravel.ground.CannotStart;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

/**
 * Lets nobody be served unguarded: without a log-in only loopback is listened on, and a log-in is
 * worth its name. Looked at before anything is opened.
 */
class AddressGuard implements ApplicationContextInitializer<ConfigurableApplicationContext> {
  static final int SHORTEST_PASSWORD = 8;

  /** BCrypt looks at no more than 72 bytes. */
  static final int LONGEST_PASSWORD_BYTES = 72;

  @Override
  public void initialize(ConfigurableApplicationContext context) {
    Environment environment = context.getEnvironment();
    String user = environment.getProperty("caravel.user", "");
    String password = environment.getProperty("caravel.password", "");
    if (user.isBlank() != password.isEmpty()) {
      throw CannotStart.mendFirst(
          "CARAVEL_USER and CARAVEL_PASSWORD belong together: set both for a log-in, or neither.");
    }
    if (!password.isEmpty() && password.startsWith("{bcrypt}")) {
      if (!password.matches("\\{bcrypt}\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}")) {
        throw CannotStart.mendFirst(
            "CARAVEL_PASSWORD starts with {bcrypt}, but no BCrypt hash follows: put the whole hash"
                + " ($2y$…, 60 characters) there, or the plain password.");
      }
    } else if (!password.isEmpty()) {
      if (password.length() < SHORTEST_PASSWORD) {
        throw CannotStart.mendFirst(
            "CARAVEL_PASSWORD is too short: choose at least %d characters."
                .formatted(SHORTEST_PASSWORD));
      }
      if (password.getBytes(StandardCharsets.UTF_8).length > LONGEST_PASSWORD_BYTES) {
        throw CannotStart.mendFirst(
            "CARAVEL_PASSWORD is too long: BCrypt takes at most %d bytes of UTF-8."
                .formatted(LONGEST_PASSWORD_BYTES));
      }
    }
    if (user.isBlank() && !environment.getProperty("caravel.tokens", "").isBlank()) {
      throw CannotStart.mendFirst(
          "CARAVEL_TOKENS is nothing without a log-in, for then everybody may do everything: set CARAVEL_USER and CARAVEL_PASSWORD, too.");
    }
    if (user.isBlank()) {
      requireLoopback(environment.getProperty("caravel.address", "127.0.0.1"));
      requireLoopback(environment.getProperty("server.address", "127.0.0.1"));
      requireLoopback(environment.getProperty("management.server.address", "127.0.0.1"));
    }
  }

  private static void requireLoopback(String address) {
    boolean loopback;
    try {
      loopback = !address.isBlank() && InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      loopback = false;
    }
    if (!loopback) {
      throw CannotStart.mendFirst(
          "CARAVEL_ADDRESS %s can be reached from elsewhere: set CARAVEL_USER and CARAVEL_PASSWORD, or keep 127.0.0.1."
              .formatted(address));
    }
  }
}
