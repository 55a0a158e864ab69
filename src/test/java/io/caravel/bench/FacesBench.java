package io.caravel.bench;

import io.caravel.face.dlib.DlibFaces;
import io.caravel.thumbnail.Pictures.Pixels;
import io.caravel.thumbnail.vips.VipsPictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;

/**
 * A photo's file to its faces' encodings, and the memory of this process over many small photos
 * through one engine.
 */
public final class FacesBench {
  private static final int LARGEST_SIDE = 2000;
  private static final int ROUNDS = 5;

  private FacesBench() {}

  /** {@code FacesBench MODELS SMALL_PHOTOS PHOTO ...}. */
  public static void main(String[] arguments) throws Exception {
    Path directory = Files.createTempDirectory("faces-bench-");
    VipsPictures pictures =
        Objects.requireNonNull(
            VipsPictures.load(directory.resolve("native"), (raw, to) -> Optional.empty(), 300, 1));
    try (DlibFaces faces = DlibFaces.load(directory.resolve("native"), Path.of(arguments[0]))) {
      System.out.println(faces.engine());
      List<String> photos = List.of(arguments).subList(2, arguments.length);
      for (String photo : photos) {
        fileToEncodings(pictures, faces, Path.of(photo));
      }
      memory(
          faces,
          pictures.decode(Path.of(photos.get(0)), 640, false),
          Integer.parseInt(arguments[1]));
    }
    System.exit(0);
  }

  private static void fileToEncodings(VipsPictures pictures, DlibFaces faces, Path photo)
      throws IOException {
    List<Double> decoding = new ArrayList<>();
    List<Double> finding = new ArrayList<>();
    int found = 0;
    for (int round = -1; round < ROUNDS; round++) {
      long start = System.nanoTime();
      Pixels pixels = pictures.decode(photo, LARGEST_SIDE, false);
      long decoded = System.nanoTime();
      found = faces.find(pixels).faces().size();
      if (round >= 0) {
        decoding.add((decoded - start) / 1e6);
        finding.add((System.nanoTime() - decoded) / 1e6);
      }
    }
    System.out.printf(
        "%s (%.1f MB, %d faces): decoding %.0f ms, finding and encoding %.0f ms%n",
        photo.getFileName(),
        Files.size(photo) / 1e6,
        found,
        Medians.of(decoding),
        Medians.of(finding));
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
