package io.caravel.takeover;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an import was asked for.
 *
 * @param source a dump's file, or the address of a database
 * @param disks the names of the old disks, each with its folder
 * @param columns of the table images, by what they say
 * @param dryRun whether nothing is to be written
 * @param follow whether it goes on until it is ended
 * @param searched whether images without faces were searched for them, too
 */
record Wish(
    String source,
    Map<String, String> disks,
    Map<String, String> columns,
    boolean dryRun,
    boolean follow,
    boolean searched) {
  private static final String USAGE =
      "import takes a dump or the address of a database, and each disk of the old site: import DUMP.sql|jdbc:mysql://… --disk private=DIR [--dry-run] [--follow] [--searched] [--column file=NAME].";

  /**
   * @throws OldTrouble they cannot be understood
   */
  static Wish of(List<String> arguments) {
    String source = null;
    Map<String, String> disks = new TreeMap<>();
    Map<String, String> columns = new TreeMap<>();
    boolean dryRun = false;
    boolean follow = false;
    boolean searched = false;
    for (Iterator<String> all = arguments.iterator(); all.hasNext(); ) {
      String argument = all.next();
      switch (argument) {
        case "--disk" -> put(disks, argument, all);
        case "--column" -> put(columns, argument, all);
        case "--dry-run" -> dryRun = true;
        case "--follow" -> follow = true;
        case "--searched" -> searched = true;
        default -> {
          if (argument.startsWith("-") || source != null) {
            throw new OldTrouble("import does not know \"%s\". %s".formatted(argument, USAGE));
          }
          source = argument;
        }
      }
    }
    if (source == null || disks.isEmpty() || dryRun && follow) {
      throw new OldTrouble(USAGE);
    }
    return new Wish(source, disks, columns, dryRun, follow, searched);
  }

  /** Reads what follows an option, NAME=VALUE. */
  static void put(Map<String, String> into, String option, Iterator<String> rest) {
    @Nullable String pair = rest.hasNext() ? rest.next() : null;
    int equals = pair == null ? -1 : pair.indexOf('=');
    if (pair == null || equals < 1 || equals == pair.length() - 1) {
      throw new OldTrouble("%s takes NAME=VALUE. %s".formatted(option, USAGE));
    }
    into.put(pair.substring(0, equals), pair.substring(equals + 1));
  }
}
