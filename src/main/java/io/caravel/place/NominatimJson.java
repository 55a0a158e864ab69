package io.caravel.place;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
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

  /** Of an address, what no one reads. */
  private static final Pattern CODES = Pattern.compile("country_code|ISO3166.*");

  private static final int MOST_PARTS = 20;
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
    JsonNode address = answer.path("address");
    String told = text(answer, "display_name", 1024);
    String name = told == null ? ofAddress(address) : told;
    if (name == null) {
      throw new IOException("neither display_name nor address in the answer");
    }
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

  /** A name made of the address as display_names are, from the house to the country. */
  private static @Nullable String ofAddress(JsonNode address) {
    Set<String> parts = new LinkedHashSet<>();
    address
        .fieldNames()
        .forEachRemaining(
            field -> {
              String part = CODES.matcher(field).matches() ? null : text(address, field, 255);
              if (part != null && parts.size() < MOST_PARTS) {
                parts.add(part);
              }
            });
    return parts.isEmpty() ? null : shortened(String.join(", ", parts), 1024);
  }

  private static @Nullable String text(JsonNode parent, String field, int longest) {
    JsonNode node = parent.path(field);
    if (!node.isTextual() || node.textValue().isBlank()) {
      return null;
    }
    // Written into pages and logs: nothing that ends a line or turns the direction of what follows.
    String text =
        TURNS.matcher(BREAKS.matcher(node.textValue()).replaceAll(" ")).replaceAll("").strip();
    return text.isEmpty() ? null : shortened(text, longest);
  }

  private static String shortened(String text, int longest) {
    if (text.length() <= longest) {
      return text;
    }
    // Half of a surrogate pair is no text.
    return text.substring(
        0, Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest);
  }
}
