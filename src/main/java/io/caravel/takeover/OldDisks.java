package io.caravel.takeover;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.PropertyResolver;

/**
 * The disks of the old site among Caravel's storage roots. One that CARAVEL_DISKS does not name is
 * added for the time of the import; its owner is told to set it.
 *
 * @param names of the old disks, each with its storage root's
 * @param settings for this run
 */
record OldDisks(Map<String, String> names, Map<String, String> settings) {
  private static final String UPLOADS = "uploads";

  static Path home(PropertyResolver settings) {
    return Path.of(settings.getProperty("caravel.home", "./data")).toAbsolutePath().normalize();
  }

  /**
   * @throws OldTrouble a folder is not there, or a name is another storage root's
   */
  static OldDisks of(Map<String, String> asked, PropertyResolver settings) {
    Map<String, Path> roots = new LinkedHashMap<>();
    String set = settings.getProperty("caravel.disks", "");
    for (String disk : set.split(",")) {
      int equals = disk.indexOf('=');
      if (equals > 0) {
        Path root = Path.of(disk.substring(equals + 1).strip()).toAbsolutePath().normalize();
        roots.put(disk.substring(0, equals).strip(), root);
      }
    }
    Map<String, String> names = new HashMap<>();
    Map<String, Path> added = new LinkedHashMap<>();
    asked.forEach(
        (disk, folder) -> {
          Path root = Path.of(folder).toAbsolutePath().normalize();
          if (!Files.isDirectory(root)) {
            throw new OldTrouble(
                "There is no folder %s: --disk takes the name of an old disk and the folder that it is."
                    .formatted(root));
          }
          String name =
              roots.entrySet().stream()
                  .filter(each -> each.getValue().equals(root))
                  .map(Map.Entry::getKey)
                  .findFirst()
                  .orElse(disk);
          Path present = roots.putIfAbsent(name, root);
          if (present == null) {
            added.put(name, root);
          } else if (!present.equals(root)) {
            throw new OldTrouble(
                "CARAVEL_DISKS has another storage root called %s (%s): add the old disk to it under another name, such as site=%s."
                    .formatted(name, present, root));
          }
          names.put(disk, name);
        });
    return added.isEmpty()
        ? new OldDisks(names, Map.of())
        : new OldDisks(names, added(roots, added, settings));
  }

  private static Map<String, String> added(
      Map<String, Path> roots, Map<String, Path> added, PropertyResolver settings) {
    Map<String, String> changed = new LinkedHashMap<>();
    Path originals = home(settings).resolve("originals");
    if (added.containsKey(settings.getProperty("caravel.upload-disk", "private"))) {
      if (holdsAny(originals)) {
        throw new OldTrouble(
            "The storage root private is %s, where Caravel's own uploads lie: add the old disk to CARAVEL_DISKS under another name, such as site=%s."
                .formatted(originals, added.get("private")));
      }
      roots.putIfAbsent(UPLOADS, originals);
      changed.put("caravel.upload-disk", UPLOADS);
    } else {
      roots.putIfAbsent("private", originals);
    }
    changed.put(
        "caravel.disks",
        roots.entrySet().stream()
            .map(each -> each.getKey() + "=" + each.getValue())
            .collect(Collectors.joining(",")));
    return changed;
  }

  private static boolean holdsAny(Path originals) {
    if (!Files.isDirectory(originals)) {
      return false;
    }
    try (Stream<Path> names = Files.list(originals)) {
      return names.anyMatch(name -> name.getFileName().toString().matches("[0-9a-f]{2}"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Which settings Caravel is to be started with from now on, as a sentence; null: as before. */
  @Nullable String toBeSet() {
    return settings.isEmpty()
        ? null
        : "from now on start Caravel with "
            + settings.entrySet().stream()
                .map(
                    each ->
                        each.getKey().toUpperCase(java.util.Locale.ROOT).replaceAll("[.-]", "_")
                            + "="
                            + each.getValue())
                .collect(Collectors.joining(" "))
            + " (in its environment or caravel.env), or it does not find the files.";
  }
}
