package io.caravel.crash;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.imageio.ImageIO;

/**
 * What stands on the disk right after the end of a program that was killed, before another life
 * mends anything: all that was answered must be there already.
 */
final class Standing {
  private final Home home;
  private final Sender sender;
  private final Curator curator;

  /** Files that were looked at before, and their sizes: they are not decoded again. */
  private final Map<Path, Long> whole = new HashMap<>();

  Standing(Home home, Sender sender, Curator curator) {
    this.home = home;
    this.sender = sender;
    this.curator = curator;
  }

  /** Sentences about what is amiss. */
  List<String> amiss() throws IOException {
    List<String> amiss = new ArrayList<>();
    if (home.isEmbedded() && !Files.exists(home.databaseFile())) {
      if (!sender.promised().isEmpty()) {
        amiss.add("the database is gone");
      }
      return amiss;
    }
    copies(amiss);
    try (Connection database = home.connectToCopy()) {
      if (!exists(database, "images")) {
        if (!sender.promised().isEmpty()) {
          amiss.add("the database is empty");
        }
        return amiss;
      }
      photos(database, amiss);
      whole(database, amiss);
      thumbnails(database, amiss);
      amiss.addAll(curator.broken(database));
    } catch (SQLException e) {
      amiss.add("the database: " + e);
    }
    return amiss;
  }

  /** Each copy of the database that is called one is whole. */
  private void copies(List<String> amiss) throws IOException {
    for (Path copy : Home.files(home.directory().resolve("backup"))) {
      if (!String.valueOf(copy.getFileName()).matches("caravel-.*\\.mv\\.db")) {
        continue; // of one that was not finished
      }
      try (Connection database = home.connectToCopyOf(copy)) {
        if (!exists(database, "images")) {
          amiss.add("an empty copy " + copy);
        }
      } catch (SQLException e) {
        amiss.add("the copy " + copy + ": " + e);
      }
    }
  }

  private static boolean exists(Connection database, String table) throws SQLException {
    try (ResultSet row =
        database
            .createStatement()
            .executeQuery(
                "select count(*) from information_schema.tables where table_schema = schema() and table_name = '"
                    + table
                    + "'")) {
      return row.next() && row.getInt(1) > 0;
    }
  }

  private void photos(Connection database, List<String> amiss) throws SQLException, IOException {
    Set<String> rows = new HashSet<>();
    try (Statement statement = database.createStatement();
        ResultSet row =
            statement.executeQuery("select sha256, source_path, source_filename from images")) {
      while (row.next()) {
        String sha256 = row.getString(1);
        rows.add(sha256);
        Path original =
            home.directory()
                .resolve("originals")
                .resolve(row.getString(2))
                .resolve(row.getString(3));
        if (!seen(original)) {
          if (!Files.exists(original)) {
            amiss.add("a row without its original " + original);
          } else if (!Camera.sha256(Files.readAllBytes(original)).equals(sha256)) {
            amiss.add("other bytes in " + original);
          } else {
            whole.put(original, Files.size(original));
          }
        }
      }
    }
    for (String sha256 : sender.promised().keySet()) {
      if (!rows.contains(sha256)) {
        amiss.add("no row of the promised photo " + sha256);
      }
    }
    Set<String> inInbox = new HashSet<>();
    for (Path file : Home.files(home.inbox())) {
      inInbox.add(Camera.sha256(Files.readAllBytes(file)));
    }
    for (String sha256 : sender.dropped().keySet()) {
      if (!rows.contains(sha256) && !inInbox.contains(sha256)) {
        amiss.add("a dropped file is neither in the inbox nor a photo: " + sha256);
      }
    }
  }

  /** No half of a transaction. */
  private static void whole(Connection database, List<String> amiss) throws SQLException {
    try (Statement statement = database.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select i.id from images i where (select count(*) from jobs j
                  where j.image_id = i.id and not j.extra and j.queue in ('thumbnails', 'metadata')) <> 2
                """)) {
      while (row.next()) {
        amiss.add("half of photo " + row.getLong(1));
      }
    }
  }

  private void thumbnails(Connection database, List<String> amiss)
      throws SQLException, IOException {
    try (Statement statement = database.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select i.sha256 from images i join jobs j on j.image_id = i.id
                where j.queue = 'thumbnails' and j.state = 'done' and not j.extra
                """)) {
      while (row.next()) {
        String sha256 = row.getString(1);
        for (String name : List.of("cover-300x300.jpg", "scale-1600x1600.jpg")) {
          thumbnail(
              home.directory()
                  .resolve("thumbnails")
                  .resolve(sha256.substring(0, 2))
                  .resolve(sha256)
                  .resolve(name),
              amiss);
        }
      }
    }
  }

  private void thumbnail(Path file, List<String> amiss) throws IOException {
    if (seen(file)) {
      return;
    }
    if (!Files.exists(file)) {
      amiss.add("done, and there is no " + file);
      return;
    }
    try {
      BufferedImage picture = ImageIO.read(file.toFile());
      if (picture == null) {
        amiss.add("no picture in " + file);
      } else {
        whole.put(file, Files.size(file));
      }
    } catch (IOException e) {
      amiss.add(file + ": " + e.getMessage());
    }
  }

  private boolean seen(Path file) throws IOException {
    Long size = whole.get(file);
    return size != null && Files.exists(file) && Files.size(file) == size;
  }
}
