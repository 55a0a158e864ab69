package io.caravel.bench;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.crash.Sender;
import io.caravel.server.CaravelProcess;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code POST /encode} of the packaged program against the service that it replaces, in turns; then
 * a whole photo through the program. Processor time, of the program and of its children.
 */
public final class EncodeBench {
  /** Of the kernel's ticks of 10 ms each. */
  private static final int AT_ONCE = 10;

  private static final int WHOLE_PHOTOS = 30;
  private static final String BOUNDARY = "----the-next-photo";
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private static final ObjectMapper JSON = new ObjectMapper();

  private EncodeBench() {}

  /** {@code EncodeBench SERVICE MODELS ROUNDS WARM_UP LARGE PHOTO ...}. */
  public static void main(String[] arguments) throws Exception {
    int rounds = Integer.parseInt(arguments[2]);
    int warm = Integer.parseInt(arguments[3]);
    Path large = Path.of(arguments[4]);
    List<Path> photos =
        List.of(arguments).subList(5, arguments.length).stream().map(Path::of).toList();
    Process old =
        new ProcessBuilder(arguments[0], "service", arguments[1])
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (CaravelProcess caravel =
            new CaravelProcess(
                Map.of("CARAVEL_FACE_MODELS", arguments[1], "CARAVEL_GEOCODING", "off"));
        PrintStream ask = new PrintStream(old.getOutputStream(), true, StandardCharsets.UTF_8);
        BufferedReader answers = old.inputReader()) {
      caravel.start();
      for (int i = 0; i < warm; i++) {
        encode(caravel, photos.get(i % photos.size()));
      }
      for (Path photo : photos) {
        turns(caravel, ask, answers, photo, rounds);
      }
      whole(caravel, large);
    } finally {
      old.destroy();
    }
    System.exit(0);
  }

  private static void turns(
      CaravelProcess caravel, PrintStream ask, BufferedReader answers, Path photo, int rounds)
      throws Exception {
    List<Double> theirs = new ArrayList<>();
    List<Double> ours = new ArrayList<>();
    String found = "";
    for (int round = 0; round < rounds; round++) {
      ask.println(photo);
      String[] answer = String.valueOf(answers.readLine()).split(" ");
      theirs.add(Double.parseDouble(answer[0]));
      double start = milliseconds(caravel);
      int faces = 0;
      for (int i = 0; i < AT_ONCE; i++) {
        faces = encode(caravel, photo);
      }
      ours.add((milliseconds(caravel) - start) / AT_ONCE);
      found = answer[1] + " and " + faces;
    }
    System.out.printf(
        Locale.ROOT,
        "%s, %s faces: old service %.0f ms, POST /encode %.0f ms: %.1f times%n",
        photo.getFileName(),
        found,
        Medians.of(theirs),
        Medians.of(ours),
        Medians.of(theirs) / Medians.of(ours));
  }

  /** Distinct photos of the same pixels, twice so many: the first ones to warm up. */
  private static void whole(CaravelProcess caravel, Path photo) throws Exception {
    byte[] jpeg = Files.readAllBytes(photo);
    Sender sender = new Sender(FlowCpu.camera());
    double start = 0;
    for (int i = 1; i <= 2 * WHOLE_PHOTOS; i++) {
      send(caravel, "api/photos", marked(jpeg, i), 202);
      if (i == WHOLE_PHOTOS) {
        awaitFaces(sender, caravel, i);
        start = milliseconds(caravel);
      }
    }
    awaitFaces(sender, caravel, 2 * WHOLE_PHOTOS);
    System.out.printf(
        Locale.ROOT,
        "a whole photo, %s: %.0f ms (%d photos after as many)%n",
        photo.getFileName(),
        (milliseconds(caravel) - start) / WHOLE_PHOTOS,
        WHOLE_PHOTOS);
  }

  private static void awaitFaces(Sender sender, CaravelProcess caravel, int photos)
      throws Exception {
    Finish.awaitAllEnded(sender, caravel.baseUri(), photos, Duration.ofMinutes(10));
    await()
        .atMost(Duration.ofMinutes(10))
        .until(
            () -> {
              JsonNode faces = sender.get(caravel.baseUri(), "/api/queues").get("faces");
              return faces.get("done").asInt() + faces.get("failed").asInt() >= photos;
            });
  }

  /** The same picture as another file: with a comment behind its first marker. */
  private static byte[] marked(byte[] jpeg, int number) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    out.writeBytes(new byte[] {(byte) 0xff, (byte) 0xfe, 0, 6});
    out.writeBytes("%04d".formatted(number).getBytes(StandardCharsets.US_ASCII));
    out.write(jpeg, 2, jpeg.length - 2);
    return out.toByteArray();
  }

  private static int encode(CaravelProcess caravel, Path photo) throws Exception {
    return JSON.readTree(send(caravel, "encode", Files.readAllBytes(photo), 200))
        .get("encodings")
        .size();
  }

  private static String send(CaravelProcess caravel, String door, byte[] photo, int status)
      throws Exception {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(
        "--%s\r\nContent-Disposition: form-data; name=\"image\"; filename=\"photo.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
            .formatted(BOUNDARY)
            .getBytes(StandardCharsets.US_ASCII));
    body.writeBytes(photo);
    body.writeBytes("\r\n--%s--\r\n".formatted(BOUNDARY).getBytes(StandardCharsets.US_ASCII));
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(caravel.baseUri().resolve(door))
                .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != status) {
      throw new IOException(answer.statusCode() + " " + answer.body() + "\n" + caravel.tail());
    }
    return answer.body();
  }

  private static double milliseconds(CaravelProcess caravel) {
    double seconds = Cpu.seconds(caravel.pid());
    for (ProcessHandle child :
        ProcessHandle.of(caravel.pid()).orElseThrow().descendants().toList()) {
      try {
        seconds += Cpu.seconds(child.pid());
      } catch (UncheckedIOException ended) {
        continue; // a child that has just ended
      }
    }
    return 1000 * seconds;
  }
}
