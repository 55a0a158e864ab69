package io.caravel.flow;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.SimpleRequest;
import com.atlassian.oai.validator.report.LevelResolver;
import com.atlassian.oai.validator.report.ValidationReport;
import io.caravel.door.Contract;
import io.caravel.door.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.StreamCache;
import org.apache.camel.spi.RestClientRequestValidator;
import org.apache.camel.support.MessageHelper;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Holds every request of the REST doors against the contract before its route sees it, and answers
 * what does not fit with problem+json. It judges as camel-openapi-validator does (integer paths,
 * enums, ranges, formats, bodies), but builds the judge once instead of at each request. Uploads
 * pass: they would be read into memory; intake judges them.
 */
@Component("contractValidator")
class ContractValidator implements RestClientRequestValidator {
  /** Bytes of a JSON body; the largest in the contract needs a hundred. */
  private static final int LONGEST_BODY = 64 * 1024;

  private static final Set<String> UPLOADS = Set.of("/api/photos", "/encode");

  /** Its body is too large for a tree in memory; whoever reads it judges it. */
  private static final String COMPARE = "/compare";

  private final OpenApiInteractionValidator judge;
  private final Set<String> parameters;

  ContractValidator(Contract contract) {
    parameters = new HashSet<>(contract.queryParameters());
    parameters.removeIf(name -> contract.ofRoutes().contains("{" + name + "}"));
    judge =
        OpenApiInteractionValidator.createForInlineApiSpecification(contract.ofRoutes())
            .withLevelResolver(
                LevelResolver.create()
                    // Spring Security asks who it is; Authorization does not come this far.
                    .withLevel("validation.request.security", ValidationReport.Level.IGNORE)
                    .build())
            .build();
  }

  @Override
  public @Nullable ValidationError validate(Exchange exchange, ValidationContext context) {
    Message message = exchange.getMessage();
    String type = message.getHeader(Exchange.CONTENT_TYPE, String.class);
    String method = message.getHeader(Exchange.HTTP_METHOD, String.class);
    String path = message.getHeader(Exchange.HTTP_URI, String.class);
    if (method == null || path == null) {
      return null;
    }
    dropHeadersNamedLikeParameters(message);
    if (type != null
        && type.toLowerCase(Locale.ROOT).startsWith("multipart/")
        && method.equals("POST")
        && UPLOADS.contains(path)) {
      return null;
    }
    if (path.equals(COMPARE)) {
      return type != null && type.toLowerCase(Locale.ROOT).startsWith("application/json")
          ? null
          : refuse(exchange, 415, "This takes JSON: send it with Content-Type: application/json.");
    }
    SimpleRequest.Builder request = new SimpleRequest.Builder(method, path, false);
    query(request, message.getHeader(Exchange.HTTP_QUERY, String.class));
    String body = body(message);
    if (body == null) {
      return refuse(exchange, 413, "The body is too large: send at most 64 KB of JSON.");
    }
    if (!body.isEmpty()) {
      request.withBody(body);
      if (type != null) {
        request.withContentType(type);
      }
    }
    ValidationReport report = judge.validateRequest(request.build());
    if (!report.hasErrors()) {
      return null;
    }
    boolean mediaType =
        report.getMessages().stream()
            .anyMatch(said -> said.getKey().startsWith("validation.request.contentType"));
    return refuse(exchange, mediaType ? 415 : 400, sentence(report));
  }

  /**
   * A request header called like a query parameter, such as From, is no parameter. Those that are
   * path parameters elsewhere stay: here they may be.
   */
  private void dropHeadersNamedLikeParameters(Message message) {
    String query = "&" + message.getHeader(Exchange.HTTP_QUERY, "", String.class);
    for (String parameter : parameters) {
      if (!query.contains("&" + parameter + "=")) {
        message.removeHeader(parameter);
      }
    }
  }

  /** Repeats and all, decoded; a stray percent sign stands for itself. */
  private static void query(SimpleRequest.Builder request, @Nullable String query) {
    if (query == null) {
      return;
    }
    for (String pair : query.split("&")) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        request.withQueryParam(decode(name), equals < 0 ? "" : decode(pair.substring(equals + 1)));
      }
    }
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  /** The body as text, "" for none, null when it is too large. */
  private static @Nullable String body(Message message) {
    Object body = message.getBody();
    if (body == null) {
      return "";
    }
    if (body instanceof StreamCache cache && cache.length() > LONGEST_BODY) {
      return null;
    }
    try (InputStream in = message.getBody(InputStream.class)) {
      if (in == null) {
        return "";
      }
      byte[] bytes = in.readNBytes(LONGEST_BODY + 1);
      MessageHelper.resetStreamCache(message);
      return bytes.length > LONGEST_BODY ? null : new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  private static String sentence(ValidationReport report) {
    return "The request does not fit the contract (/openapi.json): "
        + report.getMessages().stream()
            .filter(said -> said.getLevel() == ValidationReport.Level.ERROR)
            .limit(5)
            .map(ContractValidator::one)
            .collect(Collectors.joining("; "))
        + ".";
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

  private static ValidationError refuse(Exchange exchange, int status, String sentence) {
    exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, Problem.MEDIA_TYPE);
    return new ValidationError(status, Problem.json(status, sentence));
  }
}
