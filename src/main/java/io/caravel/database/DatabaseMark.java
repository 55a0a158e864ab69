package io.caravel.database;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import javax.sql.DataSource;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Notes beside the embedded database how far it has certainly reached the disk, so that {@link
 * DatabaseGuard} knows a file that was cut off. Nothing is to be done for a server.
 */
@Component("databaseMark")
@DependsOnDatabaseInitialization
public class DatabaseMark implements InitializingBean {
  private static final Logger LOG = LoggerFactory.getLogger(DatabaseMark.class);

  private final DataSource pool;
  private final Optional<HomeDatabase> file;
  private @Nullable Watermark noted;
  private boolean silent;

  DatabaseMark(DataSource pool, Environment settings) {
    this.pool = pool;
    this.file = HomeDatabase.of(settings);
  }

  /** Before anything is accepted: from now on this home is known to hold a database. */
  @Override
  public void afterPropertiesSet() {
    note();
  }

  /** Notes how far the database has come by now, if it has come farther. */
  public synchronized void note() {
    file.ifPresent(
        database -> {
          try (Connection connection = pool.getConnection()) {
            note(database, connection);
            silent = false;
          } catch (SQLException | IOException e) {
            // An earlier mark holds as well. Said once: a full disk has more to say about itself.
            if (!silent) {
              LOG.warn(
                  "How far the database has come could not be noted in {}: {}",
                  database.watermark(),
                  e.getMessage());
            }
            silent = true;
          }
        });
  }

  private void note(HomeDatabase database, Connection connection) throws SQLException, IOException {
    MVStore store =
        ((SessionLocal) connection.unwrap(JdbcConnection.class).getSession())
            .getDatabase()
            .getStore()
            .getMvStore();
    if (store.getFileStore() == null) {
      return; // in memory
    }
    // Read before the sync: what was written by now is then on the disk.
    Watermark now =
        Watermark.of(
            database, StoredDatabase.created(store), store.getFileStore().lastChunkVersion());
    Watermark before = noted;
    if (!now.equals(before)) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("checkpoint sync");
      }
      if (before == null) {
        now.write(database);
      } else {
        now.writeOver(database);
      }
      noted = now;
    }
  }
}
