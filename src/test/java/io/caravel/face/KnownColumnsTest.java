package io.caravel.face;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whoever of Caravel writes into a face writes what is known of it, too: else it hears itself. */
class KnownColumnsTest {
  private static final Pattern UPDATE =
      Pattern.compile(
          "update faces set\\s(.*?)\\swhere\\s", Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

  private static final Pattern COLUMN =
      Pattern.compile("(?<![a-z_])(parent_id|name|status|deleted_at)\\s*=");

  /** Export writes for another program's table of that name. */
  private static boolean isOurs(Path file) {
    return file.toString().endsWith(".java") && !file.endsWith("takeover/Export.java");
  }

  @Test
  void eachStatementThatWritesAFaceWritesWhatIsKnownOfIt() throws IOException {
    List<String> statements = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      for (Path file : files.filter(KnownColumnsTest::isOurs).toList()) {
        Matcher update = UPDATE.matcher(Files.readString(file));
        while (update.find()) {
          statements.add(update.group(1));
        }
      }
    }
    assertThat(statements).hasSizeGreaterThan(6);
    for (String each : statements) {
      Matcher column = COLUMN.matcher(each);
      while (column.find()) {
        String known = "known_" + column.group(1).replace("deleted_at", "deleted");
        assertThat(each).contains(known);
      }
    }
  }
}
