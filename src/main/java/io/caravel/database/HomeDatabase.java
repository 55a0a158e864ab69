package io.caravel.database;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.env.PropertyResolver;

/**
 * Where the embedded database lies, and what belongs to it below CARAVEL_HOME.
 *
 * @param home CARAVEL_HOME, absolute
 * @param name the database's path without its ending, absolute
 */
record HomeDatabase(Path home, String name) {
  private static final Pattern URL =
      Pattern.compile("jdbc:h2:(?!mem:|tcp:|ssl:|zip:|classpath:)(?:[a-zA-Z]+:)*([^;]+).*");

  /** The embedded database of these settings; none: it is a server, or lies in memory. */
  static Optional<HomeDatabase> of(PropertyResolver settings) {
    Path home = Path.of(settings.getProperty("caravel.home", "./data")).toAbsolutePath();
    Matcher url = URL.matcher(settings.getProperty("caravel.db.url", ""));
    return url.matches()
        ? Optional.of(
            new HomeDatabase(
                home.normalize(), Path.of(url.group(1)).toAbsolutePath().normalize().toString()))
        : Optional.empty();
  }

  /** H2's file. */
  Path file() {
    return Path.of(name + ".mv.db");
  }

  /**
   * What H2 would open: a compaction that was interrupted has left the whole database under this
   * name (MVStoreTool.compactCleanUp, 2.3.232).
   */
  Path opened() {
    Path compacted = Path.of(name + ".mv.db.newFile");
    return isThere(file()) || !isThere(compacted) ? file() : compacted;
  }

  /** How far the database has reached the disk: {@link Watermark}. */
  Path watermark() {
    return home.resolve("database.mark");
  }

  /** The copies of it. */
  Path copies() {
    return home.resolve("backup");
  }

  /** Whether something has that name, be it a link that leads nowhere. */
  static boolean isThere(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }
}
