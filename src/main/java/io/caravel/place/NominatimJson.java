package io.caravel.place;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads Nominatim's {@code jsonv2}.
 *
 * @see <a href="https://nominatim.org/release-docs/latest/api/Output/">Nominatim: output
 *     formats</a>
 */
final class NominatimJson {
  private static final String UNABLE = "Unable to geocode";
  static final String DEFAULT_ATTRIBUTION = "© OpenStreetMap contributors";
  private static final List<String> CITIES =
      List.of("city", "town", "village", "municipality", "hamlet", "city_district", "county");
  private static final Pattern BREAKS = Pattern.compile("\\s*[\\p{Cc}\\p{Zl}\\p{Zp}]+\\s*");
  private static final Pattern TURNS =
      Pattern.compile("[\\p{Cs}\\u061C\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069\\uFEFF]");
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private NominatimJson() {}

  /** Throws an IOException when it is not such an answer. */
  static GeocoderAnswer read(byte[] bytes) throws IOException {
    String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    JsonNode answer = JSON.readTree(text);
    if (UNABLE.equalsIgnoreCase(answer.path("error").asText())) {
      return new GeocoderAnswer(false, null, null, null, null, text);
    }
    String name = text(answer, "display_name", 1024);
    if (name == null) {
      throw new IOException("no display_name in the answer");
    }
    JsonNode address = answer.path("address");
    String licence = text(answer, "licence", 255);
    return new GeocoderAnswer(
        true,
        name,
        text(address, "country", 255),
        CITIES.stream()
            .map(kind -> text(address, kind, 255))
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null),
        licence == null ? DEFAULT_ATTRIBUTION : licence,
        text);
  }

  private static @Nullable String text(JsonNode parent, String field, int longest) {
    JsonNode node = parent.path(field);
    if (!node.isTextual() || node.textValue().isBlank()) {
      return null;
    }
    // Written into pages and logs: nothing that ends a line or turns the direction of what follows.
    String text =
        TURNS.matcher(BREAKS.matcher(node.textValue()).replaceAll(" ")).replaceAll("").strip();
    if (text.isEmpty()) {
      return null;
    }
    if (text.length() <= longest) {
      return text;
    }
    // Half of a surrogate pair is no text.
    return text.substring(
        0, Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest);
  }
}
