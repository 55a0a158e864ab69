package io.caravel;

import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * {@code backup FILE}: a copy of the embedded database while Caravel runs, with all that it has
 * answered before. It is asked for as {@link Reach} says. FILE takes its name when it is whole and
 * on the disk, in place of one that is there.
 */
final class Backup {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration LONGEST = Duration.ofHours(2);

  private final Reach caravel;
  private final PrintStream out;

  private Backup(Reach caravel, PrintStream out) {
    this.caravel = caravel;
    this.out = out;
  }

  /**
   * @param arguments what follows the word backup
   * @param settings environment variables
   * @return the exit status: 1 when there is no copy, with a sentence why; 2 for no file or several
   */
  static int run(List<String> arguments, Map<String, String> settings, PrintStream out) {
    if (arguments.size() != 1 || arguments.get(0).startsWith("-")) {
      out.println("caravel: usage: ./caravel backup FILE");
      return 2;
    }
    Backup backup = new Backup(new Reach(settings), out);
    Path file = Path.of(arguments.get(0)).toAbsolutePath().normalize();
    try {
      return backup.take(file);
    } catch (ConnectException e) {
      return backup.refuse(
          "no Caravel answers at %s: start it, or set CARAVEL_ADDRESS and CARAVEL_PORT as for run. While it is stopped, $CARAVEL_HOME/database/caravel.mv.db can be copied as it is."
              .formatted(backup.caravel.base()));
    } catch (FileSystemException e) {
      return backup.refuse("%s cannot be written: %s.".formatted(file, e));
    } catch (IOException e) {
      return backup.refuse(
          "the copy from %s broke off: %s.".formatted(backup.caravel.base(), e.getMessage()));
    } catch (IllegalArgumentException e) {
      return backup.refuse(
          "%s is no address that can be asked: set CARAVEL_ADDRESS and CARAVEL_PORT as for run."
              .formatted(backup.caravel.base()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private int take(Path file) throws IOException, InterruptedException {
    if (Files.isDirectory(file)) {
      return refuse(file + " is a folder: name a file.");
    }
    if (Files.exists(file) && !isFree(file)) { // the database itself, which would be lost
      return refuse(
          file + " is a file that a program works with, and is left as it is: name another.");
    }
    Path folder = Objects.requireNonNull(file.getParent());
    Path part = Files.createTempFile(folder, ".caravel-backup", ".part"); // readable by its owner
    try {
      HttpResponse<String> answer =
          HttpClient.newBuilder()
              .connectTimeout(PATIENCE)
              .build()
              .send(
                  caravel.request("/api/backup").timeout(LONGEST).build(),
                  head -> head.statusCode() == 200 ? into(part) : words());
      if (answer.statusCode() != 200) {
        return refuse(caravel.refusal(answer));
      }
      long bytes = sync(part);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      sync(folder);
      out.printf(
          "caravel: %s is the database as it was when this began (%.1f MB): now copy the originals, and keep both elsewhere.%n",
          file, bytes / 1e6);
      return 0;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** Whether nobody has locked it, as a program has its database. */
  private static boolean isFree(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock != null;
    } catch (AccessDeniedException e) {
      return true; // a copy that was made read-only; a program may write its database
    }
  }

  private static BodySubscriber<String> into(Path part) {
    return BodySubscribers.mapping(
        BodySubscribers.ofFile(part, StandardOpenOption.WRITE), written -> "");
  }

  private static BodySubscriber<String> words() {
    return BodySubscribers.ofString(StandardCharsets.UTF_8);
  }

  /** Has a file or a folder reach the disk; returns its length. */
  private static long sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
      return channel.size();
    }
  }

  private int refuse(String sentence) {
    out.println("caravel: " + sentence);
    return 1;
  }
}
