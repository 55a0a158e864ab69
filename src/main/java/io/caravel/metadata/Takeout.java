package io.caravel.metadata;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Google Takeout's JSON beside a photo tells. As hostile as the photo: what is not as it is to
 * be is not there.
 *
 * @param taken photoTakenTime, UTC
 * @param position of geoData, else of geoDataExif; 0, 0 is none
 * @param description as its owner wrote it
 * @param people by name
 */
record Takeout(
    @Nullable Instant taken,
    Optional<Position> position,
    @Nullable String description,
    List<String> people) {
  private static final Logger LOG = LoggerFactory.getLogger(Takeout.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final long MOST_BYTES = 1 << 20;
  private static final int MOST_PEOPLE = 500;

  /** Seconds since 1970: of years that have four digits. */
  private static final long EARLIEST = -62_135_596_800L;

  private static final long LATEST = 253_402_300_799L;

  /** Of a file; empty where it cannot be read. */
  static Optional<Takeout> read(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        return Optional.empty();
      }
      return Optional.of(of(JSON.readTree(Files.readAllBytes(file))));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    } catch (IOException e) {
      LOG.warn("The sidecar {} cannot be read: {}", file, e.toString());
      return Optional.empty();
    }
  }

  private static Takeout of(JsonNode said) {
    List<String> people = new ArrayList<>();
    for (JsonNode person : said.path("people")) {
      if (people.size() < MOST_PEOPLE) {
        Tags.text(person.path("name")).ifPresent(people::add);
      }
    }
    return new Takeout(
        taken(said.path("photoTakenTime").path("timestamp")),
        Stream.of("geoData", "geoDataExif")
            .flatMap(name -> position(said.path(name)).stream())
            .findFirst(),
        Tags.text(said.path("description")).orElse(null),
        people);
  }

  private static @Nullable Instant taken(JsonNode timestamp) {
    String seconds = timestamp.asText().strip();
    if (!seconds.matches("-?\\d{1,12}")) {
      return null;
    }
    long since = Long.parseLong(seconds);
    return since >= EARLIEST && since <= LATEST ? Instant.ofEpochSecond(since) : null;
  }

  private static Optional<Position> position(JsonNode geo) {
    JsonNode latitude = geo.path("latitude");
    JsonNode longitude = geo.path("longitude");
    return latitude.isNumber() && longitude.isNumber()
        ? Position.valid(latitude.asDouble(), longitude.asDouble())
        : Optional.empty();
  }
}
