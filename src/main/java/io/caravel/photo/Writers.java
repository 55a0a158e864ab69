package io.caravel.photo;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which files of a folder are open for writing by a process of this machine whose descriptors may
 * be seen: one's own user's, all for root. Of a network mount's other machines nothing is known,
 * and where there is no {@code /proc} neither. Thread-safe.
 */
final class Writers {
  /** Nobody has looked since: to be asked again. */
  static final String UNKNOWN = "";

  private static final Path PROCESSES = Path.of("/proc");

  /**
   * At most a tenth of the time is spent on looking through all descriptors, and a tenth of one
   * core.
   */
  private static final int REST = 10;

  private static final long LEAST_REST_NANOS = 1_000_000_000;

  private final Path folder;
  private Map<String, String> writers = Map.of();
  private long lookedAt = System.nanoTime();
  private long dueAt = lookedAt;

  Writers(Path folder) {
    this.folder = folder;
  }

  /**
   * Who has the file open for writing, such as {@code 4711 (cp)}, or {@link #UNKNOWN}; null: nobody
   * that is seen.
   *
   * @param quietSince of System.nanoTime, from when on nothing was written to it: who has it open
   *     now had it open then
   */
  synchronized @Nullable String of(Path file, long quietSince) throws IOException {
    long now = System.nanoTime();
    if (now - dueAt >= 0) {
      lookedAt = now;
      writers = look(folder.toRealPath().toString() + "/");
      long after = System.nanoTime();
      dueAt = after + Math.max(LEAST_REST_NANOS, REST * (after - now));
    }
    if (lookedAt - quietSince < 0) {
      return UNKNOWN;
    }
    return writers.isEmpty() ? null : writers.get(file.toRealPath().toString());
  }

  private static Map<String, String> look(String prefix) {
    Map<String, String> found = new HashMap<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
      for (Path process : processes) {
        try (DirectoryStream<Path> open = Files.newDirectoryStream(process.resolve("fd"))) {
          for (Path descriptor : open) {
            String target = Files.readSymbolicLink(descriptor).toString();
            if (target.startsWith(prefix) && isWritten(process, descriptor)) {
              String name = Files.readString(process.resolve("comm")).strip();
              found.put(target, process.getFileName() + " (" + Filenames.shown(name) + ")");
            }
          }
        } catch (IOException | RuntimeException e) {
          continue; // somebody else's, or over meanwhile
        }
      }
    } catch (IOException | RuntimeException e) {
      return Map.of(); // no /proc here
    }
    return found;
  }

  /** The flags of open(2), octal: O_WRONLY is 1, O_RDWR 2. */
  private static boolean isWritten(Path process, Path descriptor) throws IOException {
    for (String line :
        Files.readAllLines(process.resolve("fdinfo").resolve(descriptor.getFileName()))) {
      if (line.startsWith("flags:")) {
        return (Integer.parseInt(line.substring(6).strip(), 8) & 3) != 0;
      }
    }
    return false;
  }
}
