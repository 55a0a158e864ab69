package io.caravel.door;

import io.caravel.ground.Failure;
import io.caravel.photo.Disks;
import io.caravel.thumbnail.ThumbnailFormat;
import io.caravel.thumbnail.Thumbnails;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * Delivers originals and thumbnails. What a photo's sender named or sent never decides a path or a
 * type that a browser would run.
 */
@RestController
class PhotoFileController {
  private static final Pattern THUMBNAIL =
      Pattern.compile(
          "(cover|scale|resize|contain)-([1-9]\\d{0,4})x([1-9]\\d{0,4})(?:\\.(%s))?"
              .formatted(ThumbnailFormat.anyExtension()));

  /** Control characters, path separators, and marks that turn the reading direction of a name. */
  private static final Pattern UNSAFE_IN_NAMES =
      Pattern.compile("[\\p{Cntrl}/\\\\\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]");

  private record Photo(
      String sha256,
      String filename,
      String mimeType,
      String sourceDisk,
      String sourcePath,
      String sourceFilename) {}

  private final JdbcClient jdbc;
  private final Disks disks;
  private final Thumbnails thumbnails;

  PhotoFileController(JdbcClient jdbc, Disks disks, Thumbnails thumbnails) {
    this.thumbnails = thumbnails;
    this.jdbc = jdbc;
    this.disks = disks;
  }

  @GetMapping("/api/photos/{id:\\d{1,18}}/original")
  ResponseEntity<Resource> original(@PathVariable long id, HttpServletRequest request) {
    Photo photo = visible(id);
    Path file;
    try {
      file = disks.resolve(photo.sourceDisk(), photo.sourcePath(), photo.sourceFilename());
    } catch (Failure e) {
      throw Problem.thrown(HttpStatus.SERVICE_UNAVAILABLE, String.valueOf(e.getMessage()));
    }
    return Delivery.of(
        request,
        file,
        "\"" + photo.sha256() + "\"",
        type(photo.mimeType()),
        CacheControl.maxAge(Duration.ofHours(1)).cachePrivate(),
        ContentDisposition.attachment()
            .filename(safe(photo.filename()), StandardCharsets.UTF_8)
            .build()
            .toString());
  }

  @GetMapping("/api/photos/{id:\\d{1,18}}/thumbnails/{thumbnail}")
  ResponseEntity<Resource> thumbnail(
      @PathVariable long id, @PathVariable String thumbnail, HttpServletRequest request)
      throws IOException {
    return thumbnail(id, visible(id), thumbnail, request);
  }

  @GetMapping("/api/trash/{id:\\d{1,18}}/thumbnails/{thumbnail}")
  ResponseEntity<Resource> trashedThumbnail(
      @PathVariable long id, @PathVariable String thumbnail, HttpServletRequest request)
      throws IOException {
    return thumbnail(id, trashed(id), thumbnail, request);
  }

  private ResponseEntity<Resource> thumbnail(
      long id, Photo photo, String thumbnail, HttpServletRequest request) throws IOException {
    Matcher asked = THUMBNAIL.matcher(thumbnail);
    if (!asked.matches()) {
      throw Problem.thrown(
          HttpStatus.NOT_FOUND,
          "Thumbnails are named method-WIDTHxHEIGHT, such as cover-300x300 or cover-300x300.jpg.");
    }
    ThumbnailFormat format =
        asked.group(4) == null ? thumbnails.format() : ThumbnailFormat.ofExtension(asked.group(4));
    String name = asked.group(1) + "-" + asked.group(2) + "x" + asked.group(3);
    Path file = disks.thumbnailFile(photo.sha256(), name, format.extension());
    if (!Files.isRegularFile(file)) {
      throw Problem.thrown(HttpStatus.NOT_FOUND, notMade(id, asked, format));
    }
    // Made again with force, the bytes may differ: length and time tell them apart.
    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
    String tag =
        "\"%s-%s-%x-%x\""
            .formatted(
                photo.sha256(),
                file.getFileName(),
                attributes.size(),
                attributes.lastModifiedTime().toMillis());
    return Delivery.of(
        request,
        file,
        tag,
        MediaType.parseMediaType(format.mediaType()),
        // Kept, but asked for each time: force may replace it, and the trash hides it.
        CacheControl.noCache().cachePrivate(),
        "inline");
  }

  private Photo visible(long id) {
    return photo(id, "is null", "There is no photo %d, or it lies in the trash.");
  }

  private Photo trashed(long id) {
    return photo(id, "is not null", "There is no photo %d in the trash.");
  }

  private Photo photo(long id, String deleted, String orElse) {
    return jdbc.sql(
            """
            select sha256, filename, mime_type, source_disk, source_path, source_filename
            from images where id = :id and deleted_at\s"""
                + deleted)
        .param("id", id)
        .query(
            (row, n) ->
                new Photo(
                    row.getString("sha256"),
                    row.getString("filename"),
                    row.getString("mime_type"),
                    row.getString("source_disk"),
                    row.getString("source_path"),
                    row.getString("source_filename")))
        .optional()
        .orElseThrow(() -> Problem.thrown(HttpStatus.NOT_FOUND, orElse.formatted(id)));
  }

  private static String notMade(long id, Matcher asked, ThumbnailFormat format) {
    return ("This thumbnail is not made as %5$s (yet): see jobs.thumbnails of /api/photos/%1$d, or"
            + " order it by POST /api/photos/%1$d/jobs/thumbnails with"
            + " {\"method\":\"%2$s\",\"width\":%3$s,\"height\":%4$s,\"format\":\"%5$s\"}.")
        .formatted(id, asked.group(1), asked.group(2), asked.group(3), format);
  }

  private static MediaType type(String mimeType) {
    try {
      MediaType type = MediaType.parseMediaType(mimeType);
      boolean picture = type.getType().equals("image") && !type.getSubtype().startsWith("svg");
      boolean film = type.getType().equals("video");
      return picture || film ? type : MediaType.APPLICATION_OCTET_STREAM;
    } catch (InvalidMediaTypeException e) {
      return MediaType.APPLICATION_OCTET_STREAM;
    }
  }

  private static String safe(String name) {
    String clean = UNSAFE_IN_NAMES.matcher(name).replaceAll("_").strip();
    return clean.isEmpty() ? "photo" : clean;
  }
}
