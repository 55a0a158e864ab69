package io.caravel.metadata;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravel.job.Failure;
import java.io.FileNotFoundException;
import java.time.ZoneId;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Takes the searched columns from what ExifTool says to {@code exiftool/photo.args}. The answer is
 * as hostile as the photo: any value may be missing, of another kind, or absurd. Thread-safe.
 */
public final class MetadataReader {
  private static final int LONGEST_TEXT = 255;

  // Numbers are kept as they were written: 2.10 stays 2.10, and 1e999 is no Infinity in the JSON.
  private final ObjectMapper json =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .enable(JsonReadFeature.ALLOW_TRAILING_COMMA) // where the last tag was left out
          .build();
  private final ZoneMap zones;
  private final ZoneId ownZone;

  /** For photos that know neither offset nor position, {@code ownZone} is taken. */
  MetadataReader(ZoneMap zones, ZoneId ownZone) {
    this.zones = zones;
    this.ownZone = ownZone;
  }

  /**
   * Reads ExifTool's answer about one photo.
   *
   * @throws Failure {@code disk-unavailable} when ExifTool saw no file, {@code exiftool-failed}
   *     when it could make nothing of it
   */
  public PhotoMetadata read(@Nullable String answer) {
    ObjectNode said = parse(answer);
    Tags tags = new Tags(said);
    failIfNothingWasRead(tags);
    Position position = Position.of(tags);
    Optional<Taken> taken = Taken.of(tags);
    Optional<Zoned> zoned = taken.map(time -> zone(time, position));
    int orientation = orientation(tags);
    Optional<Size> size = size(tags);
    Optional<Size> upright = size.map(stored -> stored.upright(orientation));
    return new PhotoMetadata(
        taken.map(Taken::at).orElse(null),
        zoned.map(Zoned::offsetMinutes).orElse(null),
        zoned.map(Zoned::zone).orElse(null),
        zoned.map(Zoned::from).orElse(null),
        text(tags, "IFD0:Make", "XMP-tiff:Make", "*:Make"),
        text(tags, "IFD0:Model", "XMP-tiff:Model", "*:Model"),
        text(
            tags,
            "ExifIFD:LensModel",
            "XMP-exifEX:LensModel",
            "XMP-aux:Lens",
            "Composite:LensID",
            "*:LensModel"),
        orNull(tags.positive("ExifIFD:ExposureTime", "*:ExposureTime")),
        orNull(tags.positive("ExifIFD:FNumber", "Composite:Aperture", "*:FNumber")),
        orNull(tags.positiveWhole("ExifIFD:ISO", "Composite:ISO", "*:ISO")),
        orNull(tags.positive("ExifIFD:FocalLength", "XMP-exif:FocalLength", "*:FocalLength")),
        orientation,
        size.map(Size::width).orElse(null),
        size.map(Size::height).orElse(null),
        upright.map(Size::width).orElse(null),
        upright.map(Size::height).orElse(null),
        position.latitude(),
        position.longitude(),
        position.kind(),
        StoredJson.of(said));
  }

  private record Zoned(String zone, int offsetMinutes, String from) {}

  private ObjectNode parse(@Nullable String answer) {
    if (answer == null || answer.isBlank()) {
      throw Failure.passing(
          "disk-unavailable",
          "ExifTool found no original of this photo: see that the storage (CARAVEL_DISKS) is there"
              + " and may be read; the photo is then tried again.",
          new FileNotFoundException("an empty answer"));
    }
    try {
      JsonNode photos = json.readTree(answer);
      if (photos.isArray() && photos.size() == 1 && photos.get(0) instanceof ObjectNode photo) {
        return photo;
      }
    } catch (JsonProcessingException e) {
      throw unreadable("its answer is not JSON", e);
    }
    throw unreadable("its answer is not about one photo", new IllegalArgumentException());
  }

  private static Failure unreadable(String why, Exception origin) {
    return Failure.lasting(
        "exiftool-failed",
        "ExifTool could not read this photo's metadata (%s). Look at it with `exiftool -j`; a newer"
                .formatted(why)
            + " ExifTool may know more.",
        origin);
  }

  private static void failIfNothingWasRead(Tags tags) {
    Optional<String> error = tags.text("ExifTool:Error");
    if (error.isPresent() && tags.names().noneMatch(MetadataReader::isOfThePhoto)) {
      throw unreadable(cut(error.get()), new IllegalArgumentException(cut(error.get())));
    }
  }

  private static boolean isOfThePhoto(String name) {
    return name.equals("File:ImageWidth")
        || !name.equals("SourceFile")
            && !name.startsWith("ExifTool:")
            && !name.startsWith("Caravel:")
            && !name.startsWith("System:")
            && !name.startsWith("File:");
  }

  private Zoned zone(Taken taken, Position position) {
    if (taken.offsetMinutes().isPresent()) {
      int minutes = taken.offsetMinutes().getAsInt();
      String written =
          "%s%02d:%02d"
              .formatted(minutes < 0 ? "-" : "+", Math.abs(minutes) / 60, Math.abs(minutes) % 60);
      return new Zoned(written, minutes, "offset-tag");
    }
    Double latitude = position.latitude();
    Double longitude = position.longitude();
    Optional<ZoneId> there =
        latitude == null || longitude == null ? Optional.empty() : zones.at(latitude, longitude);
    return there
        .map(zone -> zoned(zone, taken, "position"))
        .orElseGet(() -> zoned(ownZone, taken, "setting"));
  }

  private static Zoned zoned(ZoneId zone, Taken taken, String from) {
    return new Zoned(
        zone.getId(), zone.getRules().getOffset(taken.at()).getTotalSeconds() / 60, from);
  }

  /**
   * HEIF's rotation (counted anticlockwise) is part of the picture and EXIF's then only repeats it;
   * where a writer left the rotation out, EXIF's is what it meant. ExifTool 12.57 tells nothing of
   * HEIF's mirroring.
   */
  private static int orientation(Tags tags) {
    OptionalDouble rotation = tags.number("QuickTime:Rotation");
    if (rotation.isPresent()) {
      return switch ((int) rotation.getAsDouble()) {
        case 90 -> 8;
        case 180 -> 3;
        case 270 -> 6;
        default -> 1;
      };
    }
    int orientation = tags.positiveWhole("IFD0:Orientation").orElse(1);
    return orientation <= 8 ? orientation : 1;
  }

  private static Optional<Size> size(Tags tags) {
    return Stream.of("File:", "PNG:", "GIF:", "RIFF:")
        .map(
            group ->
                Size.of(
                    tags.positiveWhole(group + "ImageWidth"),
                    tags.positiveWhole(group + "ImageHeight")))
        .flatMap(Optional::stream)
        .findFirst()
        .or(() -> tags.text("Composite:ImageSize").flatMap(Size::of));
  }

  private static @Nullable String text(Tags tags, String... names) {
    return tags.text(names).map(MetadataReader::cut).orElse(null);
  }

  // To the columns' length, without parting a surrogate pair.
  private static String cut(String text) {
    if (text.codePointCount(0, text.length()) <= LONGEST_TEXT) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, LONGEST_TEXT));
  }

  private static @Nullable Double orNull(OptionalDouble number) {
    return number.isPresent() ? number.getAsDouble() : null;
  }

  private static @Nullable Integer orNull(OptionalInt number) {
    return number.isPresent() ? number.getAsInt() : null;
  }
}
