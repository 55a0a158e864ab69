package io.caravel.bench;

import io.caravel.ground.Failure;
import io.caravel.photo.PictureHeader;
import io.caravel.thumbnail.Mutants;
import io.caravel.thumbnail.ThumbnailSpec;
import io.caravel.thumbnail.ThumbnailatorThumbnailer;
import io.caravel.thumbnail.Thumbnailer.Target;
import io.caravel.thumbnail.vips.VipsPictures;
import io.caravel.thumbnail.vips.VipsThumbnailer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.springframework.util.FileSystemUtils;

/**
 * Damaged copies of the photos of a directory, all made into thumbnails by one JVM on two threads:
 * each must end, and neither descriptors, files nor memory may grow.
 */
public final class MutantsBench {
  private static final int MEGAPIXELS = 40;

  private MutantsBench() {}

  /** {@code MutantsBench COUNT DIRECTORY [SEED]}. */
  public static void main(String[] arguments) throws Exception {
    int count = Integer.parseInt(arguments[0]);
    long seed = arguments.length > 2 ? Long.parseLong(arguments[2]) : System.nanoTime();
    List<Path> photos;
    try (Stream<Path> files = Files.walk(Path.of(arguments[1]))) {
      photos = files.filter(file -> small(file)).sorted().toList();
    }
    Path directory = Files.createTempDirectory("mutants-");
    VipsThumbnailer thumbnailer =
        new VipsThumbnailer(
            Objects.requireNonNull(
                VipsPictures.load(
                    directory.resolve("native"),
                    (raw, to) -> Optional.empty(),
                    MEGAPIXELS,
                    2,
                    400)),
            new ThumbnailatorThumbnailer(82),
            82);
    Map<String, AtomicInteger> ends = new ConcurrentHashMap<>();
    ExecutorService workers = Executors.newFixedThreadPool(2);
    System.out.printf("%d mutants of %d photos, seed %d%n", count, photos.size(), seed);
    int quarter = Math.max(1, count / 4);
    for (int done = 0; done < count; done += quarter) {
      List<Callable<Void>> work = new ArrayList<>();
      for (int i = done; i < Math.min(count, done + quarter); i++) {
        int number = i;
        work.add(
            () -> {
              Random random = new Random(seed + number);
              Path photo = photos.get(random.nextInt(photos.size()));
              end(thumbnailer, directory, photo, number, random, ends);
              return null;
            });
      }
      for (Future<Void> each : workers.invokeAll(work)) {
        each.get();
      }
      System.gc();
      System.out.printf(
          "after %d: %d descriptors, %d files, RSS %d MB%n",
          Math.min(count, done + quarter),
          Objects.requireNonNull(new java.io.File("/proc/self/fd").list()).length,
          files(directory),
          HeapGrowth.residentKilobytes(ProcessHandle.current().pid()) / 1024);
    }
    workers.shutdown();
    System.out.println(new TreeMap<>(ends));
    FileSystemUtils.deleteRecursively(directory);
    System.exit(0);
  }

  /** Mutants of a few large photos would say no more and take long. */
  private static boolean small(Path file) {
    String name = String.valueOf(file.getFileName());
    return Files.isRegularFile(file)
        && file.toFile().length() < 1_500_000
        && !name.endsWith(".csv")
        && !name.endsWith(".md");
  }

  private static void end(
      VipsThumbnailer thumbnailer,
      Path directory,
      Path photo,
      int number,
      Random random,
      Map<String, AtomicInteger> ends)
      throws IOException {
    Path mutant = directory.resolve(number + ".mutant");
    Path thumbnail = directory.resolve(number + ".jpg");
    String end;
    try {
      byte[] whole = Files.readAllBytes(photo);
      Files.write(mutant, whole.length == 0 ? whole : Mutants.of(whole, random));
      PictureHeader header = PictureHeader.read(mutant);
      header.limit(MEGAPIXELS);
      String damage =
          thumbnailer
              .make(
                  mutant,
                  List.of(new Target(ThumbnailSpec.parse("cover:300x300"), thumbnail)),
                  false)
              .damage();
      end = damage == null ? "whole" : "damaged";
    } catch (Failure e) {
      end = "failed " + e.cause();
    } catch (RuntimeException e) {
      System.out.printf("mutant %d of %s: %s%n", number, photo.getFileName(), e);
      end = "UNEXPECTED " + e.getClass().getSimpleName();
    }
    ends.computeIfAbsent(end, key -> new AtomicInteger()).incrementAndGet();
    Files.deleteIfExists(mutant);
    Files.deleteIfExists(thumbnail);
  }

  private static long files(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.startsWith(directory.resolve("native").resolve("target")))
          .count();
    }
  }
}
