package io.caravel;

import io.caravel.database.DatabaseFile;
import io.caravel.ground.CannotStart;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.springframework.boot.autoconfigure.flyway.FlywayConfigurationCustomizer;
import org.springframework.boot.autoconfigure.flyway.FlywayMigrationStrategy;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.stereotype.Component;

/**
 * Brings the database to this program's schema, or says in a sentence why it must not: a schema of
 * a newer program, one that is not Caravel's, a migration that broke off.
 */
@Component
final class Schema implements FlywayMigrationStrategy, FlywayConfigurationCustomizer {
  /** H2: database may be already in use. */
  private static final int IN_USE = 90020;

  private final DatabaseFile database;

  Schema(DatabaseFile database) {
    this.database = database;
  }

  /** A statement of a migration may take as long as a large library asks for. */
  @Override
  public void customize(FluentConfiguration configuration) {
    configuration.dataSource(
        new DelegatingDataSource(configuration.getDataSource()) {
          @Override
          public Connection getConnection() throws SQLException {
            Connection connection = super.getConnection();
            try {
              connection.setNetworkTimeout(Runnable::run, 0);
            } catch (SQLFeatureNotSupportedException e) {
              return connection; // the embedded database: no network
            }
            return connection;
          }
        });
  }

  @Override
  public void migrate(Flyway flyway) {
    try {
      MigrationInfo[] all = flyway.info().all();
      refuseNewer(all);
      refuseBroken(all);
      database.prepare();
      flyway.migrate();
    } catch (FlywayException e) {
      throw told(e);
    }
  }

  private static void refuseNewer(MigrationInfo[] all) {
    Optional<MigrationVersion> newest =
        Arrays.stream(all)
            .filter(
                each ->
                    each.getState() == MigrationState.FUTURE_SUCCESS
                        || each.getState() == MigrationState.FUTURE_FAILED)
            .map(MigrationInfo::getVersion)
            .max(Comparator.naturalOrder());
    if (newest.isPresent()) {
      throw CannotStart.mendFirst(
          "its database was brought to schema "
              + newest.get()
              + " by a newer Caravel, which this one does not know and could damage: start the newer program,"
              + " or restore a copy of the database from before its upgrade.");
    }
  }

  private static void refuseBroken(MigrationInfo[] all) {
    for (MigrationInfo each : all) {
      if (each.getState() == MigrationState.FAILED) {
        throw broken(
            "migration " + each.getVersion() + " (" + each.getDescription() + ") broke off", null);
      }
    }
  }

  private static CannotStart told(FlywayException problem) {
    for (Throwable each = problem; each != null; each = each.getCause()) {
      if (each instanceof java.sql.SQLException sql && sql.getErrorCode() == IN_USE) {
        return CannotStart.tryAgain(
            "another Caravel has the embedded database open: stop it, or give this one a CARAVEL_HOME of its own"
                + " (several nodes need MariaDB or MySQL, CARAVEL_DB_URL).",
            problem);
      }
      if (each instanceof CannotStart known) {
        return known;
      }
    }
    if (problem.getErrorCode() == CoreErrorCode.NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE) {
      return CannotStart.mendFirst(
          "the database that CARAVEL_DB_URL names holds tables that are not Caravel's, and was left untouched:"
              + " create one for Caravel alone (create database caravel character set utf8mb4) and name that.",
          problem);
    }
    return broken(String.valueOf(problem.getMessage()).replaceAll("\\s+", " ").strip(), problem);
  }

  private static CannotStart broken(
      String what, @org.jspecify.annotations.Nullable Throwable origin) {
    String sentence =
        "its database cannot be brought to this program's schema ("
            + (what.length() <= 500 ? what : what.substring(0, 500) + "…")
            + "): restore a copy of the database from before the upgrade, or ask with this sentence.";
    return origin == null
        ? CannotStart.mendFirst(sentence)
        : CannotStart.mendFirst(sentence, origin);
  }
}
