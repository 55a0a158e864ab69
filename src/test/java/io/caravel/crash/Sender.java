package io.caravel.crash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Someone who sends photos and remembers what was promised for each. Nothing is known of a photo
 * whose request had no answer; some of those are sent again. Thread-safe.
 */
public final class Sender {
  private static final String BOUNDARY = "----the-next-photo";

  /** Causes of a rejection that is over later: such photos are sent again. */
  private static final Set<String> PASSING =
      Set.of("disk-full", "disk-unavailable", "database-unavailable");

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final ObjectMapper json = new ObjectMapper();
  private final Camera camera;
  private final int names;
  private final Map<String, Camera.Shot> sent = new ConcurrentHashMap<>();
  private final Map<String, Camera.Shot> promised = new ConcurrentHashMap<>();
  private final Map<String, Camera.Shot> dropped = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> accepted = new ConcurrentHashMap<>();
  private final Queue<Camera.Shot> unanswered = new ConcurrentLinkedQueue<>();
  private final Queue<String> complaints = new ConcurrentLinkedQueue<>();
  private final AtomicInteger drops = new AtomicInteger();
  private final AtomicInteger refused = new AtomicInteger();

  public Sender(Camera camera) {
    this(camera, 60);
  }

  /** Drops files of so many names, which come again. */
  Sender(Camera camera, int names) {
    this.camera = camera;
    this.names = names;
  }

  /** Every photo that was sent, answered or not, by SHA-256. */
  Map<String, Camera.Shot> sent() {
    return Map.copyOf(sent);
  }

  /** Those for which a 202 came ({@code accepted} or {@code exists}). */
  Map<String, Camera.Shot> promised() {
    return Map.copyOf(promised);
  }

  /** Those that were put into the inbox. */
  Map<String, Camera.Shot> dropped() {
    return Map.copyOf(dropped);
  }

  /** How often {@code accepted} was said of each photo. */
  int accepted(String sha256) {
    AtomicInteger times = accepted.get(sha256);
    return times == null ? 0 : times.get();
  }

  /** Answers that a sender of good photos should not get. */
  public List<String> complaints() {
    return List.copyOf(complaints);
  }

  /** Uploads so many new photos in one request, one of them again. False: there was no answer. */
  public boolean upload(URI base, int count) {
    List<Camera.Shot> shots = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      shots.add(camera.shoot());
    }
    Camera.Shot again = unanswered.poll();
    if (again != null) {
      shots.add(again);
    }
    return send(base, shots);
  }

  /** Sends again what had no answer. False: there is nothing left. */
  boolean resend(URI base) {
    Camera.Shot shot = unanswered.poll();
    if (shot != null) {
      send(base, List.of(shot));
    }
    return shot != null;
  }

  /** How many requests were refused as a whole. */
  int refused() {
    return refused.get();
  }

  /** Uploads these photos in one request. False: there was no answer. */
  public boolean send(URI base, List<Camera.Shot> shots) {
    shots.forEach(shot -> sent.put(shot.sha256(), shot));
    try {
      HttpResponse<String> answer =
          http.send(request(base, shots), HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() == 202) {
        note(json.readTree(answer.body()), shots);
        return true;
      }
      // 503 and 404: on its way up or down; 507: no room just now.
      refused.incrementAndGet();
      if (!List.of(503, 404, 507).contains(answer.statusCode())) {
        complaints.add(answer.statusCode() + " " + answer.body());
      }
    } catch (IOException e) {
      // killed meanwhile, or not up yet
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    unanswered.addAll(shots);
    return false;
  }

  /** Leaves what an upload leaves that is killed between its rename and its commit. */
  void leaveHalfAccepted(Home home) throws IOException {
    Camera.Shot shot = camera.shoot();
    sent.put(shot.sha256(), shot);
    Path folder = home.directory().resolve("originals").resolve(shot.sha256().substring(0, 2));
    Files.createDirectories(folder);
    Files.write(folder.resolve(shot.sha256() + ".jpg"), shot.bytes());
  }

  /** The same photo in so many requests at the same moment: what each was answered of it. */
  List<JsonNode> sendFromMany(URI base, Camera.Shot shot, int requests) throws Exception {
    sent.put(shot.sha256(), shot);
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      answers.add(
          http.sendAsync(request(base, List.of(shot)), HttpResponse.BodyHandlers.ofString()));
    }
    List<JsonNode> photos = new ArrayList<>();
    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      JsonNode body = json.readTree(answer.get().body());
      note(body, List.of(shot));
      photos.add(body.at("/photos/0"));
    }
    return photos;
  }

  private static HttpRequest request(URI base, List<Camera.Shot> shots) {
    return HttpRequest.newBuilder(base.resolve("/api/photos"))
        .timeout(Duration.ofSeconds(60))
        .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
        .POST(HttpRequest.BodyPublishers.ofByteArray(multipart(shots)))
        .build();
  }

  private void note(JsonNode answer, List<Camera.Shot> shots) {
    int number = 0;
    for (JsonNode photo : answer.get("photos")) {
      Camera.Shot asked = shots.get(number++);
      String status = photo.get("status").asText();
      if (status.equals("rejected") && PASSING.contains(photo.path("cause").asText())) {
        unanswered.add(asked);
        continue;
      }
      if (status.equals("rejected")) {
        complaints.add(photo.toString());
        continue;
      }
      String sha256 = photo.get("sha256").asText();
      Camera.Shot shot = sent.get(sha256);
      if (shot == null) {
        complaints.add("never sent: " + photo);
        continue;
      }
      promised.put(sha256, shot);
      if (status.equals("accepted")) {
        accepted.computeIfAbsent(sha256, any -> new AtomicInteger()).incrementAndGet();
      }
    }
  }

  /** Puts one new photo into a sub-folder of the inbox, in two writes; names come again. */
  void drop(Path inbox) {
    Camera.Shot shot = camera.shoot();
    int number = drops.incrementAndGet();
    Path file =
        inbox.resolve("card " + number % 3).resolve("IMG_%02d.jpg".formatted(number % names));
    try {
      Files.createDirectories(file.getParent());
      try (var out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)) {
        int half = shot.bytes().length / 2;
        out.write(shot.bytes(), 0, half);
        out.flush();
        out.write(shot.bytes(), half, shot.bytes().length - half);
      }
    } catch (FileAlreadyExistsException e) {
      return; // the one before still waits there
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    sent.put(shot.sha256(), shot);
    dropped.put(shot.sha256(), shot);
  }

  /** The JSON at a path of the program. */
  public JsonNode get(URI base, String path) throws IOException {
    return call(HttpRequest.newBuilder(base.resolve(path)).GET());
  }

  public JsonNode post(URI base, String path) throws IOException {
    return ask(base, "POST", path, null);
  }

  /** The answer to a request with this JSON body, or with none. */
  JsonNode ask(URI base, String method, String path, @Nullable String body) throws IOException {
    HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path));
    if (body == null) {
      return call(request.method(method, HttpRequest.BodyPublishers.noBody()));
    }
    return call(
        request
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body)));
  }

  /** Keeps a refusal in mind, unless the program is on its way up or down, or gone. */
  void complainUnlessAway(IOException refusal) {
    String message = String.valueOf(refusal.getMessage());
    if (message.matches("(?s)[1-5]\\d\\d .*") && !message.matches("(?s)(503|404) .*")) {
      complaints.add(message);
    }
  }

  private JsonNode call(HttpRequest.Builder request) throws IOException {
    try {
      HttpResponse<String> answer =
          http.send(
              request.timeout(Duration.ofSeconds(60)).build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() >= 300) {
        throw new IOException(answer.statusCode() + " " + answer.body());
      }
      return json.readTree(answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static byte[] multipart(List<Camera.Shot> shots) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (Camera.Shot shot : shots) {
      String head =
          "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\nContent-Type: image/jpeg\r\n\r\n";
      body.writeBytes(
          head.formatted(BOUNDARY, shot.filename()).getBytes(StandardCharsets.US_ASCII));
      body.writeBytes(shot.bytes());
      body.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    body.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII));
    return body.toByteArray();
  }
}
