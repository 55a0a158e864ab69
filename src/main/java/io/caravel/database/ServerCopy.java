package io.caravel.database;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a database server is copied while Caravel runs: by its own program. */
final class ServerCopy {
  private static final Pattern URL =
      Pattern.compile("jdbc:(mysql|mariadb)://([^/:?]+)(?::(\\d+))?/([^?;]+).*");

  private ServerCopy() {}

  /**
   * A sentence with the command for the database of that address.
   *
   * @param url JDBC
   * @param user who asks it; the password is asked for
   */
  static String sentence(String url, String user) {
    Matcher server = URL.matcher(url);
    if (!server.matches()) {
      return "This database has no file to copy: it is copied by its own programs.";
    }
    return "The database is a server's, which copies it itself while Caravel runs: mariadb-dump --single-transaction --default-character-set=utf8mb4 --host=%s --port=%s --user=%s -p %s > caravel.sql (MySQL: mysqldump, with the same options); copy the originals after it."
        .formatted(
            server.group(2),
            server.group(3) == null ? "3306" : server.group(3),
            user,
            server.group(4));
  }
}
