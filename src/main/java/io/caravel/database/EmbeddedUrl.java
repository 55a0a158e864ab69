package io.caravel.database;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The address of an H2 file with the settings that its size and its safety rest on, whatever an
 * older address says of them: {@code WRITE_DELAY=0}, which addresses of older versions hold, starts
 * no thread that writes and compacts, and each commit is written as a chunk that nobody frees
 * (h2database issue 442).
 */
final class EmbeddedUrl {
  private static final String H2 = "jdbc:h2:";

  /** No file of ours lies behind these. */
  private static final Set<String> ELSEWHERE = Set.of("mem:", "tcp:", "ssl:", "zip:");

  private static final Set<String> PLAIN_FILES = Set.of("file:", "nio:", "async:");

  private EmbeddedUrl() {}

  /**
   * The address to open instead.
   *
   * @param settings by their names in upper case; each in place of what the address says
   */
  static String of(String url, Map<String, String> settings) {
    if (!url.startsWith(H2)
        || ELSEWHERE.stream().anyMatch(url.substring(H2.length())::startsWith)) {
      return url;
    }
    String[] parts = url.substring(H2.length()).split(";");
    Map<String, String> all = new LinkedHashMap<>();
    for (int part = 1; part < parts.length; part++) {
      String[] setting = parts[part].split("=", 2);
      all.put(setting[0].strip().toUpperCase(Locale.ROOT), setting.length < 2 ? "" : setting[1]);
    }
    all.putAll(settings);
    return H2
        + file(parts[0])
        + all.entrySet().stream()
            .map(each -> ";" + each.getKey() + "=" + each.getValue())
            .collect(Collectors.joining());
  }

  /** async: an interrupted thread must not close the database for all. */
  private static String file(String name) {
    String file = name;
    boolean plain = !file.matches("[A-Za-z]+:.*");
    for (String scheme : PLAIN_FILES) {
      if (file.startsWith(scheme)) {
        file = file.substring(scheme.length());
        plain = true;
      }
    }
    return OrderedFile.of(plain ? "async:" + file : file);
  }
}
