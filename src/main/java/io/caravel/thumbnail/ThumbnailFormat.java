package io.caravel.thumbnail;

import io.caravel.ground.Failure;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a thumbnail's file may be. Written {@code jpeg} in settings, requests and job data. */
public enum ThumbnailFormat {
  JPEG("image/jpeg", "jpg"),
  /** RFC 9649. */
  WEBP("image/webp", "webp");

  private final String mediaType;
  private final String extension;

  ThumbnailFormat(String mediaType, String extension) {
    this.mediaType = mediaType;
    this.extension = extension;
  }

  /** Such as {@code image/jpeg}. */
  public String mediaType() {
    return mediaType;
  }

  /** Of file names and addresses, without a dot: {@code jpg}. */
  public String extension() {
    return extension;
  }

  /** All of them, for a sentence: {@code jpeg or webp}. */
  static String all() {
    return joined(" or ", ThumbnailFormat::toString);
  }

  /** A regular expression of all extensions: {@code jpg|webp}. */
  public static String anyExtension() {
    return joined("|", ThumbnailFormat::extension);
  }

  private static String joined(String between, Function<ThumbnailFormat, String> part) {
    return Stream.of(values()).map(part).collect(Collectors.joining(between));
  }

  /**
   * Reads {@code jpeg} or {@code webp}.
   *
   * @throws Failure {@code bad-request} when it says anything else
   */
  public static ThumbnailFormat parse(String written) {
    for (ThumbnailFormat each : values()) {
      if (each.toString().equals(written)) {
        return each;
      }
    }
    throw Failure.lasting(
        "bad-request",
        "\"%s\" is no format of thumbnails: ask for %s."
            .formatted(written.length() <= 40 ? written : written.substring(0, 40) + "…", all()));
  }

  /**
   * The format of this extension, {@code jpg} or {@code webp}.
   *
   * @throws IllegalArgumentException for any other
   */
  public static ThumbnailFormat ofExtension(String extension) {
    for (ThumbnailFormat each : values()) {
      if (each.extension.equals(extension)) {
        return each;
      }
    }
    throw new IllegalArgumentException("No thumbnail has the extension " + extension);
  }

  static ThumbnailFormat of(Path file) {
    String name = String.valueOf(file.getFileName());
    return ofExtension(name.substring(name.lastIndexOf('.') + 1));
  }

  /** As written: lower case. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
