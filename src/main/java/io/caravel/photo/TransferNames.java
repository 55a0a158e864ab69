package io.caravel.photo;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The names under which transfer tools write what is not whole yet, and rename at the end. Those
 * that begin with a dot (rsync, Syncthing, Android, lftp, GNOME) are hidden and left alone anyway.
 */
final class TransferNames {
  private static final List<String> ENDINGS =
      List.of(
          ".filepart", // WinSCP
          ".part", // Firefox, Nextcloud, ownCloud, KDE, many more
          ".partial", // rclone, Internet Explorer
          ".crdownload", // Chromium
          ".download", // Safari
          ".opdownload", // Opera
          ".tmp",
          ".temp",
          ".incomplete",
          ".unfinished",
          ".cyberduckpart",
          ".dtapart", // DownThemAll
          ".aria2", // beside the file that is under way
          ".!ut", // torrents
          ".!qb",
          ".!bt",
          ".bc!",
          ".!sync", // Resilio
          ".gstmp", // Google Drive
          ".seaftmp"); // Seafile

  private static final String SYNCTHING = "~syncthing~";
  private static final String ARIA2 = ".aria2";
  private static final String SAFARI = ".download";

  private TransferNames() {}

  /**
   * What a name shows that it is one of a transfer under way; null for any other.
   *
   * @param file absolute, for what lies beside it
   * @param name below the inbox; Safari writes into a folder of such a name
   */
  static @Nullable String sign(Path file, Path name) {
    String last = lower(name.getFileName());
    if (last.startsWith(SYNCTHING)) {
      return SYNCTHING;
    }
    for (String ending : ENDINGS) {
      if (last.endsWith(ending)) {
        return ending;
      }
    }
    for (Path folder = name.getParent(); folder != null; folder = folder.getParent()) {
      if (lower(folder.getFileName()).endsWith(SAFARI)) {
        return SAFARI;
      }
    }
    Path beside = file.resolveSibling(file.getFileName() + ARIA2);
    return Files.exists(beside, LinkOption.NOFOLLOW_LINKS) ? ARIA2 : null;
  }

  private static String lower(Path name) {
    return name.toString().toLowerCase(Locale.ROOT);
  }
}
