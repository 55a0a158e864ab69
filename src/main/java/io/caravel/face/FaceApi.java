package io.caravel.face;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.caravel.ground.Failure;
import io.caravel.photo.Disks;
import io.caravel.photo.PictureHeader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** What callers of the Python service ask for, in the shapes they know. Thread-safe. */
@Component("faceApi")
public class FaceApi {
  /** Of a name, in bytes, so that .faces.jpg can stand behind it. */
  private static final int LONGEST_NAME = 240;

  private static final int DEEPEST = 100;

  /** No number of an encoding comes near it, and distances of smaller ones are numbers. */
  private static final double LARGEST = 1e100;

  private static final Set<String> BROKEN =
      Set.of("not-a-picture", "undecodable", "truncated", "unsupported-format");

  /** One folder, so that a picture never takes the place of a file somewhere else. */
  private static final Pattern FOLDER = Pattern.compile("[\\p{L}\\p{N}_-][\\p{L}\\p{N}_. -]{0,99}");

  private final JsonFactory json =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNumberLength(64).build())
          .build();
  private final FaceSearch search;
  private final Disks disks;

  /** A body of the largest size takes 130 MB, read. */
  private final Semaphore comparing = new Semaphore(1);

  /** Each holds one of the turns that all doors share. */
  private static final int MOST_WAITING = 8;

  private final Semaphore turns;
  private final int waitSeconds;
  private final long maxUploadMb;
  private final int maxMegapixels;
  private final int compareMb;

  FaceApi(
      FaceSearch search,
      Disks disks,
      @Value("${caravel.workers.faces}") int workers,
      @Value("${caravel.face.api-wait-seconds}") int waitSeconds,
      @Value("${caravel.max-upload-mb}") long maxUploadMb,
      @Value("${caravel.max-megapixels}") int maxMegapixels,
      @Value("${caravel.face.compare-mb}") int compareMb) {
    this.search = search;
    this.disks = disks;
    this.turns = new Semaphore(workers, true);
    this.waitSeconds = waitSeconds;
    this.maxUploadMb = maxUploadMb;
    this.maxMegapixels = maxMegapixels;
    this.compareMb = compareMb;
  }

  /**
   * What a caller of {@code /encode} sends.
   *
   * @param image the picture; its sender's name for it is of no matter
   * @param originalPath of the photo, absolute or relative to its disk; null: no debug image is
   *     wanted
   * @param originalDisk the name of a storage root, or the absolute path of a folder in one; null:
   *     the root that an absolute path lies in, else {@code private}
   * @param debugFolder beside the photo, for the debug image
   */
  public record Order(
      Path image,
      @Nullable String originalPath,
      @Nullable String originalDisk,
      String debugFolder) {}

  /**
   * Where a debug image is to lie.
   *
   * @param disk the folder that the caller calls a disk
   */
  private record Debug(Path disk, Path file) {
    private String path() {
      return disk.relativize(file).toString();
    }
  }

  /**
   * The faces of a picture.
   *
   * @param encodings 128 floats each, in the detector's order
   * @param debugImagePath relative to its disk; null: none was wanted, or there is no face
   */
  public record Encoded(List<float[]> encodings, @Nullable String debugImagePath) {}

  /** Euclidean, in the order of the candidates. */
  public record Compared(double[] distances) {}

  /**
   * Finds and encodes the faces of a picture.
   *
   * @throws Failure {@code bad-request}: it cannot be decoded, or the debug image would lie outside
   *     its disk; {@code too-large}, {@code too-many-pixels}, {@code models-missing}, {@code busy}
   */
  public Encoded encode(Order order) {
    Debug debug = debug(order);
    search.ready();
    try {
      return inTurn(
          () -> {
            check(order.image());
            FaceSearch.Seen seen = search.look(order.image(), false);
            boolean drawn = debug != null && search.draw(seen, debug.file());
            return new Encoded(
                seen.found().faces().stream().map(FaceFinder.Face::encoding).toList(),
                debug != null && drawn ? debug.path() : null);
          });
    } catch (Failure e) {
      throw BROKEN.contains(e.cause())
          ? Failure.lasting(
              "bad-request",
              "The image cannot be decoded (%s): send a whole JPEG, PNG, WebP, TIFF or HEIC."
                  .formatted(e.cause()),
              e)
          : e;
    }
  }

  /**
   * What a caller waits for: as many at once as there are workers for faces.
   *
   * @throws Failure busy
   */
  <T> T inTurn(Supplier<T> work) {
    turn(turns);
    try {
      return work.get();
    } finally {
      turns.release();
    }
  }

  private void turn(Semaphore places) {
    try {
      if (places.getQueueLength() >= MOST_WAITING
          || !places.tryAcquire(waitSeconds, TimeUnit.SECONDS)) {
        throw Failure.passing(
            "busy",
            "As much as CARAVEL_WORKERS_FACES allows is being encoded or compared: try again later.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.passing("busy", "Caravel is stopping: try again later.", e);
    }
  }

  private void check(Path image) {
    try {
      if (Files.size(image) > maxUploadMb << 20) {
        throw Failure.lasting(
            "too-large",
            "The image is larger than the %d MB that CARAVEL_MAX_UPLOAD_MB allows: send a smaller one."
                .formatted(maxUploadMb));
      }
      PictureHeader.read(image).limit(maxMegapixels);
    } catch (IOException e) {
      throw Failure.passing(
          "disk-unavailable", "The image that was sent cannot be read back: look at the disk.", e);
    }
  }

  /** Beside the photo, under a name that no photo has. */
  private @Nullable Debug debug(Order order) {
    if (order.originalPath() == null) {
      return null;
    }
    if (!FOLDER.matcher(order.debugFolder()).matches()) {
      throw Failure.lasting(
          "bad-request",
          "image_debug_subdir names one folder, such as debug: without / and not beginning with a dot.");
    }
    try {
      Path asked = Path.of(order.originalPath());
      for (Path name : asked) {
        if (name.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
          throw new InvalidPathException(order.originalPath(), "a name that no file has");
        }
      }
      if (asked.getNameCount() > DEEPEST) {
        throw new InvalidPathException(order.originalPath(), "deeper than any folder");
      }
      Path disk = disk(order.originalDisk(), asked);
      Path photo = disk.resolve(asked).normalize();
      if (!photo.startsWith(disk) || photo.equals(disk)) {
        throw new InvalidPathException(order.originalPath(), "no path below its disk");
      }
      String root = disks.holding(disk);
      Path folder = disks.root(root).relativize(photo.resolveSibling(order.debugFolder()));
      return new Debug(
          disk, disks.place(root, folder.toString(), photo.getFileName() + ".faces.jpg"));
    } catch (InvalidPathException e) {
      throw Failure.lasting(
          "bad-request",
          "original_path is the photo's path below its disk, such as images/test.jpg, or begins with the disk's own path.",
          e);
    } catch (Failure e) {
      throw e.lasting() ? Failure.lasting("bad-request", String.valueOf(e.getMessage()), e) : e;
    }
  }

  /** The folder that the caller calls a disk, absolute. */
  private Path disk(@Nullable String named, Path photo) {
    if (named == null) {
      return disks.root(photo.isAbsolute() ? disks.holding(photo.normalize()) : "private");
    }
    return Path.of(named).isAbsolute() ? Path.of(named).normalize() : disks.root(named);
  }

  /**
   * The distances of an encoding to each candidate.
   *
   * @param body {@code {"encoding": [128], "candidates": [[128] …]}}, read as it comes
   * @throws Failure {@code bad-request}, {@code too-large}
   */
  public Compared compare(InputStream body) {
    turn(comparing);
    try {
      return compared(body);
    } finally {
      comparing.release();
    }
  }

  private Compared compared(InputStream body) {
    double[] encoding = null;
    List<double[]> candidates = null;
    try (JsonParser parser = json.createParser(new Limited(body, (long) compareMb << 20))) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw refused("The body is no JSON object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "encoding" -> {
            if (encoding != null) {
              throw refused("encoding stands there twice");
            }
            encoding = encoding(parser, "encoding");
          }
          case "candidates" -> {
            if (candidates != null) {
              throw refused("candidates stands there twice");
            }
            candidates = candidates(parser);
          }
          default -> parser.skipChildren();
        }
      }
      if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
        throw refused("The body is no single JSON object");
      }
    } catch (JsonProcessingException e) {
      throw refused(
          e instanceof JsonParseException
              ? "The body is no JSON: " + e.getOriginalMessage()
              : "The body cannot be read");
    } catch (IOException e) {
      throw refused("The body cannot be read");
    }
    if (encoding == null || candidates == null) {
      throw refused((encoding == null ? "encoding" : "candidates") + " is missing");
    }
    double[] distances = new double[candidates.size()];
    for (int i = 0; i < distances.length; i++) {
      distances[i] = distance(encoding, candidates.get(i));
    }
    return new Compared(distances);
  }

  private List<double[]> candidates(JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw refused("candidates is no array");
    }
    List<double[]> candidates = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      candidates.add(encoding(parser, "candidates[" + candidates.size() + "]"));
    }
    return candidates;
  }

  private static double[] encoding(JsonParser parser, String name) throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw refused(name + " is no array");
    }
    double[] encoding = new double[FaceFinder.ENCODING];
    int count = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (!parser.currentToken().isNumeric() || !(Math.abs(parser.getDoubleValue()) < LARGEST)) {
        throw refused(name + "[" + count + "] is no number, or none of an encoding");
      }
      if (count == encoding.length) {
        throw refused(name + " has more than 128 numbers");
      }
      encoding[count++] = parser.getDoubleValue();
    }
    if (count < encoding.length) {
      throw refused(name + " has " + count + " numbers instead of 128");
    }
    return encoding;
  }

  private static double distance(double[] one, double[] other) {
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += (one[i] - other[i]) * (one[i] - other[i]);
    }
    return Math.sqrt(sum);
  }

  private static Failure refused(String what) {
    return Failure.lasting(
        "bad-request",
        what + ": send {\"encoding\": [128 numbers], \"candidates\": [[128 numbers], …]}.");
  }

  /** {@code {"status": "ok", "mode": "cpu"}}, or the failure that says why no face can be found. */
  public Map<String, String> health() {
    search.ready();
    Map<String, String> health = new LinkedHashMap<>();
    health.put("status", "ok");
    health.put("mode", "cpu");
    return health;
  }

  /** A stream that ends with a failure where it is longer than allowed. */
  private static final class Limited extends InputStream {
    private final InputStream in;
    private final long most;
    private long left;

    private Limited(InputStream in, long most) {
      this.in = in;
      this.most = most;
      this.left = most;
    }

    @Override
    public int read() throws IOException {
      int read = in.read();
      count(read < 0 ? 0 : 1);
      return read;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      int read = in.read(bytes, from, length);
      count(Math.max(0, read));
      return read;
    }

    private void count(int read) {
      left -= read;
      if (left < 0) {
        throw Failure.lasting(
            "too-large",
            "The body is larger than %d MB: compare in several requests.".formatted(most >> 20));
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
