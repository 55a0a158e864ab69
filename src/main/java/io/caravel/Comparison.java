package io.caravel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * {@code compare URL [--photos N]}: holds the face service that Caravel takes the place of against
 * this one, on photos of the library: how many faces each finds, and how far their encodings are
 * from each other. Both are asked over HTTP; nothing is kept.
 */
final class Comparison {
  private static final String USAGE =
      "usage: ./caravel compare http://127.0.0.1:8000 [--photos 200] (the old face service's address)";

  private static final int PHOTOS = 200;
  private static final int MOST = 100_000;
  private static final int PAGE = 100;

  /** Of a face: a detector of either service may take so long for a large photo. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** Euclidean; below it both mean the same face. */
  private static final double SAME_FACE = 0.6;

  private static final int TELL_EVERY = 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Reach caravel;
  private final URI old;
  private final int wanted;
  private final PrintStream out;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();
  private final List<Double> distances = new ArrayList<>();
  private int asked;
  private int sameNumber;
  private int oldFaces;
  private int newFaces;
  private int failed;
  private int refused;

  private Comparison(Reach caravel, URI old, int wanted, PrintStream out) {
    this.caravel = caravel;
    this.old = old;
    this.wanted = wanted;
    this.out = out;
  }

  /** An answer other than 200. */
  private static final class Refused extends IOException {
    private static final long serialVersionUID = 1L;

    /** Whether it says something of what was sent, not of who asks or of the server. */
    final boolean ofThis;

    Refused(int status, String text) {
      super("HTTP %d: %s".formatted(status, text));
      this.ofThis = status / 100 == 4 && status != 401 && status != 403 && status != 429;
    }
  }

  /** Two faces that may be one, of the old service and of this one. */
  private record Pair(int old, int here, double distance) {}

  /**
   * @param arguments what follows the word compare
   * @param settings environment variables
   * @return the exit status
   */
  static int run(List<String> arguments, Map<String, String> settings, PrintStream out) {
    int photos = PHOTOS;
    if (arguments.size() == 3
        && arguments.get(1).equals("--photos")
        && arguments.get(2).matches("[1-9]\\d{0,4}")) {
      photos = Math.min(MOST, Integer.parseInt(arguments.get(2)));
    } else if (arguments.size() != 1) {
      out.println("caravel: " + USAGE);
      return 2;
    }
    String url = arguments.get(0).replaceAll("/+$", "");
    if (!url.matches("https?://[^/?#\\s]+(/[^?#\\s]*)?")) {
      out.println("caravel: \"%s\" is no address. %s".formatted(url, USAGE));
      return 2;
    }
    Reach caravel = new Reach(settings);
    Comparison comparison = new Comparison(caravel, URI.create(url + "/encode"), photos, out);
    try {
      comparison.compare();
      return comparison.sum();
    } catch (IOException e) {
      out.println(
          "caravel: Caravel at %s could not be asked (%s): start it, or set CARAVEL_ADDRESS and CARAVEL_PORT as for run."
              .formatted(caravel.base(), e));
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private void compare() throws IOException, InterruptedException {
    long began = System.nanoTime();
    for (int page = 0; done() < wanted; page++) {
      JsonNode photos =
          JSON.readTree(
                  bytes(caravel.request("/api/photos?size=%d&page=%d".formatted(PAGE, page)).GET()))
              .path("items");
      if (photos.isEmpty()) {
        return;
      }
      for (JsonNode photo : photos) {
        if (done() == wanted) {
          return;
        }
        compare(photo.path("id").asLong(), photo.path("filename").asText());
        int done = done();
        if (done % TELL_EVERY == 0 && done < wanted) {
          Duration left = Duration.ofNanos((System.nanoTime() - began) / done * (wanted - done));
          out.printf(
              "caravel: %d of %d photos, %d min %d s left at most%n",
              done, wanted, left.toMinutes(), left.toSecondsPart());
        }
      }
    }
  }

  private int done() {
    return asked + failed + refused;
  }

  private void compare(long id, String name) throws IOException, InterruptedException {
    String boundary = "caravel-" + UUID.randomUUID();
    byte[] photo;
    List<double[]> here;
    try {
      photo = bytes(caravel.request("/api/photos/" + id + "/original").GET());
      here =
          encodings(
              caravel
                  .request("/encode")
                  .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                  .POST(BodyPublishers.ofByteArray(form(boundary, photo, false))));
    } catch (Refused e) {
      if (!e.ofThis) {
        throw e;
      }
      refused++; // a film, a damaged file
      out.printf(
          "photo %d (%s): Caravel: %s%n", id, plain(name), plain(String.valueOf(e.getMessage())));
      return;
    }
    List<double[]> there;
    try {
      there =
          encodings(
              HttpRequest.newBuilder(old)
                  .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                  .POST(BodyPublishers.ofByteArray(form(boundary, photo, true))));
    } catch (IOException e) {
      failed++;
      out.printf(
          "photo %d (%s): the old service: %s%n",
          id, plain(name), plain(String.valueOf(e.getMessage())));
      return;
    }
    asked++;
    oldFaces += there.size();
    newFaces += here.size();
    List<Double> apart = paired(there, here);
    distances.addAll(apart);
    if (there.size() == here.size()) {
      sameNumber++;
    } else {
      out.printf(
          "photo %d (%s): %d faces there, %d here, %d the same%n",
          id, plain(name), there.size(), here.size(), apart.size());
    }
  }

  /** The distances of those that are the same face, each of both but once, the nearest first. */
  static List<Double> paired(List<double[]> there, List<double[]> here) {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < there.size(); i++) {
      for (int j = 0; j < here.size(); j++) {
        double distance = distance(there.get(i), here.get(j));
        if (distance < SAME_FACE) {
          pairs.add(new Pair(i, j, distance));
        }
      }
    }
    pairs.sort(Comparator.comparingDouble(Pair::distance));
    boolean[] takenThere = new boolean[there.size()];
    boolean[] takenHere = new boolean[here.size()];
    List<Double> distances = new ArrayList<>();
    for (Pair pair : pairs) {
      if (!takenThere[pair.old()] && !takenHere[pair.here()]) {
        takenThere[pair.old()] = true;
        takenHere[pair.here()] = true;
        distances.add(pair.distance());
      }
    }
    return distances;
  }

  private static double distance(double[] one, double[] other) {
    double sum = 0;
    for (int i = 0; i < Math.min(one.length, other.length); i++) {
      sum += (one[i] - other[i]) * (one[i] - other[i]);
    }
    return Math.sqrt(sum);
  }

  private int sum() {
    distances.sort(Comparator.naturalOrder());
    out.printf(
        "caravel: %d photos: as many faces in %d; %d faces there, %d here, %d the same%s.%n",
        asked, sameNumber, oldFaces, newFaces, distances.size(), apart());
    if (failed > 0) {
      out.printf("caravel: %d photos could not be encoded by the old service.%n", failed);
    }
    if (refused > 0) {
      out.printf("caravel: %d photos could not be encoded here.%n", refused);
    }
    if (asked == 0) {
      out.println(
          "caravel: nothing was compared: does the library have photos, and is %s right?"
              .formatted(old));
      return 1;
    }
    return 0;
  }

  private String apart() {
    return distances.isEmpty()
        ? ""
        : ", apart %.3f in the middle, %.3f nine of ten, %.3f at most"
            .formatted(at(0.5), at(0.9), at(1));
  }

  private double at(double part) {
    return distances.get((int) Math.min(distances.size() - 1L, (long) (part * distances.size())));
  }

  /**
   * A form with a photo.
   *
   * @param full with all that the old service asks for; its debug image goes to the temporary files
   */
  private static byte[] form(String boundary, byte[] photo, boolean full) throws IOException {
    ByteArrayOutputStream form = new ByteArrayOutputStream(photo.length + 1000);
    if (full) {
      field(form, boundary, "original_path", "caravel-compare.jpg");
      field(form, boundary, "original_disk", System.getProperty("java.io.tmpdir"));
      field(form, boundary, "image_debug_subdir", "caravel-compare");
    }
    form.write(
        ("--%s\r\nContent-Disposition: form-data; name=\"image\"; filename=\"photo\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                .formatted(boundary))
            .getBytes(StandardCharsets.UTF_8));
    form.write(photo);
    form.write(("\r\n--" + boundary + "--\r\n").getBytes(StandardCharsets.UTF_8));
    return form.toByteArray();
  }

  private static void field(ByteArrayOutputStream form, String boundary, String name, String value)
      throws IOException {
    form.write(
        "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
            .formatted(boundary, name, value)
            .getBytes(StandardCharsets.UTF_8));
  }

  private List<double[]> encodings(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    List<double[]> encodings = new ArrayList<>();
    for (JsonNode encoding : JSON.readTree(bytes(request)).path("encodings")) {
      double[] numbers = new double[encoding.size()];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = encoding.get(i).asDouble();
      }
      encodings.add(numbers);
    }
    return encodings;
  }

  private byte[] bytes(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer =
        client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofByteArray());
    if (answer.statusCode() != 200) {
      throw new Refused(
          answer.statusCode(),
          new String(answer.body(), StandardCharsets.UTF_8).lines().findFirst().orElse(""));
    }
    return answer.body();
  }

  /** What may come from a photo's sender or another program, on a terminal. */
  private static String plain(String text) {
    return text.replaceAll("\\p{C}", "?");
  }
}
