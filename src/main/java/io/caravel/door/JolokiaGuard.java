package io.caravel.door;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Keeps Jolokia to its questions: no JSONP, which a page of another origin could load as a script,
 * and which it has no setting against; by GET read, list, search and version; by POST also exec, of
 * what {@code jolokia-access.xml} allows. That file's list of commands does not keep out the
 * others.
 */
@Component
@Order(20) // after the log-in and the weather
class JolokiaGuard extends OncePerRequestFilter {
  private static final Pattern DOOR =
      Pattern.compile("/actuator/(?:hawtio/)?jolokia(?:/+([^/]*).*)?");
  private static final Set<String> QUESTIONS = Set.of("", "read", "list", "search", "version");

  /** Bytes of a body: the console asks of each MBean whether it may, all at once, some 1 MB. */
  static final int LONGEST = 32 << 20;

  private final ObjectMapper strict =
      JsonMapper.builder().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).build();

  /** Questions of a body: there are some 3,000 MBeans. */
  static final int MOST_QUESTIONS = 20_000;

  /**
   * What they may weigh together: a list, or a reading of many MBeans, each of 8 MB, weighs 10; an
   * operation 2, but for asking whether one may; a search 1.
   */
  static final int HEAVIEST = 20;

  /** Answered at once; who comes beside them waits. */
  final Semaphore turns = new Semaphore(2, true);

  /** Who wait: a browser asks six at once. More are sent away at once, for each holds a thread. */
  static final int MOST_WAITING = 16;

  private final Semaphore places = new Semaphore(MOST_WAITING);

  /** The console has no second try: a question it is refused stays red on its page. */
  private static final int PATIENCE_SECONDS = 60;

  private final Bodies bodies;
  private final BodyFirst bodyFirst;

  JolokiaGuard(Bodies bodies, BodyFirst bodyFirst) {
    this.bodies = bodies;
    this.bodyFirst = bodyFirst;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String below = Objects.requireNonNullElse(request.getPathInfo(), ""); // a servlet of its own
    Matcher door = DOOR.matcher(request.getServletPath() + below);
    if (!door.matches()) {
      chain.doFilter(request, response);
      return;
    }
    String asked = Objects.requireNonNullElse(door.group(1), "");
    boolean reads = Set.of("GET", "HEAD", "OPTIONS").contains(request.getMethod());
    if (named(request, "callback") || named(request, "p")) {
      Problem.answer(
          request, response, 400, "Jolokia takes no callback and no p here: ask it for JSON.");
    } else if (reads) {
      if (QUESTIONS.contains(asked)) {
        inTurn(request, response, () -> chain.doFilter(request, response));
      } else {
        Problem.answer(
            request, response, 403, "By GET Jolokia answers read, list, search and version alone.");
      }
    } else {
      answer(request, response, chain);
    }
  }

  private void answer(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Bodies.Body body;
    try {
      body = bodies.read(request, LONGEST);
    } catch (IOException | RuntimeException e) {
      bodyFirst.refuse(request, response, e);
      return;
    }
    try (body) {
      Asked asked = new Asked();
      if (!asked.asksOnly(body.in())) {
        Problem.answer(
            request, response, 403, "Jolokia answers read, list, search, version and exec alone.");
      } else if (asked.questions > MOST_QUESTIONS || asked.weight > HEAVIEST) {
        Problem.answer(
            request,
            response,
            413,
            "At once Jolokia answers at most 2 lists or readings of many MBeans, 10 operations, 20 searches and %d other questions: ask in parts."
                .formatted(MOST_QUESTIONS));
      } else {
        inTurn(request, response, () -> chain.doFilter(body.of(request), response));
      }
    }
  }

  private interface Answer {
    void give() throws ServletException, IOException;
  }

  private void inTurn(HttpServletRequest request, HttpServletResponse response, Answer answer)
      throws ServletException, IOException {
    if (!turns.tryAcquire() && !waited()) {
      response.setIntHeader("Retry-After", 3);
      Problem.answer(
          request, response, 503, "Others ask Jolokia at this moment: ask again in a while.");
      return;
    }
    try {
      answer.give();
    } finally {
      turns.release();
    }
  }

  /** Whether a turn came up. */
  private boolean waited() {
    if (!places.tryAcquire()) {
      return false;
    }
    try {
      return turns.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      places.release();
    }
  }

  /** What a body asks for, read without a tree of it. */
  private final class Asked {
    private int questions;
    private int weight;

    /** Whether it is one question or a list of them, each of a type that is answered. */
    boolean asksOnly(InputStream body) {
      try (JsonParser parser = strict.createParser(body)) {
        JsonToken token = parser.nextToken();
        if (token == JsonToken.START_OBJECT) {
          return isQuestion(parser) && parser.nextToken() == null;
        }
        if (token != JsonToken.START_ARRAY) {
          return false;
        }
        while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
          if (token != JsonToken.START_OBJECT || !isQuestion(parser)) {
            return false;
          }
        }
        return parser.nextToken() == null;
      } catch (IOException e) {
        return false;
      }
    }

    /** From behind its brace to its end. */
    private boolean isQuestion(JsonParser parser) throws IOException {
      String type = "";
      String mbean = "";
      String operation = "";
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String field = parser.currentName();
        String text = parser.nextToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
        switch (field) {
          case "type" -> type = text.toLowerCase(Locale.ROOT);
          case "mbean" -> mbean = text;
          case "operation" -> operation = text;
          default -> {}
        }
        parser.skipChildren();
      }
      boolean answered = !type.isEmpty() && (type.equals("exec") || QUESTIONS.contains(type));
      questions++;
      weight += weight(type, mbean, operation);
      return answered && parser.currentToken() == JsonToken.END_OBJECT;
    }
  }

  private static int weight(String type, String mbean, String operation) {
    return switch (type) {
      case "list" -> 10;
      case "read" -> mbean.isEmpty() || mbean.contains("*") || mbean.contains("?") ? 10 : 0;
      case "exec" -> operation.startsWith("canInvoke") ? 0 : operation.startsWith("list") ? 10 : 2;
      case "search" -> 1;
      default -> 0;
    };
  }

  /** In the query alone: to ask for a parameter would read a form. */
  private static boolean named(HttpServletRequest request, String name) {
    String query = request.getQueryString();
    try {
      return query != null
          && Arrays.stream(query.split("&"))
              .map(each -> URLDecoder.decode(each.replaceFirst("=.*", ""), StandardCharsets.UTF_8))
              .anyMatch(name::equalsIgnoreCase);
    } catch (IllegalArgumentException e) {
      return true; // no name can be read from it
    }
  }
}
