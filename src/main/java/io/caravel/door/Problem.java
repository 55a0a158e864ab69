package io.caravel.door;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
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

  /** RFC 9110, 15.5.20; Spring has no name for it. */
  static final int MISDIRECTED = 421;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private Problem() {}

  /** The body: type, title, status and the sentence, as JSON. */
  public static String json(int status, String sentence) {
    HttpStatus known = HttpStatus.resolve(status);
    String title = status == MISDIRECTED ? "Misdirected Request" : "Error";
    Map<String, Object> problem = new LinkedHashMap<>();
    problem.put("type", "about:blank");
    problem.put("title", known == null ? title : known.getReasonPhrase());
    problem.put("status", status);
    problem.put("detail", sentence);
    try {
      return MAPPER.writeValueAsString(problem);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
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
