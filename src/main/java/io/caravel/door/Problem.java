package io.caravel.door;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/**
 * An error's answer: problem+json as RFC 9457 has it, whose {@code detail} is a sentence that tells
 * the caller what to do.
 */
public final class Problem {
  /** The media type of every error's answer. */
  public static final String MEDIA_TYPE = "application/problem+json";

  /** RFC 9110, 15.5.20. */
  static final int MISDIRECTED = 421;

  /** The names of RFC 9110 that Spring has not, or has others for. */
  private static final Map<Integer, String> TITLES =
      Map.of(
          413,
          "Content Too Large",
          416,
          "Range Not Satisfiable",
          MISDIRECTED,
          "Misdirected Request",
          422,
          "Unprocessable Content");

  private static final String RETRY_AFTER = "10";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Problem() {}

  /** The body: type, title, status and the sentence, as JSON. */
  public static String json(int status, String sentence) {
    HttpStatus known = HttpStatus.resolve(status);
    String title = known == null ? "Error" : known.getReasonPhrase();
    Map<String, Object> problem = new LinkedHashMap<>();
    problem.put("type", "about:blank");
    problem.put("title", TITLES.getOrDefault(status, title));
    problem.put("status", status);
    problem.put("detail", sentence);
    try {
      return MAPPER.writeValueAsString(problem);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The body, for who knows no more than the status. */
  public static String json(int status) {
    return json(status, Errors.sentence(status));
  }

  /** Retry-After of a status, in seconds; null: another try would fail, too. */
  public static @Nullable String again(int status) {
    return status == 503 || status == 507 ? RETRY_AFTER : null;
  }

  /** Answers a request outside Spring MVC: in a filter or in Spring Security. */
  static void answer(
      HttpServletRequest request, HttpServletResponse response, int status, String sentence)
      throws IOException {
    byte[] body = json(status, sentence).getBytes(StandardCharsets.UTF_8);
    response.setStatus(status);
    response.setContentType(MEDIA_TYPE);
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("X-Content-Type-Options", "nosniff");
    String again = again(status);
    if (again != null && !response.containsHeader("Retry-After")) {
      response.setHeader("Retry-After", again);
    }
    response.setContentLength(body.length);
    if (!"HEAD".equals(request.getMethod())) {
      response.getOutputStream().write(body);
    }
  }

  /** To be thrown in a Spring MVC controller. */
  static ErrorResponseException thrown(HttpStatus status, String sentence) {
    return new ErrorResponseException(
        status, ProblemDetail.forStatusAndDetail(status, sentence), null);
  }
}
