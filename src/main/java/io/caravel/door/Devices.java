package io.caravel.door;

import io.caravel.ground.CannotStart;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.stereotype.Component;

/**
 * Knows the browsers that somebody logged in with before, by a signed cookie: other people's
 * guesses do not keep their owner out. The key lies in CARAVEL_HOME, for all nodes; whoever deletes
 * it has all devices forgotten.
 */
@Component
@ConditionalOnExpression(DoorSecurity.WITH_LOGIN)
class Devices {
  static final String COOKIE = "caravel-device";

  private static final String ALGORITHM = "HmacSHA256";
  private static final int KEY_BYTES = 32;
  private static final Duration KNOWN = Duration.ofDays(400); // browsers keep none longer

  private final SecretKeySpec key;

  Devices(@Value("${caravel.home}") Path home) {
    this.key = new SecretKeySpec(key(home.resolve("devices.key")), ALGORITHM);
  }

  private static byte[] key(Path file) {
    try {
      if (!Files.exists(file) || Files.size(file) != KEY_BYTES) {
        byte[] fresh = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(fresh);
        // Only its owner reads a temporary file, and it is moved whole.
        Path made = Files.createTempFile(file.getParent(), ".devices-", ".key");
        Files.write(made, fresh);
        Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw CannotStart.mendFirst(
          "%s cannot be read or written: mend its owner or permissions.".formatted(file), e);
    }
  }

  /** Whether somebody logged in by that name with the browser that sends this cookie. */
  boolean know(@Nullable String cookie, String name) {
    return cookie != null
        && MessageDigest.isEqual(
            cookie.getBytes(StandardCharsets.UTF_8), signed(name).getBytes(StandardCharsets.UTF_8));
  }

  /** Knows the browser that asks from now on. */
  void remember(HttpServletRequest request, HttpServletResponse response, String name) {
    response.addHeader(
        HttpHeaders.SET_COOKIE,
        ResponseCookie.from(COOKIE, signed(name))
            .path("/")
            .maxAge(KNOWN)
            .httpOnly(true)
            .secure(request.isSecure())
            .sameSite("Strict")
            .build()
            .toString());
  }

  private String signed(String name) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      byte[] signature = mac.doFinal(name.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
