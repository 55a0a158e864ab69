package io.caravel.metadata;

import io.caravel.ground.Failure;
import io.caravel.photo.PictureHeader;
import io.caravel.photo.PictureType;
import io.caravel.photo.RawPreviews;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/**
 * Has ExifTool write all embedded pictures of a RAW file into a directory of their own, and keeps
 * the largest JPEG: which tag holds it differs by maker and model.
 *
 * @see <a href="https://exiftool.org/exiftool_pod.html#Input-output-text-formatting">-W</a>
 */
final class ExifToolPreviews implements RawPreviews, AutoCloseable {
  /** Of all the previews of a file together. */
  static final int BYTES_AT_MOST = 64 << 20;

  private static final int LOOK_MILLIS = 20;

  private static final List<String> TAGS =
      List.of("-JpgFromRaw", "-PreviewImage", "-OtherImage", "-ThumbnailImage");

  private final ExifToolStarter starter;
  private final Duration limit;
  private final int bytesAtMost;

  /**
   * @param command exiftool, or a path to it
   * @param config what it runs at its start; see exiftool/limits.config
   * @param limit for one file
   */
  ExifToolPreviews(String command, Path config, Duration limit, int bytesAtMost) {
    this.starter = new ExifToolStarter(command, config);
    this.limit = limit;
    this.bytesAtMost = bytesAtMost;
  }

  private record Candidate(Path file, PictureHeader header) {
    long pixels() {
      return (long) header.width() * header.height();
    }
  }

  @Override
  public Optional<Preview> extract(Path raw, Path target) {
    if (!raw.isAbsolute()) { // else it might begin like an option
      throw new IllegalArgumentException("Not an absolute path: " + raw);
    }
    Path room = null;
    try {
      room =
          Files.createTempDirectory(
              Objects.requireNonNull(target.toAbsolutePath().getParent()), ".previews-");
      Path previews = Files.createDirectory(room.resolve("previews"));
      Path said = room.resolve("orientation");
      run(arguments(raw), previews, said);
      Candidate largest = null;
      for (Candidate each : jpegs(previews)) {
        largest = largest == null || each.pixels() > largest.pixels() ? each : largest;
      }
      if (largest == null) {
        Files.deleteIfExists(target);
        return Optional.empty();
      }
      Preview preview =
          new Preview(largest.header().width(), largest.header().height(), orientation(said));
      Files.move(
          largest.file(),
          target,
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      return Optional.of(preview);
    } catch (IOException e) {
      throw Failure.passing(
          "disk-unavailable",
          "The preview of this RAW file cannot be written (%s): look at the disk for temporary files."
              .formatted(e.getMessage()),
          e);
    } finally {
      discard(room);
    }
  }

  @Override
  public void close() {
    starter.close();
  }

  /** Each picture into a file of its own, and the orientation to standard output. */
  private static List<String> arguments(Path raw) {
    List<String> arguments = new ArrayList<>(List.of("-q", "-q", "-b", "-a"));
    arguments.addAll(TAGS);
    // The tag's name, and a number where that is taken. ExifTool works in the directory of the
    // previews, whose path would be part of the format else, and a % in it a code.
    arguments.addAll(List.of("-W", "%t%-c.jpg", raw.toString(), "-execute"));
    arguments.addAll(List.of("-q", "-q", "-s3", "-n", "-IFD0:Orientation", raw.toString()));
    return arguments;
  }

  private void run(List<String> arguments, Path previews, Path output) throws IOException {
    Process process = start(arguments, previews, output);
    long end = System.nanoTime() + limit.toNanos();
    try {
      while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        refuseTooMuch(previews);
        if (System.nanoTime() - end > 0) {
          throw Failure.passing(
              "time-limit",
              "ExifTool took longer than %d s to take the preview out of this RAW file and was"
                      .formatted(limit.toSeconds())
                  + " stopped. If that happens again, the file is likely damaged: look at it with"
                  + " `exiftool -v3`.");
        }
      }
      refuseTooMuch(previews);
      if (process.exitValue() == 1 && Files.readString(errors(output)).contains("Out of memory")) {
        throw Failure.lasting(
            "memory-limit",
            "ExifTool needs more than the %d MB of memory it may have to take the preview out of this RAW"
                    .formatted(ExifToolStarter.MEMORY_MB)
                + " file: open it in a photo editor, save it as a JPEG and send that, too.");
      }
      if (process.exitValue() > 1) { // 1: it could make nothing of the file
        throw Failure.passing(
            "exiftool-failed",
            "ExifTool ended (%d) while it took the preview out of this RAW file. If that happens"
                    .formatted(process.exitValue())
                + " again, try `exiftool` on the original by hand to see why.");
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    } finally {
      // Dead before its directory is deleted; a killed process that lasts hangs on the disk.
      process.destroyForcibly().onExit().completeOnTimeout(process, 5, TimeUnit.SECONDS).join();
    }
  }

  private Process start(List<String> arguments, Path previews, Path output) {
    try {
      return starter.start(
          arguments,
          previews,
          ProcessBuilder.Redirect.to(output.toFile()),
          ProcessBuilder.Redirect.to(errors(output).toFile()));
    } catch (IOException e) {
      throw Failure.passing(
          "exiftool-missing",
          "ExifTool cannot be started (%s). Install it (Debian: apt-get install"
                  .formatted(e.getMessage())
              + " libimage-exiftool-perl) or name it in caravel.exiftool.command; then try again.",
          e);
    } catch (InterruptedException | RejectedExecutionException e) {
      throw interrupted(e);
    }
  }

  private static Path errors(Path output) {
    return output.resolveSibling("errors");
  }

  private static Failure interrupted(Exception e) {
    if (e instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return Failure.passing(
        "interrupted", "The work was stopped before it was done: it will be tried again.", e);
  }

  private void refuseTooMuch(Path previews) throws IOException {
    long bytes = 0;
    for (Path each : files(previews)) {
      bytes += Files.size(each);
    }
    if (bytes > bytesAtMost) {
      throw Failure.lasting(
          "exiftool-failed",
          "This RAW file holds previews of more than %d MB, which is none of a camera: open it in a"
                  .formatted(bytesAtMost >> 20)
              + " photo editor, save it as a JPEG and send that, too.");
    }
  }

  private static List<Candidate> jpegs(Path previews) throws IOException {
    List<Candidate> jpegs = new ArrayList<>();
    for (Path file : files(previews)) {
      try {
        PictureHeader header = PictureHeader.read(file);
        if (header.type() == PictureType.JPEG) {
          jpegs.add(new Candidate(file, header));
        }
      } catch (Failure e) {
        // Not a picture: a preview may be in a form of the maker's own.
      }
    }
    return jpegs;
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.sorted().toList();
    }
  }

  private static int orientation(Path said) throws IOException {
    String text = Files.readString(said).strip();
    return text.matches("[1-8]") ? Integer.parseInt(text) : 1;
  }

  private static void discard(@Nullable Path room) {
    if (room != null) {
      FileSystemUtils.deleteRecursively(room.toFile());
    }
  }
}
