package io.caravel.door;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponseException;

/**
 * A file as it is answered: whole, as the range that is asked for, or not at all, where the caller
 * has it (RFC 9110, 13 and 14). Spring MVC does that but for If-Range, {@code If-None-Match: *} and
 * what it sends with 416: the whole file, and no Content-Range.
 */
final class Delivery {
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d*)-(\\d*)");

  private Delivery() {}

  /**
   * The answer.
   *
   * @param tag quoted; it differs for other bytes
   * @param disposition of Content-Disposition
   * @throws ErrorResponseException the file has no such range
   */
  static ResponseEntity<Resource> of(
      HttpServletRequest request,
      Path file,
      String tag,
      MediaType type,
      CacheControl kept,
      String disposition) {
    boolean there = "*".equals(request.getHeader(HttpHeaders.IF_NONE_MATCH));
    if (!there) {
      requireRange(request, tag, file.toFile().length());
    }
    ResponseEntity.BodyBuilder answer =
        ResponseEntity.status(there ? HttpStatus.NOT_MODIFIED : HttpStatus.OK)
            .eTag(tag)
            .cacheControl(kept);
    return there
        ? answer.build()
        : answer
            .header("X-Content-Type-Options", "nosniff")
            .header(HttpHeaders.CONTENT_DISPOSITION, disposition)
            .contentType(type)
            .body(new FileSystemResource(file));
  }

  /** Of other bytes than the caller has a part of, it gets all. */
  private static void requireRange(HttpServletRequest request, String tag, long length) {
    String range = request.getHeader(HttpHeaders.RANGE);
    String had = request.getHeader(HttpHeaders.IF_RANGE);
    if (range == null) {
      return;
    }
    if (had != null && !had.strip().equals(tag)) {
      RangeGuard.forget(request);
      return;
    }
    Matcher parts = RANGE.matcher(range.strip()); // RangeGuard let no other come here
    if (parts.matches() && !begins(parts.group(1), parts.group(2), length)) {
      ErrorResponseException beyond =
          Problem.thrown(
              HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
              "The file has %d bytes: ask for a range within them.".formatted(length));
      beyond.getHeaders().set(HttpHeaders.CONTENT_RANGE, "bytes */" + length);
      throw beyond;
    }
  }

  private static boolean begins(String first, String last, long length) {
    return first.isEmpty()
        ? Long.parseLong(last) > 0 && length > 0
        : Long.parseLong(first) < length;
  }
}
