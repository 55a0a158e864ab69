package io.caravel.takeover;

import java.io.PrintStream;
import java.util.HashSet;
import java.util.Set;

/** What did not come over, or came over otherwise than it was: each told once. */
final class Remarks {
  private final PrintStream out;
  private final Set<String> told = new HashSet<>();

  Remarks(PrintStream out) {
    this.out = out;
  }

  /**
   * @param what a whole sentence
   */
  void tell(String table, String id, String what) {
    String line = table + " " + id + ": " + what;
    if (told.add(line)) {
      out.println("  " + line);
    }
  }

  void tell(String table, long id, String what) {
    tell(table, Long.toString(id), what);
  }

  /** How many there are so far. */
  int count() {
    return told.size();
  }
}
