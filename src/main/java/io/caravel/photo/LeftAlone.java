package io.caravel.photo;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * What lies in folders and is nobody's photo: what systems, NAS boxes and tools put there. It is
 * left where it is, and each kind is said once. Thread-safe.
 */
@Component("leftAlone")
final class LeftAlone {
  private static final Logger LOG = LoggerFactory.getLogger(LeftAlone.class);

  private static final Set<String> NAMES =
      Set.of(
          "thumbs.db",
          "desktop.ini",
          "ehthumbs.db",
          "@eadir", // Synology's thumbnails
          "#recycle", // Synology
          "@recycle", // QNAP
          "@recently-snapshot", // QNAP
          "$recycle.bin", // Windows
          "recycler",
          "system volume information",
          "lost+found",
          "__macosx");

  private final Set<String> told = ConcurrentHashMap.newKeySet();

  /**
   * The kind of a name that is left alone: its first part that is such a one, or {@code .*}, {@code
   * ._*}; null: none is.
   */
  static @Nullable String kind(Path name) {
    for (Path part : name) {
      String text = part.toString();
      if (text.startsWith(".")) {
        return text.startsWith("._") ? "._*" : ".*"; // macOS on another's disk: one for each file
      }
      if (NAMES.contains(text.toLowerCase(Locale.ROOT))) {
        return text;
      }
    }
    return null;
  }

  /** Whether a name below the inbox is left alone. */
  boolean is(Path name) {
    String kind = kind(name);
    if (kind == null) {
      return false;
    }
    if (told.add(kind)) {
      LOG.info(
          "inbox: {} is left alone, and so is whatever else is called {}.",
          Filenames.shown(name),
          Filenames.shown(kind));
    }
    return true;
  }
}
