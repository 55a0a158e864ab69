package io.caravel.face.dlib;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.face.FaceFinder.Face;
import io.caravel.face.FaceFinder.Found;
import io.caravel.photo.Corpus;
import io.caravel.thumbnail.Pictures.Pixels;
import io.caravel.thumbnail.vips.VipsPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What the service that Caravel replaces answered on the corpus, kept beside it. Tests skip where
 * it is absent.
 */
final class Reference {
  /** JavaCPP keeps the first directory it is given for as long as the JVM lives. */
  static final Path NATIVE =
      Path.of("target", "native-" + System.getProperty("test.fork", "1")).toAbsolutePath();

  private static final int LARGEST_SIDE = 2000;

  private Reference() {}

  /**
   * One photo's answer.
   *
   * @param photoWidth of the upright photo
   * @param resized whether the service scaled the photo down
   * @param width of the picture as it was searched
   * @param faces without scores
   */
  record Answer(
      String file, int photoWidth, boolean resized, int width, int height, List<Face> faces) {}

  /** Of the photos which that service could read, by their path within the corpus. */
  static Map<String, Answer> answers() throws IOException {
    Path file = Corpus.directory().resolve("../reference/faces.json");
    assumeTrue(Files.isRegularFile(file), "no answers to compare with at " + file);
    Map<String, Answer> answers = new TreeMap<>();
    for (Map.Entry<String, JsonNode> each :
        new ObjectMapper().readTree(file.toFile()).properties()) {
      if (!each.getValue().has("error")) {
        answers.put(each.getKey(), answer(each.getKey(), each.getValue()));
      }
    }
    return answers;
  }

  private static Answer answer(String file, JsonNode json) {
    List<Face> faces = new ArrayList<>();
    for (int i = 0; i < json.get("boxes_top_right_bottom_left").size(); i++) {
      JsonNode box = json.get("boxes_top_right_bottom_left").get(i);
      int left = box.get(3).asInt();
      int top = box.get(0).asInt();
      float[] encoding = new float[json.get("encodings").get(i).size()];
      for (int k = 0; k < encoding.length; k++) {
        encoding[k] = (float) json.get("encodings").get(i).get(k).asDouble();
      }
      faces.add(
          new Face(left, top, box.get(1).asInt() - left, box.get(2).asInt() - top, 0, encoding));
    }
    return new Answer(
        file,
        json.get("upright").get(0).asInt(),
        !json.get("pixels").equals(json.get("upright")),
        json.get("pixels").get(0).asInt(),
        json.get("pixels").get(1).asInt(),
        faces);
  }

  static VipsPictures pictures() {
    VipsPictures pictures = VipsPictures.load(NATIVE, (raw, to) -> Optional.empty(), 300, 2, 400);
    assumeTrue(pictures != null, "no libvips, or the program was built without it");
    return Objects.requireNonNull(pictures);
  }

  /** As the faces queue decodes a photo. */
  static Pixels decoded(VipsPictures pictures, String file) throws IOException {
    return pictures.decode(Corpus.directory().resolve(file), LARGEST_SIDE, false);
  }

  /**
   * The pixels that service searched: of all there are, upright, colour profiles left aside.
   *
   * @param scratch a directory for the PNG of them
   */
  static Pixels plain(VipsPictures pictures, String file, Path scratch)
      throws IOException, InterruptedException {
    Path png = Files.createTempFile(scratch, "upright", ".png");
    Process vips =
        new ProcessBuilder(
                "vips",
                "autorot",
                Corpus.directory().resolve(file).toString(),
                png + "[strip,compression=1]")
            .redirectErrorStream(true)
            .start();
    String said = new String(vips.getInputStream().readAllBytes());
    if (vips.waitFor() != 0) {
      throw new IOException(file + ": " + said);
    }
    Pixels pixels = pictures.decode(png, Integer.MAX_VALUE, false);
    Files.delete(png);
    return pixels;
  }

  static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
    }
    return Math.sqrt(sum);
  }

  /** A face of another search, in the pixels of the reference's. */
  static double[] box(Face face, Found found, Answer answer) {
    double x = (double) answer.width() / found.width();
    double y = (double) answer.height() / found.height();
    return new double[] {
      face.left() * x,
      face.top() * y,
      (face.left() + face.width()) * x,
      (face.top() + face.height()) * y
    };
  }

  static double[] box(Face face) {
    return new double[] {
      face.left(), face.top(), face.left() + face.width(), face.top() + face.height()
    };
  }

  /** The largest difference of an edge, in widths of the first. */
  static double edges(double[] box, double[] other) {
    double most = 0;
    for (int i = 0; i < box.length; i++) {
      most = Math.max(most, Math.abs(box[i] - other[i]));
    }
    return most / (box[2] - box[0]);
  }

  static double overlap(double[] a, double[] b) {
    double width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
    double height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
    double both = Math.max(0, width) * Math.max(0, height);
    return both / (area(a) + area(b) - both);
  }

  private static double area(double[] box) {
    return (box[2] - box[0]) * (box[3] - box[1]);
  }

  /** A photo's faces, however they are sought. */
  interface Look {
    Found at(Answer answer) throws Exception;
  }

  static Map<String, Found> all(Collection<Answer> photos, Look look) throws Exception {
    ExecutorService threads =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    try {
      Map<String, Future<Found>> futures = new TreeMap<>();
      for (Answer answer : photos) {
        futures.put(answer.file(), threads.submit(() -> look.at(answer)));
      }
      Map<String, Found> found = new TreeMap<>();
      for (Map.Entry<String, Future<Found>> each : futures.entrySet()) {
        found.put(each.getKey(), each.getValue().get());
      }
      return found;
    } finally {
      threads.shutdownNow();
    }
  }

  /** Of pairs of photos, whose nearest faces are one person or not: how many are told wrong. */
  static int wrongPairs(Map<String, Found> found, double threshold) throws IOException {
    int wrong = 0;
    List<String> lines = Files.readAllLines(Corpus.directory().resolve("pairs.csv"));
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",");
      boolean same = nearest(of(found, cells[0]), of(found, cells[1])) < threshold;
      if (same != cells[2].equals("yes")) {
        wrong++;
      }
    }
    return wrong;
  }

  private static Found of(Map<String, Found> found, String file) {
    return Objects.requireNonNull(found.get(file), file);
  }

  private static double nearest(Found a, Found b) {
    double least = Double.MAX_VALUE;
    for (Face one : a.faces()) {
      for (Face other : b.faces()) {
        least = Math.min(least, distance(one.encoding(), other.encoding()));
      }
    }
    return least;
  }
}
