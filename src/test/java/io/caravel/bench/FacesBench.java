package io.caravel.bench;

import io.caravel.face.dlib.DlibFaces;
import io.caravel.thumbnail.Pictures.Pixels;
import io.caravel.thumbnail.vips.VipsPictures;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;

/**
 * A photo's file to its faces' encodings, by HOG and by YuNet in turns, in processor time of this
 * process; and its memory over many small photos through YuNet.
 */
public final class FacesBench {
  private static final double MEGAPIXELS = 2;
  private static final int ROUNDS = 5;

  private FacesBench() {}

  /** {@code FacesBench MODELS SMALL_PHOTOS PHOTO ...}. */
  public static void main(String[] arguments) throws Exception {
    Path directory = Files.createTempDirectory("faces-bench-");
    VipsPictures pictures =
        Objects.requireNonNull(
            VipsPictures.load(
                directory.resolve("native"), (raw, to) -> Optional.empty(), 300, 1, 400));
    Path cache = directory.resolve("native");
    Path models = Path.of(arguments[0]);
    List<String> photos = List.of(arguments).subList(2, arguments.length);
    try (DlibFaces hog = DlibFaces.load(cache, models);
        DlibFaces yunet = DlibFaces.withYuNet(cache, models, 0.8, MEGAPIXELS)) {
      System.out.printf("%s; %s%n", hog.engine(), yunet.engine());
      for (String photo : photos) {
        fileToEncodings(pictures, hog, yunet, Path.of(photo));
      }
    }
    try (DlibFaces yunet = DlibFaces.withYuNet(cache, models, 0.8, MEGAPIXELS)) {
      memory(
          yunet,
          pictures.decode(Path.of(photos.get(0)), 640, false),
          Integer.parseInt(arguments[1]));
    }
    System.exit(0);
  }

  /** What one detector took. */
  private static final class Taken {
    private final DlibFaces faces;
    private final List<Double> decoding = new ArrayList<>();
    private final List<Double> finding = new ArrayList<>();
    private int found;

    private Taken(DlibFaces faces) {
      this.faces = faces;
    }

    private void look(VipsPictures pictures, Path photo, boolean counts) throws IOException {
      double start = cpu();
      Pixels pixels = pictures.decode(photo, faces::longestSide, false);
      double decoded = cpu();
      found = faces.find(pixels).faces().size();
      if (counts) {
        decoding.add(decoded - start);
        finding.add(cpu() - decoded);
      }
    }

    private double all() {
      return Medians.of(decoding) + Medians.of(finding);
    }

    private String told() {
      return "%d faces, decoding %.0f, finding and encoding %.0f ms"
          .formatted(found, Medians.of(decoding), Medians.of(finding));
    }
  }

  private static double cpu() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime()
        / 1e6;
  }

  private static void fileToEncodings(
      VipsPictures pictures, DlibFaces hog, DlibFaces yunet, Path photo) throws IOException {
    Taken old = new Taken(hog);
    Taken now = new Taken(yunet);
    for (int round = -2; round < ROUNDS; round++) {
      old.look(pictures, photo, round >= 0);
      now.look(pictures, photo, round >= 0);
    }
    System.out.printf(
        "%s (%.1f MB): HOG %s; YuNet %s: %.1f times%n",
        photo.getFileName(),
        Files.size(photo) / 1e6,
        old.told(),
        now.told(),
        old.all() / now.all());
  }

  /** Parts of the photo, of many sizes. */
  private static void memory(DlibFaces faces, Pixels photo, int count) throws IOException {
    Random random = new Random(1);
    int found = 0;
    for (int i = 1; i <= count; i++) {
      int width = photo.width() - random.nextInt(photo.width() / 2);
      int height = photo.height() - random.nextInt(photo.height() / 2);
      byte[] rgb = new byte[3 * width * height];
      for (int y = 0; y < height; y++) {
        System.arraycopy(photo.rgb(), 3 * y * photo.width(), rgb, 3 * y * width, 3 * width);
      }
      found += faces.find(new Pixels(width, height, rgb, null)).faces().size();
      if (i == 100 || i == 1000 || i % 2000 == 0) {
        System.out.printf("%d photos, %d faces: RSS %d MB%n", i, found, rss());
      }
    }
  }

  private static long rss() throws IOException {
    String statm = Files.readString(Path.of("/proc/self/statm"));
    return Long.parseLong(statm.split(" ")[1]) * 4096 / 1_000_000;
  }
}
