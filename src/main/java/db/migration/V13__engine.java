package db.migration;

import java.sql.SQLException;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/**
 * By what each face was found and encoded, so that a later engine knows what to search again; null:
 * by one of the time before, HOG. Faces to review that hung on another face of their photo stand
 * alone.
 */
public final class V13__engine extends BaseJavaMigration {
  @Override
  public void migrate(Context context) throws SQLException {
    Alterations tables = new Alterations(context.getConnection());
    tables.column("faces", "engine", "varchar(64) null");
    tables.run(
        """
        update faces set parent_id = null, known_parent_id = null, distance = null, revision = revision + 1,
          changed_at = current_timestamp(6)
        where status = 'process' and box_left is not null and parent_id in (
          select id from (select id from faces where status <> 'ok' or parent_id is not null) as no_person)
        """);
  }
}
