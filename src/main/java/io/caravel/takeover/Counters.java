package io.caravel.takeover;

import java.util.HashMap;
import java.util.Map;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

/** The numbers that new rows get: none that is a row's of the old site, whether it came over. */
final class Counters {
  /** A number from here on is no counter's: what came under one shall not draw others after it. */
  static final long HIGHEST = 1L << 51;

  private final JdbcTemplate database;
  private final Map<String, Long> raised = new HashMap<>();

  Counters(JdbcTemplate database) {
    this.database = database;
  }

  /** The next row gets a number above this one. Not within a transaction, which it would end. */
  void raise(String table, long id) {
    if (id <= number("select coalesce(max(id), 0) from " + table)) {
      return; // as it is from the start, where all came over
    }
    long next = id + 1;
    if (raised.getOrDefault(table, 0L) >= next) {
      return; // to alter a table waits for whoever uses it
    }
    raised.put(table, next);
    if (!isEmbedded()) {
      database.execute("alter table %s auto_increment = %d".formatted(table, next)); // never lowers
    } else if (number(
            "select identity_base from information_schema.columns where lower(column_name) = 'id'"
                + " and lower(table_schema) = 'public' and lower(table_name) = '"
                + table
                + "'")
        < next) {
      database.execute("alter table %s alter column id restart with %d".formatted(table, next));
    }
  }

  private long number(String query) {
    Long number = database.queryForObject(query, Long.class);
    return number == null ? 0 : number;
  }

  private boolean isEmbedded() {
    return Boolean.TRUE.equals(
        database.execute(
            (ConnectionCallback<Boolean>)
                connection -> connection.getMetaData().getDatabaseProductName().equals("H2")));
  }
}
