package io.caravel.flow;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.SimpleRequest;
import com.atlassian.oai.validator.report.LevelResolver;
import com.atlassian.oai.validator.report.ValidationReport;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravel.door.Contract;
import io.caravel.door.Problem;
import io.caravel.door.Visitor;
import io.caravel.ground.Failure;
import io.caravel.request.Request;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Message;
import org.apache.camel.ServiceStatus;
import org.apache.camel.spi.RestClientRequestValidator;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Holds every request of the REST doors against the contract before its route sees it, and answers
 * what does not fit with problem+json. It judges as camel-openapi-validator does (integer paths,
 * enums, ranges, formats, bodies), but builds the judge once instead of at each request. What fits
 * is handed on as variable {@code asked}, a {@link Request}: values, for a text in a route would be
 * read again (null, quotation marks, {@code ${…}}). Uploads pass, unless they are named by JSON:
 * they would be read into memory; intake judges them.
 */
@Component("contractValidator")
class ContractValidator implements RestClientRequestValidator {
  /** Bytes of a JSON body; the largest in the contract needs a hundred. */
  private static final int LONGEST_BODY = 64 * 1024;

  private static final String PHOTOS = "/api/photos";
  private static final Set<String> UPLOADS = Set.of(PHOTOS, "/encode");

  /** Its body is too large for a tree in memory; whoever reads it judges it. */
  private static final String COMPARE = "/compare";

  private static final Pattern CHARSET =
      Pattern.compile(";\\s*charset\\s*=\\s*\"?([^\\s;\"]*)", Pattern.CASE_INSENSITIVE);

  /** What stands twice or behind the end would be read by one and not by another. */
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .build();

  private final OpenApiInteractionValidator judge;
  private final DeclaredParameters declared;

  ContractValidator(Contract contract) {
    declared = new DeclaredParameters(contract.ofRoutes());
    judge =
        OpenApiInteractionValidator.createForInlineApiSpecification(contract.ofRoutes())
            .withLevelResolver(
                LevelResolver.create()
                    // Spring Security asks who it is; Authorization does not come this far.
                    .withLevel("validation.request.security", ValidationReport.Level.IGNORE)
                    .build())
            .build();
  }

  /** Why a request is not taken. */
  private static final class Refused extends Exception {
    private final int status;

    Refused(int status, String sentence) {
      super(sentence, null, false, false);
      this.status = status;
    }

    private ValidationError answer(Exchange exchange) {
      exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, Problem.MEDIA_TYPE);
      String again = Problem.again(status);
      if (again != null) {
        exchange.getMessage().setHeader("Retry-After", again);
      }
      return new ValidationError(status, Problem.json(status, String.valueOf(getMessage())));
    }
  }

  private record Pair(String name, String value) {}

  @Override
  public @Nullable ValidationError validate(Exchange exchange, ValidationContext context) {
    exchange.removeProperty(ExchangePropertyKey.CHARSET_NAME); // answers are UTF-8 whatever came
    try {
      exchange.setVariable("asked", read(exchange));
      return null;
    } catch (Refused e) {
      return e.answer(exchange);
    }
  }

  private Request read(Exchange exchange) throws Refused {
    Message message = exchange.getMessage();
    String method = message.getHeader(Exchange.HTTP_METHOD, "", String.class);
    String path = message.getHeader(Exchange.HTTP_URI, "", String.class);
    String sentAs = message.getHeader(Exchange.CONTENT_TYPE, String.class);
    String type = sentAs == null ? "" : sentAs.toLowerCase(Locale.ROOT);
    List<Pair> query = query(message.getHeader(Exchange.HTTP_QUERY, String.class));
    JsonNode body = null;
    boolean byReference = path.equals(PHOTOS) && type.startsWith("application/json");
    if (method.equals("POST") && UPLOADS.contains(path) && !byReference) {
      if (!query.isEmpty()) {
        throw new Refused(
            400,
            "Query parameter '%s' is unexpected on path \"%s\": it takes a form alone."
                .formatted(query.get(0).name(), path));
      }
      if (!type.startsWith("multipart/")) {
        throw new Refused(
            type.isEmpty() ? 400 : 415,
            path.equals(PHOTOS)
                ? "This takes files: send multipart/form-data, such as curl -F file=@photo.jpg, or name files on a disk in application/json."
                : "This takes files: send multipart/form-data, such as curl -F image=@photo.jpg.");
      }
    } else if (path.equals(COMPARE)) {
      json(type);
    } else {
      String text = body(message, type);
      body = tree(text);
      judge(method, path, sentAs, query, text);
    }
    Map<String, String> values = new HashMap<>();
    query.forEach(pair -> values.put(pair.name(), pair.value()));
    DeclaredParameters.Found found =
        declared.read(method, path, values, name -> message.getHeader(name, String.class));
    if (found != null) {
      ServiceStatus route =
          exchange.getContext().getRouteController().getRouteStatus(found.operation());
      if (route != null && !route.isStarted()) {
        Failure stopped = RouteProblems.stopped();
        throw new Refused(
            RouteProblems.status(stopped.cause()), String.valueOf(stopped.getMessage()));
      }
    }
    return new Request(
        found == null ? Map.of() : found.parameters(),
        body,
        Visitor.of(message.getHeader("CamelHttpServletRequest", HttpServletRequest.class)));
  }

  /** RFC 8259: JSON is UTF-8. */
  private static void json(String type) throws Refused {
    if (!type.isEmpty() && !type.startsWith("application/json")) {
      throw new Refused(
          415,
          "This takes JSON: send it with Content-Type: application/json, or no body where there is nothing to say.");
    }
    Matcher named = CHARSET.matcher(type);
    if (named.find() && !named.group(1).equals("utf-8") && !named.group(1).equals("us-ascii")) {
      throw new Refused(415, "JSON is UTF-8: send it so, without another charset.");
    }
  }

  private void judge(
      String method, String path, @Nullable String type, List<Pair> query, String body)
      throws Refused {
    SimpleRequest.Builder request = new SimpleRequest.Builder(method, path, false);
    query.forEach(pair -> request.withQueryParam(pair.name(), pair.value()));
    if (!body.isEmpty()) {
      request.withBody(body);
      if (type != null) {
        request.withContentType(type);
      }
    }
    ValidationReport report = judge.validateRequest(request.build());
    if (report.hasErrors()) {
      boolean mediaType =
          report.getMessages().stream()
              .anyMatch(said -> said.getKey().startsWith("validation.request.contentType"));
      throw new Refused(mediaType ? 415 : 400, sentence(report));
    }
  }

  /** Repeats and all, decoded. */
  private static List<Pair> query(@Nullable String query) throws Refused {
    List<Pair> pairs = new ArrayList<>();
    for (String pair : query == null ? new String[0] : query.split("&")) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        pairs.add(
            equals < 0
                ? new Pair(decoded(pair), "")
                : new Pair(
                    decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1))));
      }
    }
    return pairs;
  }

  private static String decoded(String text) throws Refused {
    try {
      return text(
          URLDecoder.decode(text, StandardCharsets.ISO_8859_1)
              .getBytes(StandardCharsets.ISO_8859_1));
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new Refused(
          400,
          "The query is no text: send it as UTF-8, each byte that is no letter or digit as % and two hexadecimal digits.");
    }
  }

  private static String text(byte[] utf8) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
  }

  /** The body as text without a byte order mark, "" for none. */
  private static String body(Message message, String type) throws Refused {
    HttpServletRequest request =
        message.getHeader("CamelHttpServletRequest", HttpServletRequest.class);
    if (request != null && request.getContentLengthLong() > 0) {
      json(type); // a form's body was read already
    }
    byte[] bytes;
    try (InputStream in = message.getBody(InputStream.class)) {
      bytes = in == null ? new byte[0] : in.readNBytes(LONGEST_BODY + 1);
    } catch (IOException e) {
      throw new Refused(400, "The body ended too soon: send it again, whole.");
    }
    if (bytes.length > 0) {
      json(type);
    }
    if (bytes.length > LONGEST_BODY) {
      throw new Refused(413, "The body is too large: send at most 64 KB of JSON.");
    }
    try {
      String text = text(bytes);
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new Refused(400, "The body is no JSON: it is no text in UTF-8.");
    }
  }

  private static @Nullable JsonNode tree(String text) throws Refused {
    if (text.isBlank()) {
      return null;
    }
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new Refused(
          400,
          "The body is no JSON: %s, at line %d, column %d."
              .formatted(
                  e.getOriginalMessage().lines().findFirst().orElse("it cannot be read"),
                  e.getLocation() == null ? 1 : e.getLocation().getLineNr(),
                  e.getLocation() == null ? 1 : e.getLocation().getColumnNr()));
    }
  }

  private static String sentence(ValidationReport report) {
    return "The request does not fit the contract (/openapi.json): "
        + report.getMessages().stream()
            .filter(said -> said.getLevel() == ValidationReport.Level.ERROR)
            .flatMap(ContractValidator::leaves)
            .map(ContractValidator::one)
            .distinct()
            .limit(5)
            .collect(Collectors.joining("; "))
        + ".";
  }

  /** Where one of several forms was to fit: why each does not. */
  private static Stream<ValidationReport.Message> leaves(ValidationReport.Message said) {
    return said.getNestedMessages().isEmpty()
        ? Stream.of(said)
        : said.getNestedMessages().stream().flatMap(ContractValidator::leaves);
  }

  private static String one(ValidationReport.Message said) {
    String text = said.getMessage().strip();
    String full = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
    return said.getContext()
        .flatMap(ValidationReport.MessageContext::getParameter)
        .filter(parameter -> !full.contains(parameter.getName()))
        .map(parameter -> "parameter '" + parameter.getName() + "': " + full)
        .orElse(full);
  }
}
