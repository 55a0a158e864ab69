package io.caravel.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Room on the disk of the embedded database for what is under way when another program takes all of
 * it at one blow: a database that cannot write closes itself. A file beside it, that is deleted
 * when a write finds no room; with some again it is made anew. None with CARAVEL_KEEP_FREE_MB=0.
 */
@Component("reserve")
final class Reserve {
  private static final Logger LOG = LoggerFactory.getLogger(Reserve.class);

  private static final String ENDING = ".reserve";

  private final Optional<Path> file;
  private final long keepFree;

  /** Bytes: many times of what the workers and doors of a moment write. */
  static final int SIZE = 2 << 20;

  @Autowired
  Reserve(Environment settings, @Value("${caravel.keep-free-mb}") long keepFreeMb) {
    this(HomeDatabase.of(settings).map(database -> of(database.name())), keepFreeMb << 20);
  }

  Reserve(Optional<Path> file, long keepFree) {
    this.file = file;
    this.keepFree = keepFree;
  }

  /** The reserve of the database of this name, without its ending. */
  static Path of(String database) {
    return Path.of(database + ENDING);
  }

  /** Makes it if it is not there, and there is more room than is to be kept free. */
  public void keep() {
    if (keepFree > 0) {
      file.ifPresent(this::make);
    }
  }

  private void make(Path reserve) {
    Path folder = reserve.resolveSibling("");
    if (Files.exists(reserve) || folder.toFile().getUsableSpace() < keepFree + SIZE) {
      return;
    }
    Path unfinished = Path.of(reserve + ".part");
    byte[] content = new byte[SIZE];
    new Random().nextBytes(content); // a file system may need no room for zeros
    try {
      Files.write(unfinished, content);
      Files.move(unfinished, reserve, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.warn("The reserve {} cannot be made, and is tried again: {}", reserve, e.toString());
    }
  }

  /** Gives its room back to the disk; whether there was any. */
  static boolean release(Path reserve) {
    try {
      return Files.deleteIfExists(reserve);
    } catch (IOException e) {
      LOG.debug("The reserve cannot be deleted", e);
      return false;
    }
  }
}
