package io.caravel;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/**
 * How the program that runs is reached from a shell: at CARAVEL_ADDRESS and CARAVEL_PORT, with
 * CARAVEL_TOKEN, or CARAVEL_USER and CARAVEL_PASSWORD.
 *
 * @param settings environment variables
 */
record Reach(Map<String, String> settings) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Such as {@code http://127.0.0.1:8080}. */
  String base() {
    return "http://" + host() + ":" + setting("CARAVEL_PORT", "8080");
  }

  /** A request for a path, with the log-in. */
  HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base() + path));
    String token = setting("CARAVEL_TOKEN", "");
    String user = setting("CARAVEL_USER", "");
    if (!token.isEmpty()) {
      request.header("Authorization", "Bearer " + token);
    } else if (!user.isEmpty()) {
      String login = user + ":" + setting("CARAVEL_PASSWORD", "");
      request.header(
          "Authorization",
          "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)));
    }
    return request;
  }

  /** What an answer that is none of success says, as a sentence. */
  String refusal(HttpResponse<String> answer) {
    try {
      String detail = JSON.readTree(answer.body()).path("detail").asText("");
      if (!detail.isEmpty()) {
        return detail;
      }
    } catch (IOException noProblemDocument) {
      // Something else listens there.
    }
    return "%s answers HTTP %d: is that Caravel?".formatted(base(), answer.statusCode());
  }

  /** Where a program that listens there can be reached. */
  private String host() {
    String address = setting("CARAVEL_ADDRESS", "127.0.0.1");
    if (address.equals("0.0.0.0") || address.equals("::")) {
      return "127.0.0.1";
    }
    return address.contains(":") ? "[" + address + "]" : address;
  }

  private String setting(String name, String otherwise) {
    String value = settings.getOrDefault(name, "");
    return value.isBlank() ? otherwise : value.strip();
  }
}
