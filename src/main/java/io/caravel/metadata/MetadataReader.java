package io.caravel.metadata;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravel.ground.Failure;
import io.caravel.photo.DisplayTags;
import io.caravel.photo.Originals;
import io.caravel.photo.Photo;
import io.caravel.photo.PictureType;
import io.caravel.photo.Sidecar;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Takes the searched columns from what ExifTool says to {@code exiftool/photo.args}. The answer is
 * as hostile as the photo: any value may be missing, of another kind, or absurd. Thread-safe.
 */
public final class MetadataReader {
  private static final int LONGEST_TEXT = 255;

  // Beyond these a number is broken, such as 4294967295 s, and not shown.
  private static final double LONGEST_EXPOSURE = 86_400;
  private static final double MOST_SENSITIVE = 10_000_000;

  /** The offsets from UTC that are in use, in minutes: whole hours, and some others. */
  private static final List<Integer> OFFSETS =
      Stream.concat(
              IntStream.rangeClosed(-12, 14).mapToObj(hours -> hours * 60),
              Stream.of(-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825))
          .toList();

  /** By so many seconds a camera's clock may be wrong. */
  private static final long CLOCK_IS_OFF = 180;

  // Numbers are kept as they were written: 2.10 stays 2.10, and 1e999 is no Infinity in the JSON.
  private final ObjectMapper json =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .enable(JsonReadFeature.ALLOW_TRAILING_COMMA) // where the last tag was left out
          .build();
  private final ZoneMap zones;
  private final ZoneId ownZone;
  private final InstantSource clock;

  /**
   * For photos that know neither offset nor position, {@code ownZone} is taken.
   *
   * @param clock by which a date lies in the future
   */
  MetadataReader(ZoneMap zones, ZoneId ownZone, InstantSource clock) {
    this.zones = zones;
    this.ownZone = ownZone;
    this.clock = clock;
  }

  /**
   * Reads ExifTool's answer about one photo, and what its name and its file say.
   *
   * @throws Failure {@code disk-unavailable} when ExifTool saw no file, {@code exiftool-failed}
   *     when it could make nothing of it
   */
  public PhotoMetadata read(@Nullable String answer, Photo photo) {
    return read(answer, photo.filename(), photo.fileTime(), null, PictureType.of(photo.mimeType()));
  }

  /**
   * As {@link #read(String, Photo)}, with what lies beside the photo: over its own words and
   * rating, and under its own date and position.
   *
   * @param answer about the photo and the XMP files beside it
   */
  public PhotoMetadata read(@Nullable String answer, Photo photo, List<Sidecar> sidecars) {
    return read(
        answer, photo.filename(), photo.fileTime(), sidecars, PictureType.of(photo.mimeType()));
  }

  PhotoMetadata read(@Nullable String answer, String filename, @Nullable Instant fileTime) {
    return read(answer, filename, fileTime, null, null);
  }

  PhotoMetadata read(
      @Nullable String answer,
      String filename,
      @Nullable Instant fileTime,
      @Nullable List<Sidecar> found,
      @Nullable PictureType type) {
    List<Sidecar> sidecars = found == null ? List.of() : found;
    Map<String, ObjectNode> answers = parse(answer, sidecars);
    ObjectNode said = answers.get("");
    if (said == null) {
      throw noOriginal();
    }
    Tags tags = new Tags(said);
    failIfNothingWasRead(tags);
    Beside beside = Beside.of(sidecars, answers);
    Position position = beside.position(Position.of(tags));
    Taken taken = Taken.of(tags, beside, filename, fileTime, clock.instant());
    Moment moment = taken.moment();
    Zoned zoned = moment == null || !moment.hasTime() ? null : zoned(moment, tags, position);
    LocalDateTime at = zoned != null ? zoned.at() : moment == null ? null : moment.at();
    int orientation = orientation(tags, said.path("SourceFile").asText(), type);
    Optional<Size> size = size(tags);
    Regions.lay(Regions.of(beside.withOwn(tags), orientation), said);
    Optional<Size> upright = size.map(stored -> stored.upright(orientation));
    return new PhotoMetadata(
        at,
        moment == null ? null : moment.precision().name().toLowerCase(Locale.ROOT),
        taken.from(),
        taken.passedOver(),
        zoned == null ? null : zoned.offsetMinutes(),
        zoned == null ? null : zoned.zone(),
        zoned == null ? null : zoned.from(),
        text(tags, "IFD0:Make", "XMP-tiff:Make", "*:Make"),
        text(tags, "IFD0:Model", "XMP-tiff:Model", "*:Model"),
        text(
            tags,
            "ExifIFD:LensModel",
            "XMP-exifEX:LensModel",
            "XMP-aux:Lens",
            "Composite:LensID",
            "*:LensModel"),
        orNull(tags.between(1e-9, LONGEST_EXPOSURE, "ExifIFD:ExposureTime", "*:ExposureTime")),
        orNull(tags.between(0.1, 1000, "ExifIFD:FNumber", "Composite:Aperture", "*:FNumber")),
        orNull(whole(tags.between(1, MOST_SENSITIVE, "ExifIFD:ISO", "Composite:ISO", "*:ISO"))),
        orNull(
            tags.between(
                0.1, 100_000, "ExifIFD:FocalLength", "XMP-exif:FocalLength", "*:FocalLength")),
        orientation,
        size.map(Size::width).orElse(null),
        size.map(Size::height).orElse(null),
        upright.map(Size::width).orElse(null),
        upright.map(Size::height).orElse(null),
        position.latitude(),
        position.longitude(),
        position.kind(),
        beside.words(Words.of(tags)),
        found == null ? null : found.stream().map(Sidecar::id).toList(),
        StoredJson.of(said));
  }

  /**
   * @param at by the clock there
   */
  private record Zoned(LocalDateTime at, String zone, int offsetMinutes, String from) {}

  private static Failure noOriginal() {
    return Failure.passing(
        "disk-unavailable",
        "ExifTool found no original of this photo: see that the storage (CARAVEL_DISKS) is there"
            + " and may be read; the photo is then tried again.",
        new FileNotFoundException("an empty answer"));
  }

  /** What is said of each sidecar, by its path, and of the photo, by "". */
  private Map<String, ObjectNode> parse(@Nullable String answer, List<Sidecar> sidecars) {
    if (answer == null || answer.isBlank()) {
      throw noOriginal();
    }
    Set<String> beside =
        sidecars.stream().map(sidecar -> sidecar.file().toString()).collect(Collectors.toSet());
    try {
      JsonNode files = json.readTree(answer);
      Map<String, ObjectNode> said = new HashMap<>();
      for (JsonNode file : files.isArray() ? files : json.createArrayNode()) {
        String path = file.path("SourceFile").asText();
        if (file instanceof ObjectNode object) {
          said.put(beside.contains(path) ? path : "", object);
        }
      }
      boolean all = !said.isEmpty() && said.size() == files.size();
      if (all) {
        return said;
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

  private Zoned zoned(Moment moment, Tags tags, Position position) {
    if (moment.offsetMinutes().isPresent()) {
      return zoned(moment.at(), moment.offsetMinutes().getAsInt(), "offset-tag");
    }
    Double latitude = position.latitude();
    Double longitude = position.longitude();
    Optional<ZoneId> there =
        latitude == null || longitude == null ? Optional.empty() : zones.at(latitude, longitude);
    String from = there.isPresent() ? "position" : "setting";
    ZoneId zone = there.orElse(ownZone);
    if (moment.universal()) {
      ZoneOffset offset = zone.getRules().getOffset(moment.at().toInstant(ZoneOffset.UTC));
      return new Zoned(
          moment.at().plusSeconds(offset.getTotalSeconds()), zone.getId(), minutes(offset), from);
    }
    int offset = minutes(zone.getRules().getOffset(moment.at()));
    OptionalInt byGps = offsetByGps(moment.at(), tags);
    return byGps.isPresent() && (there.isEmpty() || byGps.getAsInt() != offset)
        ? zoned(moment.at(), byGps.getAsInt(), "gps-time")
        : new Zoned(moment.at(), zone.getId(), offset, from);
  }

  private static Zoned zoned(LocalDateTime at, int minutes, String from) {
    String written =
        "%s%02d:%02d"
            .formatted(minutes < 0 ? "-" : "+", Math.abs(minutes) / 60, Math.abs(minutes) % 60);
    return new Zoned(at, written, minutes, from);
  }

  private static int minutes(ZoneOffset offset) {
    return offset.getTotalSeconds() / 60;
  }

  /**
   * What the camera's clock showed more than the satellites', where that is an offset that is in
   * use somewhere: the satellites' time may be that of the last time they were heard.
   */
  private static OptionalInt offsetByGps(LocalDateTime at, Tags tags) {
    return Taken.satellites(tags).stream()
        .mapToLong(utc -> Duration.between(utc, at).toSeconds())
        .flatMap(
            seconds ->
                OFFSETS.stream()
                    .filter(minutes -> Math.abs(seconds - minutes * 60L) <= CLOCK_IS_OFF)
                    .mapToLong(minutes -> minutes))
        .mapToInt(Math::toIntExact)
        .findFirst();
  }

  /** One reading decides, where Caravel has one of its own: pictures are turned by the same. */
  private static int orientation(Tags tags, String path, @Nullable PictureType type) {
    if (type == null || !DisplayTags.decide(type)) {
      return orientation(tags);
    }
    try {
      return DisplayTags.read(Path.of(path), type).orientation();
    } catch (NoSuchFileException | InvalidPathException e) {
      throw noOriginal();
    } catch (IOException e) {
      throw Originals.unwritable(e);
    }
  }

  /**
   * HEIF's rotation (counted anticlockwise) is part of the picture and EXIF's then only repeats it;
   * where a writer left the rotation out, EXIF's is what it meant. ExifTool 12.57 tells nothing of
   * HEIF's mirroring.
   */
  private static int orientation(Tags tags) {
    String type = tags.text("File:MIMEType").orElse("");
    if (type.equals("image/jxl") || type.startsWith("video/")) {
      return 1; // intake has read the size of the upright picture, and decoders turn it
    }
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

  private static OptionalInt whole(OptionalDouble number) {
    return number.isPresent() ? OptionalInt.of((int) number.getAsDouble()) : OptionalInt.empty();
  }

  private static @Nullable Double orNull(OptionalDouble number) {
    return number.isPresent() ? number.getAsDouble() : null;
  }

  private static @Nullable Integer orNull(OptionalInt number) {
    return number.isPresent() ? number.getAsInt() : null;
  }
}
