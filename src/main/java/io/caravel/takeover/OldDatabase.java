package io.caravel.takeover;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The database of the old site, MySQL or MariaDB, which is only read: in short statements in the
 * order of the ids, so that nothing waits there however long a step takes here.
 */
final class OldDatabase implements OldTables {
  private static final int PAGE = 2000;

  /** What the server adds to a row is seen by the next look although its clock stood still. */
  private static final int SECONDS_BEFORE = 2;

  private final Connection connection;

  OldDatabase(String url, String user, String password) {
    Properties properties = new Properties();
    if (!user.isEmpty()) {
      properties.setProperty("user", user);
      properties.setProperty("password", password);
    }
    properties.setProperty("connectionTimeZone", "UTC");
    properties.setProperty("forceConnectionTimeZoneToSession", "true");
    properties.setProperty("zeroDateTimeBehavior", "CONVERT_TO_NULL");
    properties.setProperty("tinyInt1isBit", "false");
    properties.setProperty("characterEncoding", "UTF-8");
    properties.setProperty("connectTimeout", "10000");
    try {
      connection = DriverManager.getConnection(url, properties);
      connection.setReadOnly(true);
    } catch (SQLException e) {
      throw trouble(e);
    }
  }

  private static OldTrouble trouble(SQLException e) {
    return new OldTrouble(
        "The old database does not answer as it should (%s): look at its address, at CARAVEL_IMPORT_USER and CARAVEL_IMPORT_PASSWORD, and at the rights of that user (select)."
            .formatted(e.getMessage()),
        e);
  }

  @Override
  public List<String> columns(String table) {
    List<String> columns = new ArrayList<>();
    try {
      DatabaseMetaData about = connection.getMetaData();
      try (ResultSet rows = about.getColumns(connection.getCatalog(), null, table, null)) {
        while (rows.next()) {
          if (table.equals(rows.getString("TABLE_NAME"))) {
            columns.add(rows.getString("COLUMN_NAME"));
          }
        }
      }
      return columns;
    } catch (SQLException e) {
      throw trouble(e);
    }
  }

  @Override
  public long count(String table) {
    try (PreparedStatement count = connection.prepareStatement("select count(*) from " + table);
        ResultSet rows = count.executeQuery()) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw trouble(e);
    }
  }

  @Override
  public void read(
      String table, List<String> columns, @Nullable LocalDateTime since, Consumer<OldRow> rows) {
    String select =
        "select id, "
            + columns.stream()
                .map(column -> "`" + column.replace("`", "``") + "`")
                .collect(Collectors.joining(", "))
            + " from "
            + table
            + " where id > ?"
            + (since == null ? "" : " and (updated_at >= ? or updated_at is null)")
            + " order by id limit "
            + PAGE;
    BigDecimal after = BigDecimal.ONE.negate();
    List<OldRow> page;
    do {
      page = new ArrayList<>();
      try (PreparedStatement next = connection.prepareStatement(select)) {
        next.setBigDecimal(1, after);
        if (since != null) {
          next.setString(2, Times.text(since));
        }
        try (ResultSet found = next.executeQuery()) {
          while (found.next()) {
            after = found.getBigDecimal(1);
            @Nullable String[] values = new @Nullable String[columns.size()];
            for (int i = 0; i < values.length; i++) {
              values[i] = found.getString(i + 2);
            }
            page.add(new OldRow(columns, values));
          }
        }
      } catch (SQLException e) {
        throw trouble(e);
      }
      page.forEach(rows);
    } while (page.size() == PAGE);
  }

  /** From when on rows are to be looked at by a look after one that begins now. */
  LocalDateTime now() {
    try (PreparedStatement clock = connection.prepareStatement("select utc_timestamp()");
        ResultSet rows = clock.executeQuery()) {
      rows.next();
      return rows.getObject(1, LocalDateTime.class).minusSeconds(SECONDS_BEFORE);
    } catch (SQLException e) {
      throw trouble(e);
    }
  }

  @Override
  public List<String> remarks() {
    return List.of();
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw trouble(e);
    }
  }
}
