package io.caravel.door;

import io.caravel.ground.Cause;
import io.caravel.ground.Failure;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.SocketTimeoutException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Reads a request's body to its end after the log-in and before its route begins: what is too much
 * or breaks off is answered here, no work is begun for a caller who is gone, and nobody's slow body
 * holds a turn of the others. Camel would go on to ask for the reader of a body whose stream was
 * begun.
 */
@Component
@Order(Ordered.LOWEST_PRECEDENCE)
class BodyFirst extends OncePerRequestFilter {
  private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH", "DELETE");
  private static final Set<String> UPLOADS = Set.of("/api/photos", "/encode");
  private static final String COMPARE = "/compare";

  private final Multipart multipart;
  private final Bodies bodies;
  private final long maxCompare;
  private final long maxJson;

  BodyFirst(
      Multipart multipart,
      Bodies bodies,
      @Value("${caravel.face.compare-mb}") long compareMb,
      @Value("${caravel.max-json-kb}") long jsonKb) {
    this.multipart = multipart;
    this.bodies = bodies;
    this.maxCompare = compareMb << 20;
    this.maxJson = jsonKb << 10;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (!WITH_BODY.contains(request.getMethod()) || Bodies.isHere(request)) {
      chain.doFilter(request, response);
    } else if (isPacked(request)) {
      response.setHeader("Accept-Encoding", "identity"); // RFC 9110, 15.5.16
      refuse(
          request,
          response,
          415,
          "A packed body is taken nowhere: send it without Content-Encoding.");
    } else if (isMultipart(request.getContentType())) {
      takeFiles(request, response, chain);
    } else {
      takeBody(request, response, chain);
    }
  }

  private void takeFiles(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (!UPLOADS.contains(request.getRequestURI())) {
      refuse(request, response, 415, "Files are taken at POST /api/photos and POST /encode alone.");
      return;
    }
    Multipart.Form form;
    try {
      form = multipart.read(request);
    } catch (IOException | RuntimeException e) {
      refuse(request, response, e);
      return;
    }
    try (form) {
      chain.doFilter(Bodies.none(form.of(request)), response);
    }
  }

  private void takeBody(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    boolean compare = request.getRequestURI().equals(COMPARE);
    boolean console = request.getRequestURI().startsWith("/actuator/");
    long most = compare ? maxCompare : console ? JolokiaGuard.LONGEST : maxJson;
    if (compare && request.getContentLengthLong() < 0) {
      refuse(request, response, 411, "Say how long the body is: send Content-Length.");
      return;
    }
    Bodies.Body body;
    try {
      body = bodies.read(request, most);
    } catch (IOException | RuntimeException e) {
      refuse(request, response, e);
      return;
    }
    try (body) {
      if (isForm(request.getContentType()) && body.in().read() >= 0) {
        refuse(
            request,
            response,
            415,
            "No door takes a form like this: send JSON with Content-Type: application/json, and photos as multipart/form-data.");
        return;
      }
      if (!compare && !console && !isUtf8(request, body.in())) {
        refuse(request, response, 400, "The body is no text in UTF-8: send JSON in UTF-8.");
        return;
      }
      chain.doFilter(body.of(request), response);
    }
  }

  /** Answers what kept a body from being read. */
  void refuse(HttpServletRequest request, HttpServletResponse response, Exception problem)
      throws IOException {
    logger.debug("A body could not be read", problem);
    if (problem instanceof Failure failure) {
      int status = Cause.of(failure.cause()).status();
      refuse(request, response, status, String.valueOf(failure.getMessage()));
      return;
    }
    int status = 400;
    String sentence = "The body ended too soon or is not well-formed: send it again, whole.";
    for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
      if (cause instanceof Multipart.TooMuch) {
        status = 413;
        sentence = String.valueOf(cause.getMessage());
      } else if (cause instanceof SocketTimeoutException) {
        status = 408;
        sentence = Errors.sentence(status);
      } else if (cause instanceof FileSystemException || isFull(cause)) {
        status = 507;
        sentence =
            "The upload cannot be written (%s): make room on the disk of CARAVEL_HOME, then send it again."
                .formatted(cause.getMessage());
      }
    }
    refuse(request, response, status, sentence);
  }

  /** Where the next request of the connection begins is not known. */
  private static void refuse(
      HttpServletRequest request, HttpServletResponse response, int status, String sentence)
      throws IOException {
    response.setHeader("Connection", "close");
    Problem.answer(request, response, status, sentence);
  }

  /** ENOSPC, which Java tells in words alone. */
  private static boolean isFull(Throwable cause) {
    return String.valueOf(cause.getMessage()).contains("No space left on device");
  }

  private static boolean isPacked(HttpServletRequest request) {
    String encoding = request.getHeader("Content-Encoding");
    return encoding != null
        && !encoding.isBlank()
        && !encoding.strip().equalsIgnoreCase("identity");
  }

  static boolean isMultipart(@Nullable String type) {
    return type != null && type.toLowerCase(Locale.ROOT).startsWith("multipart/");
  }

  /** Camel would put another character for what is none. */
  private static boolean isUtf8(HttpServletRequest request, InputStream body) throws IOException {
    String type = request.getContentType();
    String encoding = request.getCharacterEncoding();
    boolean json = type == null || type.toLowerCase(Locale.ROOT).contains("json");
    if (!json || (encoding != null && !encoding.equalsIgnoreCase("utf-8"))) {
      return true; // the contract says what is taken
    }
    try {
      new InputStreamReader(body, StandardCharsets.UTF_8.newDecoder())
          .transferTo(Writer.nullWriter());
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  /** As curl calls whatever it sends. */
  private static boolean isForm(@Nullable String type) {
    return type != null
        && type.toLowerCase(Locale.ROOT).startsWith("application/x-www-form-urlencoded");
  }
}
