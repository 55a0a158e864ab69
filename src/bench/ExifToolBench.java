import io.caravel.metadata.ExifToolPool;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** Run by exiftool-bench: arguments are the number of photos and of rounds. */
public class ExifToolBench {
  private static final List<String> TAGS =
      List.of(
          "-Make=Maker",
          "-Model=Model",
          "-DateTimeOriginal=2021:07:01 12:34:56",
          "-OffsetTimeOriginal=+02:00",
          "-ExposureTime=1/125",
          "-FNumber=2.8",
          "-ISO=200",
          "-FocalLength=35",
          "-GPSLatitude=52.5",
          "-GPSLatitudeRef=N",
          "-GPSLongitude=13.4",
          "-GPSLongitudeRef=E",
          "-XMP-dc:Title=A title");

  public static void main(String[] arguments) throws Exception {
    int count = Integer.parseInt(arguments[0]);
    int rounds = Integer.parseInt(arguments[1]);
    Path directory = Files.createTempDirectory("exiftool-bench");
    List<String> asked = shipped();
    ExifToolPool.Settings settings =
        new ExifToolPool.Settings(
            "exiftool",
            Path.of("exiftool/limits.config"),
            asked,
            1,
            500,
            Duration.ofSeconds(30),
            8 << 20);
    try (ExifToolPool pool = new ExifToolPool(settings)) {
      List<String> photos = photos(directory, count);
      pool.read(List.of(photos.get(0)));
      double[] alone = new double[rounds];
      double[] pooled = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        long start = System.nanoTime();
        for (String photo : photos) {
          ownProcess(asked, photo);
        }
        long middle = System.nanoTime();
        for (String photo : photos) {
          pool.read(List.of(photo));
        }
        alone[round] = (middle - start) / 1e6 / count;
        pooled[round] = (System.nanoTime() - middle) / 1e6 / count;
      }
      double one = median(alone);
      double many = median(pooled);
      System.out.printf(
          "%d photos, median of %d rounds: a process a photo %.1f ms, the pool %.2f ms, ratio %.1f%n",
          count, rounds, one, many, one / many);
    } finally {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static double median(double[] times) {
    Arrays.sort(times);
    return times[times.length / 2];
  }

  private static List<String> shipped() throws IOException {
    return Files.readAllLines(Path.of("exiftool/photo.args")).stream()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .toList();
  }

  private static void ownProcess(List<String> asked, String photo) throws Exception {
    List<String> line = new ArrayList<>(List.of("exiftool", "-config", ""));
    line.addAll(asked);
    line.add(photo);
    Process process =
        new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    process.getInputStream().readAllBytes();
    if (process.waitFor() != 0) {
      throw new IOException("exiftool failed on " + photo);
    }
  }

  private static List<String> photos(Path directory, int count) throws Exception {
    Random random = new Random(1);
    List<String> photos = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      BufferedImage picture = new BufferedImage(640, 480, BufferedImage.TYPE_INT_RGB);
      for (int point = 0; point < 20_000; point++) {
        picture.setRGB(random.nextInt(640), random.nextInt(480), random.nextInt());
      }
      Path photo = directory.resolve(i + ".jpg");
      ImageIO.write(picture, "jpg", photo.toFile());
      photos.add(photo.toString());
    }
    List<String> line = new ArrayList<>(List.of("exiftool", "-q", "-overwrite_original"));
    line.addAll(TAGS);
    line.addAll(photos);
    if (new ProcessBuilder(line).inheritIO().start().waitFor() != 0) {
      throw new IOException("exiftool could not write the tags");
    }
    return photos;
  }
}
