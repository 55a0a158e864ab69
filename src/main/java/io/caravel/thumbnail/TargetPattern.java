package io.caravel.thumbnail;

import io.caravel.ground.Failure;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where copies of thumbnails are laid for another program. Written {@code
 * private:thumbs/{method}-{width}x{height}/{path}/{stem}.{format}}: a storage root, and the file
 * below it. {@code {format}} is the ending, {@code jpg} or {@code webp}.
 */
public record TargetPattern(String disk, String file) {
  private static final Set<String> FIELDS =
      Set.of("method", "width", "height", "path", "stem", "format");

  private static final Pattern FIELD = Pattern.compile("\\{([^{}]*)}");

  /** As long as it fits into a job's data, whatever signs are in it. */
  private static final int LONGEST_PATTERN = 575;

  /** Of a path, and of a name in it (NAME_MAX of Linux, in bytes). */
  private static final int LONGEST_FILE = 1000;

  private static final int LONGEST_NAME = 255;

  /** What the names begin with by which Caravel knows a storage root again. */
  private static final String OWN = ".caravel-";

  /**
   * @throws Failure {@code bad-request} when no file can be named so
   */
  public TargetPattern {
    Matcher fields = FIELD.matcher(file);
    while (fields.find()) {
      if (!FIELDS.contains(fields.group(1))) {
        throw refused(
            "It names {%s}: there are {method}, {width}, {height}, {path}, {stem} and {format}"
                .formatted(fields.group(1)));
      }
    }
    String rest = FIELD.matcher(file).replaceAll("x");
    if (rest.indexOf('{') >= 0 || rest.indexOf('}') >= 0) {
      throw refused("It has a { without its }: write such as {stem}");
    }
    if (disk.isEmpty() || disk.length() + file.length() > LONGEST_PATTERN) {
      throw refused("It names no storage root, or is longer than 575 characters");
    }
    if (rest.isEmpty() || rest.startsWith("/") || rest.endsWith("/")) {
      throw refused("It names no file below the storage root: write disk:folder/{stem}.{format}");
    }
    if (rest.chars().anyMatch(sign -> sign == '\\' || Character.isISOControl(sign))) {
      throw refused("It has a backslash or a control character in it");
    }
    for (String name : rest.split("/")) {
      if (name.equals(".") || name.equals("..")) {
        throw refused("It leads up by . or ..: name the folder itself");
      }
      if (name.startsWith(OWN)) {
        throw refused("Files that begin with .caravel- are Caravel's own: name another");
      }
    }
  }

  /**
   * Reads {@code disk:folder/file}.
   *
   * @throws Failure {@code bad-request}
   */
  public static TargetPattern parse(String written) {
    int colon = written.indexOf(':');
    if (colon < 0) {
      throw refused("It names no storage root: write disk:folder/{stem}.{format}");
    }
    return new TargetPattern(
        written.substring(0, colon).strip(), written.substring(colon + 1).strip());
  }

  /**
   * Refuses to lay several thumbnails of a photo into one file.
   *
   * @throws Failure {@code bad-request}
   */
  public TargetPattern apart(List<ThumbnailSpec> thumbnails) {
    Set<String> files = new HashSet<>();
    for (ThumbnailSpec each : thumbnails) {
      if (!files.add(file(each, ThumbnailFormat.JPEG, "path", "stem"))) {
        throw refused(
            "Several thumbnails of a photo would be one file: put {method}-{width}x{height} into it");
      }
    }
    return this;
  }

  /**
   * The file below the storage root.
   *
   * @param path the photo's folder, "" for none
   * @param stem the photo's name without its ending
   * @throws Failure {@code target-refused}: there can be no such file
   */
  String file(ThumbnailSpec thumbnail, ThumbnailFormat format, String path, String stem) {
    Map<String, String> fields =
        Map.of(
            "method", thumbnail.method().toString(),
            "width", String.valueOf(thumbnail.width()),
            "height", String.valueOf(thumbnail.height()),
            "path", path,
            "stem", stem.replace('/', '_'),
            "format", format.extension());
    String whole =
        FIELD
            .matcher(file)
            .replaceAll((MatchResult field) -> Matcher.quoteReplacement(said(fields, field)))
            .replaceAll("/{2,}", "/");
    String below = whole.startsWith("/") ? whole.substring(1) : whole;
    for (String name : below.split("/")) {
      if (name.equals(".") || name.equals("..") || name.indexOf('\0') >= 0) {
        throw Failure.lasting(
            "target-refused", "The thumbnail's target would lead out of its folder: rename it.");
      }
      if (name.startsWith(OWN)) {
        throw Failure.lasting(
            "target-refused",
            "The thumbnail's target begins with .caravel-, as Caravel's own files do: rename it.");
      }
      if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME
          || below.length() > LONGEST_FILE) {
        throw Failure.lasting(
            "target-refused",
            "The thumbnail's target has a name of more than 255 bytes, or a path of more than 1,000 characters: shorten it.");
      }
    }
    return below;
  }

  private static String said(Map<String, String> fields, MatchResult field) {
    return fields.getOrDefault(field.group(1), "");
  }

  /** The name of a file without its ending; a dot in front begins none. */
  static String stem(String filename) {
    int dot = filename.lastIndexOf('.');
    return dot > 0 ? filename.substring(0, dot) : filename;
  }

  /** As it is written in settings and job data. */
  @Override
  public String toString() {
    return disk + ":" + file;
  }

  private static Failure refused(String what) {
    return Failure.lasting("bad-request", "No thumbnail can be laid there. " + what + ".");
  }
}
