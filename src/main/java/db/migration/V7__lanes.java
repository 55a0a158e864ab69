package db.migration;

import java.sql.SQLException;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/**
 * Whose jobs come first: {@code lane} is 0 of what was just uploaded, 1 of what somebody asked for,
 * 2 of the whole library, 3 of scrubs. What is queued already counts as uploaded.
 */
public final class V7__lanes extends BaseJavaMigration {
  @Override
  public void migrate(Context context) throws SQLException {
    Alterations tables = new Alterations(context.getConnection());
    tables.column("jobs", "lane", "smallint not null default 0");
    tables.index("jobs_next", "jobs (queue, state, lane, due_at, id)");
    tables.dropIndex("jobs_due", "jobs");
  }
}
