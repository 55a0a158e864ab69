package io.caravel.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The copies of a database in $CARAVEL_HOME/backup. */
final class Copies {
  private static final Pattern NAME =
      Pattern.compile("caravel-(\\d{4,})-(\\d{4}-\\d\\d-\\d\\d)\\.mv\\.db");

  private Copies() {}

  /**
   * One copy.
   *
   * @param number counts the copies: their order, whatever the clock said
   * @param date when it was made, as the clock said
   */
  record Copy(long number, String date, Path file) {}

  /** All copies, the newest first. */
  static List<Copy> in(HomeDatabase database) {
    List<Copy> copies = new ArrayList<>();
    if (Files.isDirectory(database.copies())) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(database.copies(), "*.mv.db")) {
        for (Path file : files) {
          Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
          if (name.matches()) {
            copies.add(new Copy(Long.parseLong(name.group(1)), name.group(2), file));
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    copies.sort(Comparator.comparingLong(Copy::number).reversed());
    return copies;
  }

  /** The name of the copy after these, made on a date such as 2026-11-29. */
  static String next(List<Copy> copies, String date) {
    long last = copies.isEmpty() ? 0 : copies.get(0).number();
    return "caravel-%04d-%s.mv.db".formatted(last + 1, date);
  }
}
