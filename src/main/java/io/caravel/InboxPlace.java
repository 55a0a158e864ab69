package io.caravel;

import io.caravel.ground.CannotStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.springframework.core.env.Environment;

/**
 * Where the inbox may lie: what lies in it is taken away, so it holds nothing of Caravel's own, and
 * lies in nothing of it.
 */
final class InboxPlace {
  private static final List<String> OWN =
      List.of(
          "originals",
          "thumbnails",
          "debug",
          "database",
          "backup",
          "nodes",
          "native",
          "scratch",
          "rehearsals");

  private InboxPlace() {}

  /**
   * @throws CannotStart the inbox would take in what is no photo that somebody dropped
   */
  static void check(Environment environment, Path home, Path inbox) {
    Path real = real(inbox);
    others(environment, home)
        .forEach(
            (name, folder) -> {
              if (real(folder).startsWith(real)) {
                throw CannotStart.mendFirst(
                    "CARAVEL_INBOX %s holds %s (%s), whose files it would take away: name a folder that holds nothing else."
                        .formatted(inbox, name, folder));
              }
            });
    Path uploads = uploads(environment, home);
    if (real.startsWith(real(uploads)) && !real.startsWith(real(home))) {
      throw CannotStart.mendFirst(
          "CARAVEL_INBOX %s lies in %s, into which uploads go: name another folder."
              .formatted(inbox, uploads));
    }
    for (String own : OWN) {
      if (real.startsWith(real(home.resolve(own)))) {
        throw CannotStart.mendFirst(
            "CARAVEL_INBOX %s lies in %s, which is Caravel's own: name another folder."
                .formatted(inbox, home.resolve(own)));
      }
    }
  }

  /** Uploads land in it, under names of Caravel's own. */
  private static Path uploads(Environment environment, Path home) {
    String disk = environment.getProperty("caravel.upload-disk", "private").strip();
    return others(environment, home).getOrDefault("the disk " + disk, home.resolve("originals"));
  }

  private static Map<String, Path> others(Environment environment, Path home) {
    Map<String, Path> others = new LinkedHashMap<>();
    others.put("CARAVEL_HOME", home);
    for (String disk : environment.getProperty("caravel.disks", "").split(",")) {
      int at = disk.indexOf('=');
      if (at > 0) {
        others.put(
            "the disk " + disk.substring(0, at).strip(), Path.of(disk.substring(at + 1).strip()));
      }
    }
    String log = environment.getProperty("caravel.log-dir", "");
    if (!log.isBlank()) {
      others.put("CARAVEL_LOG_DIR", Path.of(log));
    }
    return others;
  }

  /** As far as it is there, without links. */
  private static Path real(Path folder) {
    Path whole = folder.toAbsolutePath().normalize();
    for (Path there = whole; there != null; there = there.getParent()) {
      if (Files.exists(there)) {
        try {
          return there.toRealPath().resolve(there.relativize(whole));
        } catch (IOException e) {
          return whole; // told when it is looked into
        }
      }
    }
    return Objects.requireNonNull(whole);
  }
}
