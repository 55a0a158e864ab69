package io.caravel.route;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.Request;
import com.atlassian.oai.validator.model.SimpleResponse;
import com.atlassian.oai.validator.report.ValidationReport;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravel.door.Contract;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A caller of the REST doors that holds every JSON answer against the contract. */
public final class Api {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final OpenApiInteractionValidator CONTRACT =
      OpenApiInteractionValidator.createForInlineApiSpecification(strict()).build();

  /** The contract without room for what it does not name. */
  private static String strict() {
    try {
      JsonNode contract = JSON.readTree(new Contract().json());
      for (JsonNode schema : contract.findParents("properties")) {
        if (schema.path("type").asText().equals("object") && !schema.has("additionalProperties")) {
          ((ObjectNode) schema).put("additionalProperties", false);
        }
      }
      return contract.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final String address;

  Api(int port) {
    address = "http://localhost:" + port;
  }

  /** One part of an upload. */
  public record Part(String name, @Nullable String filename, byte[] content) {
    public static Part field(String name, String value) {
      return new Part(name, null, value.getBytes(StandardCharsets.UTF_8));
    }

    public static Part file(String filename, byte[] content) {
      return new Part("file", filename, content);
    }
  }

  /**
   * @param headers names in small letters
   */
  public record Answer(int status, Map<String, String> headers, byte[] body) {
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    public JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new UncheckedIOException(text(), e);
      }
    }

    public String header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }

    /** The one file of an upload's answer. */
    public JsonNode photo() {
      return json().path("photos").path(0);
    }

    /** {@code detail} of a problem. */
    public String detail() {
      return json().path("detail").asText();
    }
  }

  public Answer get(String path, String... headers) {
    return send("GET", path, null, headers);
  }

  public Answer delete(String path) {
    return send("DELETE", path, null);
  }

  public Answer post(String path) {
    return send("POST", path, null);
  }

  public Answer post(String path, String json) {
    return send(
        "POST", path, json.getBytes(StandardCharsets.UTF_8), "Content-Type", "application/json");
  }

  public Answer upload(Part... parts) {
    return form("/api/photos", parts);
  }

  public Answer form(String path, Part... parts) {
    String boundary = "boundary-" + UUID.randomUUID();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (Part part : parts) {
      String filename = part.filename();
      String head =
          "--"
              + boundary
              + "\r\nContent-Disposition: form-data; name=\""
              + part.name()
              + "\""
              + (filename == null ? "" : "; filename=\"" + filename.replace("\"", "%22") + "\"")
              + "\r\nContent-Type: image/jpeg\r\n\r\n";
      body.writeBytes(head.getBytes(StandardCharsets.UTF_8));
      body.writeBytes(part.content());
      body.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    body.writeBytes(("--" + boundary + "--\r\n").getBytes(StandardCharsets.US_ASCII));
    return send(
        "POST",
        path,
        body.toByteArray(),
        "Content-Type",
        "multipart/form-data; boundary=" + boundary);
  }

  /** Uploads one file and answers the photo's id. */
  public long accepted(String filename, byte[] content) {
    Answer answer = upload(Part.file(filename, content));
    if (answer.status() != 202 || !answer.photo().path("status").asText().equals("accepted")) {
      throw new AssertionError(answer.status() + " " + answer.text());
    }
    return answer.photo().path("id").asLong();
  }

  public JsonNode photo(long id) {
    Answer answer = get("/api/photos/" + id);
    if (answer.status() != 200) {
      throw new AssertionError(answer.status() + " " + answer.text());
    }
    return answer.json();
  }

  public Answer send(String method, String path, byte @Nullable [] body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address + path))
            .method(
                method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    HttpResponse<byte[]> response;
    try {
      response = CLIENT.send(request.build(), BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    Map<String, String> told = new HashMap<>();
    response
        .headers()
        .map()
        .forEach(
            (name, values) -> told.put(name.toLowerCase(Locale.ROOT), String.join(", ", values)));
    Answer answer = new Answer(response.statusCode(), told, response.body());
    if (answer.header("Content-Type").contains("json") || response.body().length == 0) {
      holdAgainstTheContract(method, path, answer);
    }
    return answer;
  }

  /**
   * The answer to a request written by hand, however wrong.
   *
   * @param head all lines but that of the connection, which is closed behind it
   */
  public Answer raw(String head, byte... body) {
    try (Socket socket = new Socket("localhost", URI.create(address).getPort())) {
      socket.setSoTimeout(30_000);
      OutputStream out = socket.getOutputStream();
      out.write((head + "Connection: close\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
      out.write(body);
      out.flush();
      InputStream in = new BufferedInputStream(socket.getInputStream());
      String status = line(in);
      Map<String, String> headers = new HashMap<>();
      for (String each = line(in); !each.isEmpty(); each = line(in)) {
        String[] header = each.split(":", 2);
        headers.merge(
            header[0].toLowerCase(Locale.ROOT),
            header[1].strip(),
            (one, another) -> one + ", " + another);
      }
      byte[] answer = headers.containsKey("transfer-encoding") ? chunks(in) : in.readAllBytes();
      return new Answer(Integer.parseInt(status.split(" ")[1]), headers, answer);
    } catch (IOException e) {
      throw new UncheckedIOException(head, e);
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new IOException("The answer ended after: " + line);
      }
      line.append((char) next);
    }
    return line.toString().strip();
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = Integer.parseInt(line(in), 16); size > 0; ) {
      body.write(in.readNBytes(size));
      line(in);
      size = Integer.parseInt(line(in), 16);
    }
    return body.toByteArray();
  }

  /** Throws an AssertionError for an answer that breaks the contract. */
  static void holdAgainstTheContract(String method, String path, Answer answer) {
    Request.Method verb = Request.Method.valueOf(method);
    if (verb == Request.Method.HEAD) {
      return;
    }
    SimpleResponse.Builder response = SimpleResponse.Builder.status(answer.status());
    if (!answer.header("Content-Type").isEmpty()) {
      response.withContentType(answer.header("Content-Type"));
    }
    if (answer.body().length > 0) {
      response.withBody(answer.text());
    }
    ValidationReport report =
        CONTRACT.validateResponse(path.replaceFirst("\\?.*", ""), verb, response.build());
    if (report.hasErrors()) {
      throw new AssertionError(
          "The answer to %s %s breaks the contract: %s\n%s %s"
              .formatted(method, path, report.getMessages(), answer.status(), answer.text()));
    }
  }
}
