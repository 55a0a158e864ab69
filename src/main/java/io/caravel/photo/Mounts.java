package io.caravel.photo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where another file system begins below a folder: a rename does not cross that. */
final class Mounts {
  private static final Path TABLE = Path.of("/proc/self/mountinfo");
  private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

  private Mounts() {}

  /**
   * The folder between {@code above} and a file in which the file's own file system begins: its
   * mount point, or where the device changes (a subvolume); the file's own folder where neither is
   * seen, for within that one a rename works.
   */
  static Path of(Path file, Path above) throws IOException {
    Path real = above.toRealPath();
    Path below = parent(real.resolve(above.relativize(file)));
    Path found = real;
    for (String line : lines()) {
      String[] fields = line.split(" ", 6); // proc(5): the fifth is the mount point
      Path point = Path.of(fields.length < 6 ? "/" : unescaped(fields[4]));
      if (below.startsWith(point) && point.getNameCount() > found.getNameCount()) {
        found = point;
      }
    }
    Path child = below;
    for (Path each = below; found.equals(real) && each.startsWith(real); each = parent(each)) {
      if (!device(each).equals(device(below))) {
        found = child;
      }
      child = each;
    }
    return above.resolve(real.relativize(found.equals(real) ? below : found));
  }

  private static List<String> lines() throws IOException {
    // Not strictly: the name of somebody else's mount point may be no UTF-8.
    return Files.isReadable(TABLE)
        ? new String(Files.readAllBytes(TABLE), StandardCharsets.UTF_8).lines().toList()
        : List.of();
  }

  private static Path parent(Path folder) {
    return Objects.requireNonNull(folder.getParent(), "a root has no parent");
  }

  private static Object device(Path folder) throws IOException {
    return Files.getAttribute(folder, "unix:dev");
  }

  private static String unescaped(String field) {
    return OCTAL
        .matcher(field)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(
                    String.valueOf((char) Integer.parseInt(found.group(1), 8))));
  }
}
