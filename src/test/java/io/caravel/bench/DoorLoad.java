package io.caravel.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.server.CaravelProcess;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Many callers at once on connections that are kept, a part of whom go away in the middle of a
 * request or before its answer. Each request carries a number that its answer must show, so an
 * answer that is dropped, mixed up, empty or not whole is seen.
 */
public final class DoorLoad {
  private static final int CONNECTIONS = 64;
  private static final int PATIENCE_MS = 60_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final int port;
  private final int requests;
  private final AtomicInteger numbers = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger aborted = new AtomicInteger();
  private final Collection<String> amiss = new ConcurrentLinkedQueue<>();

  public DoorLoad(int port, int requests) {
    this.port = port;
    this.requests = requests;
  }

  /** {@code DoorLoad REQUESTS}: prints what was answered, what was amiss and what the log says. */
  public static void main(String[] arguments) throws Exception {
    try (CaravelProcess caravel = new CaravelProcess(Map.of())) {
      caravel.start();
      DoorLoad load = new DoorLoad(caravel.baseUri().getPort(), Integer.parseInt(arguments[0]));
      long start = System.nanoTime();
      load.run(1);
      double seconds = (System.nanoTime() - start) / 1e9;
      caravel.terminate();
      List<String> log =
          caravel
              .log()
              .lines()
              .filter(line -> line.contains(" ERROR ") || line.contains(" WARN ") || isStack(line))
              .toList();
      System.out.printf(
          Locale.ROOT,
          "%d requests over %d connections in %.0f s: %d answered, %d broken off by the caller, %d amiss, %d lines of warnings, errors or stacks%n",
          load.numbers.get(),
          CONNECTIONS,
          seconds,
          load.answered.get(),
          load.aborted.get(),
          load.amiss.size(),
          log.size());
      load.amiss.stream().limit(20).forEach(System.out::println);
      log.stream()
          .collect(
              Collectors.groupingBy(
                  line -> line.replaceAll("[0-9A-F-]{3,}|\\d+", "#"), Collectors.counting()))
          .entrySet()
          .stream()
          .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
          .limit(20)
          .forEach(line -> System.out.println(line.getValue() + " x " + line.getKey()));
    }
  }

  private static boolean isStack(String line) {
    return line.startsWith("\tat ")
        || line.matches("(Caused by: )?[a-z]+(\\.\\w+)+(Exception|Error)\\b.*");
  }

  /** Sends them all; what was not answered as it should be is told in words. */
  public List<String> run(long seed) throws InterruptedException {
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      Random random = new Random(seed * CONNECTIONS + i);
      Thread caller = new Thread(() -> call(random), "caller-" + i);
      caller.start();
      callers.add(caller);
    }
    for (Thread caller : callers) {
      caller.join();
    }
    return List.copyOf(amiss);
  }

  public int answered() {
    return answered.get();
  }

  private void call(Random random) {
    Connection connection = null;
    for (int number = numbers.incrementAndGet();
        number <= requests;
        number = numbers.incrementAndGet()) {
      Question question = question(random.nextInt(12), number);
      try {
        if (connection == null) {
          connection = new Connection(port);
        }
        if (random.nextInt(8) == 0) {
          aborted.incrementAndGet();
          connection.breakOff(question, random);
          connection = null;
          continue;
        }
        Answer answer = connection.ask(question);
        String wrong = question.wrong(answer);
        if (wrong == null) {
          answered.incrementAndGet();
        } else {
          amiss.add(question.name() + ": " + wrong + ": " + answer);
        }
        if (answer.last() || question.listens()) {
          connection.close();
          connection = null;
        }
      } catch (IOException e) {
        amiss.add(question.name() + " was not answered: " + e);
        connection = null;
      }
    }
    numbers.decrementAndGet();
    if (connection != null) {
      connection.close();
    }
  }

  /**
   * @param shown what the answer must hold, so that it is known for this request's
   * @param type of the answer, from its beginning
   */
  private record Question(
      String name, byte[] bytes, int bodyAt, int status, String type, String shown) {
    boolean listens() {
      return type.startsWith("text/event-stream");
    }

    @Nullable String wrong(Answer answer) {
      if (answer.status() == 503 && listens()) {
        return null; // a hundred listen already
      }
      if (answer.status() == 503 && answer.body().contains("is being encoded or compared")) {
        return null; // eight wait for their turn already
      }
      if (answer.status() != status) {
        return "status is not " + status;
      }
      if (!answer.type().startsWith(type)) {
        return "type is not " + type;
      }
      if (answer.repeated() != null) {
        return answer.repeated() + " stands there twice";
      }
      if (listens()) {
        return null;
      }
      try {
        JsonNode json = JSON.readTree(answer.body());
        if (status >= 400 && type.contains("problem") && json.path("status").asInt() != status) {
          return "it tells another status";
        }
      } catch (IOException e) {
        return "no whole JSON";
      }
      return answer.body().contains(shown) ? null : "it does not show " + shown;
    }
  }

  private record Answer(
      int status, String type, String body, boolean last, @Nullable String repeated) {}

  private static Question question(int kind, int number) {
    int id = 1_000_000_000 + number;
    String problem = "application/problem+json";
    return switch (kind) {
      case 0 -> get("/api/photos/" + id, 404, problem, "" + id);
      case 1 -> get("/api/photos/" + id + "/original", 404, problem, "" + id);
      case 2 -> get("/api/photos?size=9000" + number, 400, problem, "size");
      case 3 -> get("/api/photos?q=nothing" + number, 200, "application/json", "items");
      case 4 -> get("/api/about", 200, "application/json", "version");
      case 5 -> get("/nothing/" + number, 404, problem, "There is nothing here");
      case 6 -> get("/api/events", 200, "text/event-stream", "");
      case 7 ->
          post(
              "/api/photos/" + id + "/jobs/thumbnails",
              "application/json",
              "{\"method\":\"cover\",\"width\":10,\"height\":10}",
              404,
              problem,
              "" + id);
      case 8 ->
          post(
              "/compare",
              "application/json",
              "{\"encoding\":%s,\"candidates\":[%s]}".formatted(encoding(number), encoding(0)),
              200,
              "application/json",
              "[" + number + ".0]");
      case 9 ->
          post(
              "/encode",
              "multipart/form-data; boundary=b",
              part("original_path", null, "photo-" + number),
              400,
              problem,
              "image");
      default ->
          post(
              "/api/photos",
              "multipart/form-data; boundary=b",
              part("file", "photo-" + number + ".jpg", ("no picture " + number).repeat(kind * 400)),
              415,
              "application/json",
              "photo-" + number + ".jpg");
    };
  }

  private static String encoding(int first) {
    return "[" + first + ",0".repeat(127) + "]";
  }

  private static String part(String name, @Nullable String filename, String content) {
    return "--b\r\nContent-Disposition: form-data; name=\"%s\"%s\r\n\r\n%s\r\n--b--\r\n"
        .formatted(name, filename == null ? "" : "; filename=\"" + filename + "\"", content);
  }

  private static Question get(String path, int status, String type, String shown) {
    return question("GET " + path, "", "", status, type, shown);
  }

  private static Question post(
      String path, String contentType, String body, int status, String type, String shown) {
    return question(
        "POST " + path, "Content-Type: " + contentType + "\r\n", body, status, type, shown);
  }

  private static Question question(
      String name, String headers, String body, int status, String type, String shown) {
    String head =
        "%s HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n%s%s\r\n"
            .formatted(
                name,
                headers,
                name.startsWith("POST") ? "Content-Length: " + body.length() + "\r\n" : "");
    return new Question(
        name,
        (head + body).getBytes(StandardCharsets.US_ASCII),
        head.length(),
        status,
        type,
        shown);
  }

  /** One connection, spoken to by hand: a client would try again what was dropped. */
  private static final class Connection {
    private final Socket socket;
    private final InputStream in;

    Connection(int port) throws IOException {
      socket = new Socket("localhost", port);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE_MS);
      in = new BufferedInputStream(socket.getInputStream());
    }

    Answer ask(Question question) throws IOException {
      socket.getOutputStream().write(question.bytes());
      int status = Integer.parseInt(line().split(" ")[1]);
      Map<String, String> headers = new HashMap<>();
      String repeated = null;
      for (String line = line(); !line.isEmpty(); line = line()) {
        String name = line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT);
        if (headers.put(name, line.substring(line.indexOf(':') + 1).strip()) != null
            && !name.equals("vary")) {
          repeated = name;
        }
      }
      String type = headers.getOrDefault("content-type", "");
      boolean last = "close".equals(headers.get("connection"));
      if (type.startsWith("text/event-stream")) {
        return new Answer(status, type, line(), true, repeated);
      }
      byte[] body =
          headers.containsKey("transfer-encoding")
              ? chunks()
              : whole(Integer.parseInt(headers.getOrDefault("content-length", "0")));
      return new Answer(status, type, new String(body, StandardCharsets.UTF_8), last, repeated);
    }

    /** Goes away in the middle of the body, or when all was sent and nothing was answered yet. */
    void breakOff(Question question, Random random) {
      try {
        int body = question.bytes().length - question.bodyAt();
        int sent =
            body > 0 && random.nextBoolean()
                ? question.bodyAt() + random.nextInt(body)
                : question.bytes().length;
        socket.getOutputStream().write(question.bytes(), 0, sent);
        if (random.nextBoolean()) {
          socket.setSoLinger(true, 0); // a reset, as of a caller that died
        }
      } catch (IOException e) {
        // The server closed first: as well.
      }
      close();
    }

    private byte[] whole(int length) throws IOException {
      byte[] bytes = in.readNBytes(length);
      if (bytes.length < length) {
        throw new EOFException("the answer ended after %d of %d".formatted(bytes.length, length));
      }
      return bytes;
    }

    private byte[] chunks() throws IOException {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      for (int size = Integer.parseInt(line(), 16); ; size = Integer.parseInt(line(), 16)) {
        body.writeBytes(whole(size));
        line();
        if (size == 0) {
          return body.toByteArray();
        }
      }
    }

    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int next = in.read(); next != '\n'; next = in.read()) {
        if (next < 0) {
          throw new EOFException("closed by the server");
        }
        line.append((char) next);
      }
      return line.toString().strip();
    }

    void close() {
      try {
        socket.close();
      } catch (IOException e) {
        // Nobody is there any more.
      }
    }
  }
}
