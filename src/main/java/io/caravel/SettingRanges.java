package io.caravel;

import io.caravel.ground.CannotStart;
import java.util.Locale;
import java.util.Map;
import org.springframework.core.env.Environment;

/**
 * What numbers may be that decide how much is kept, read or deleted: beyond them a product
 * overflows, and a limit is none. Only what somebody set is looked at.
 */
final class SettingRanges {
  private record Range(long least, long most) {}

  private static final Map<String, Range> RANGES =
      Map.ofEntries(
          Map.entry("caravel.max-upload-mb", new Range(1, 1_000_000)),
          Map.entry("caravel.max-megapixels", new Range(1, 100_000)),
          Map.entry("caravel.keep-free-mb", new Range(0, 1_000_000_000)),
          Map.entry("caravel.trash-days", new Range(0, 100_000)),
          Map.entry("caravel.done-days", new Range(0, 100_000)),
          Map.entry("caravel.scrub-days", new Range(0, 100_000)),
          Map.entry("caravel.changes.days", new Range(1, 100_000)),
          Map.entry("caravel.backup.hours", new Range(0, 100_000)),
          Map.entry("caravel.backup.kept", new Range(1, 1_000)),
          Map.entry("caravel.face.compare-mb", new Range(1, 1_000)),
          Map.entry("caravel.face.api-wait-seconds", new Range(0, 3_600)),
          Map.entry("caravel.bodies-mb", new Range(1, 1_000)),
          Map.entry("caravel.memory.short-seconds", new Range(1, 86_400)),
          Map.entry("caravel.thumbnail.child-mb", new Range(64, 100_000)),
          Map.entry("caravel.video.child-mb", new Range(64, 100_000)),
          Map.entry("caravel.nominatim.period-ms", new Range(0, 86_400_000)));

  private SettingRanges() {}

  /**
   * @throws CannotStart one is no whole number or out of its range
   */
  static void check(Environment environment) {
    RANGES.forEach(
        (property, range) -> {
          String asked = environment.getProperty(property, "").strip();
          if (!asked.isEmpty() && !isIn(range, asked)) {
            throw CannotStart.mendFirst(
                "%s is \"%s\": give it a whole number from %d to %d."
                    .formatted(variable(property), asked, range.least(), range.most()));
          }
        });
  }

  private static boolean isIn(Range range, String asked) {
    try {
      long number = Long.parseLong(asked);
      return number >= range.least() && number <= range.most();
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static String variable(String property) {
    return property.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }
}
