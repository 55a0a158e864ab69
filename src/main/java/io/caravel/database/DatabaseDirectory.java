package io.caravel.database;

import io.caravel.ground.DurableFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Profile;
import org.springframework.stereotype.Component;

/**
 * Has the name of the embedded database's file on the disk before anything is accepted. H2 syncs
 * what it writes into the file, and never the directory: a power cut could leave the synced rows in
 * a file without a name.
 */
@Component
@Profile("embedded")
@DependsOnDatabaseInitialization
class DatabaseDirectory implements InitializingBean {
  private static final String H2_FILE = "jdbc:h2:(?!mem:|tcp:|ssl:|zip:)(?:[A-Za-z]+:)*([^;]+).*";

  private final DataSource database;

  DatabaseDirectory(DataSource database) {
    this.database = database;
  }

  @Override
  public void afterPropertiesSet() throws SQLException, IOException {
    try (Connection connection = database.getConnection()) {
      String url = connection.getMetaData().getURL();
      if (url.matches(H2_FILE)) {
        Path directory = Path.of(url.replaceFirst(H2_FILE, "$1")).resolveSibling("");
        DurableFiles.createDirectories(directory);
        DurableFiles.syncDirectory(directory);
      }
    }
  }
}
