package io.caravel.change;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * A change as it is sent on: as in GET /api/changes, signed as Stripe does it. Immutable.
 *
 * @see <a href="https://docs.stripe.com/webhooks#verify-manually">how a receiver verifies it</a>
 */
@Component("webhook")
public class Webhook {
  private static final String ALGORITHM = "HmacSHA256";

  private final ObjectMapper json;
  private final String secret;
  private final InstantSource clock;

  @Autowired
  Webhook(ObjectMapper json, @Value("${caravel.webhook.secret}") String secret) {
    this(json, secret, InstantSource.system());
  }

  Webhook(ObjectMapper json, String secret, InstantSource clock) {
    this.json = json;
    this.secret = secret;
    this.clock = clock;
  }

  /** The body of a message. */
  public String json(Changes.Told change) throws JsonProcessingException {
    return json.writeValueAsString(change);
  }

  /**
   * {@code t=SECONDS,v1=HEX}: the time since 1970, and the HMAC-SHA256 of it, a dot and the body,
   * keyed by CARAVEL_WEBHOOK_SECRET; without a secret {@code t=SECONDS} alone.
   */
  public String signature(String body) {
    long seconds = clock.instant().getEpochSecond();
    if (secret.isEmpty()) {
      return "t=" + seconds;
    }
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
      byte[] sign = mac.doFinal((seconds + "." + body).getBytes(StandardCharsets.UTF_8));
      return "t=" + seconds + ",v1=" + HexFormat.of().formatHex(sign);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
