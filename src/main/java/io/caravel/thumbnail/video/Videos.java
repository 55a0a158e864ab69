package io.caravel.thumbnail.video;

import io.caravel.child.Child;
import io.caravel.ground.Failure;
import io.caravel.job.OwnTime;
import io.caravel.thumbnail.Posters;
import io.caravel.thumbnail.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has {@link PosterFrame} run in a process of its own, one at a time on this node. */
public final class Videos implements Posters {
  private static final Logger LOG = LoggerFactory.getLogger(Videos.class);
  private static final String FAT_JAR = "org.springframework.boot.loader.launch.JarLauncher";
  private static final int LEAST_BYTES = 100;

  /** SIGXCPU; SIGKILL at the hard limit. */
  private static final List<Integer> OUT_OF_TIME = List.of(Child.LATE, 128 + 24);

  private static final int CPU_SECONDS = 60;
  private static final Duration TIME = Duration.ofSeconds(150);

  /** Reserved by the JVM and never touched, and the libraries. */
  private static final int ADDRESSES_MB = 2500;

  /** The largest library that is unpacked has 25. */
  private static final int FILE_MB = 80;

  private final Path cache;
  private final int megabytes;
  private final Semaphore turn = new Semaphore(1, true);

  /**
   * @param cache this node's directory for native files
   * @param megabytes memory of the process
   */
  public Videos(Path cache, int megabytes) {
    this.cache = cache;
    this.megabytes = megabytes;
  }

  @Override
  public void extract(Path video, Path target) throws IOException {
    try {
      Child.End end =
          OwnTime.waiting(
                  () -> {
                    turn.acquire();
                    return true;
                  })
              ? run(video, target)
              : null;
      judge(video, target, Objects.requireNonNull(end));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Trouble.stopped(e);
    }
  }

  private Child.End run(Path video, Path target) throws IOException, InterruptedException {
    try {
      return Child.run(
          command(video),
          target,
          new Child.Limits(megabytes, ADDRESSES_MB, CPU_SECONDS, TIME, FILE_MB));
    } finally {
      turn.release();
    }
  }

  private List<String> command(Path video) {
    boolean fat =
        ClassLoader.getSystemResource(FAT_JAR.replace('.', '/') + ".class") != null
            && Videos.class.getResource("Videos.class").getProtocol().equals("jar")
            && Videos.class.getResource("Videos.class").toString().contains("nested:");
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx96m",
        "-Xss1m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:ErrorFile=/dev/null", // of a JVM that its limit of memory ended
        "-XX:ReservedCodeCacheSize=24m",
        "-XX:CompressedClassSpaceSize=24m",
        "-XX:-UsePerfData",
        "-Xshare:auto",
        "-Djava.awt.headless=true",
        "-Dorg.bytedeco.javacpp.cachedir=" + cache,
        "-Dorg.bytedeco.javacpp.maxbytes=0",
        "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
        "-cp",
        System.getProperty("java.class.path"),
        fat ? FAT_JAR : "io.caravel.Caravel",
        "poster",
        video.toString());
  }

  private static void judge(Path video, Path target, Child.End end) throws IOException {
    if (end.status() == 0 && Files.size(target) >= LEAST_BYTES) {
      return;
    }
    LOG.info(
        "{}: the film's decoder ended with {}: {}",
        video.getFileName(),
        end.status(),
        end.errors());
    IOException reason = new IOException(end.errors());
    if (OUT_OF_TIME.contains(end.status())) {
      throw Trouble.time(reason);
    }
    if (end.status() == PosterFrame.NO_MEMORY || end.errors().contains("Cannot allocate memory")) {
      throw Trouble.videoMemory(reason);
    }
    if (end.status() == PosterFrame.NO_CAGE || end.status() == 1 || end.status() == 127) {
      throw Failure.passing(
          "decoder-missing",
          "The program that takes pictures out of films cannot do its work here (%s): start with ./caravel run, which installs what it needs."
              .formatted(end.errors()),
          reason);
    }
    throw Failure.lasting(
        "undecodable",
        "No picture of this film can be decoded: the film is kept and can be downloaded; for a picture convert it to MP4 (H.264) and send that, too.",
        reason);
  }
}
