package io.caravel.database;

import io.caravel.ground.CannotStart;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

/**
 * Lets the program not begin anew by mistake. H2 makes an empty database of a file that is missing
 * or empty, and an older one of a file that was cut off, and says nothing: people, names and the
 * trash would be gone. Looked at before the database is opened; nothing is written.
 *
 * <p>A file that H2 opens with all that had reached the disk is never refused: not one whose last
 * write was torn by a kill, and not a new one in a home that held none.
 */
class DatabaseGuard implements ApplicationContextInitializer<ConfigurableApplicationContext> {
  @Override
  public void initialize(ConfigurableApplicationContext context) {
    Environment settings = context.getEnvironment();
    HomeDatabase.of(settings)
        .ifPresent(
            database -> {
              // …/.incoming/node: DerivedSettings
              Path incoming = Path.of(settings.getRequiredProperty("caravel.incoming"));
              Path originals = incoming.resolve("../..").normalize();
              CannotStart refused = refusal(database, originals);
              if (refused != null) {
                throw refused;
              }
            });
  }

  /** Why the database must not be opened; null when it may. */
  static @Nullable CannotStart refusal(HomeDatabase database, Path originals) {
    if (Watermark.allowsNew(database) && !HomeDatabase.isThere(database.opened())) {
      return null;
    }
    Path file = database.opened();
    Optional<Watermark> mark = Watermark.read(database);
    boolean known = mark.isPresent() || Copies.in(database).iterator().hasNext();
    if (!HomeDatabase.isThere(file)) {
      return known
          ? refused(
              "the database %s is missing, although this CARAVEL_HOME has held one: %s."
                  .formatted(file, restore("put it back, or")))
          : null;
    }
    if (!Files.exists(file)) {
      return refused(
          "the database %s is a link to a file that is not there: mount what it leads to, or remove the link, then %s."
              .formatted(file, restore("")));
    }
    if (!Files.isRegularFile(file)) {
      return refused(
          "the database %s is no file, but something else of that name: %s."
              .formatted(file, restore("move it away, then")));
    }
    if (!Files.isReadable(file) || !Files.isWritable(file)) {
      return refused(
          "the database %s cannot be read and written by %s: give it back to its owner (chown, chmod)."
              .formatted(file, System.getProperty("user.name")));
    }
    try {
      boolean used = known || holdsOriginals(originals);
      return Files.size(file) == 0
          ? used
              ? refused(
                  "the database %s is empty (0 bytes), although this CARAVEL_HOME has been used: %s."
                      .formatted(file, restore("move it away, then")))
              : null
          : refusal(file, StoredDatabase.look(file), mark, used);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (StoredDatabase.NoRoom e) {
      return CannotStart.tryAgain(
          "the database %s was not closed in order and is to be read through first, by a copy for which there is no room: make room on its disk, %d MB at least."
              .formatted(file, (file.toFile().length() >> 20) + 1));
    } catch (StoredDatabase.InUse e) {
      return e.here()
          ? null
          : CannotStart.tryAgain(
              "the database %s is in use: another Caravel runs on this CARAVEL_HOME, or a program looks at it; stop that first."
                  .formatted(file));
    } catch (StoredDatabase.OfAnotherVersion e) {
      return refused(
          "the database %s was written by another version of H2 than this Caravel's (%s): start the Caravel that wrote it, or %s."
              .formatted(file, e.getMessage(), restore("move it away, then")));
    } catch (MVStoreException | IllegalArgumentException | IllegalStateException e) {
      return refused(
          "the database %s cannot be read, it is cut off or no database (%s): %s."
              .formatted(file, firstLine(e), restore("move it away, then")));
    }
  }

  private static @Nullable CannotStart refusal(
      Path file, StoredDatabase found, Optional<Watermark> mark, boolean used) {
    if (!found.tables()) {
      return used
          ? refused(
              "the database %s holds nothing, although this CARAVEL_HOME has been used, so it was cut off or written over: %s."
                  .formatted(file, restore("move it away, then")))
          : null;
    }
    boolean behind =
        mark.filter(known -> known.created() == found.created())
            .filter(known -> known.version() > found.version())
            .isPresent();
    return behind || !found.whole()
        ? refused(
            "the database %s lacks what had been written to it, so it was cut off or damaged: %s."
                .formatted(file, restore("move it away, then")))
        : null;
  }

  private static CannotStart refused(String sentence) {
    return CannotStart.mendFirst(sentence);
  }

  private static String restore(String before) {
    return (before + " \"./caravel restore\" lists the copies that can take its place").strip();
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static boolean holdsOriginals(Path originals) throws IOException {
    if (!Files.isDirectory(originals)) {
      return false;
    }
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(originals, "[0-9a-f][0-9a-f]")) {
      return folders.iterator().hasNext();
    }
  }
}
