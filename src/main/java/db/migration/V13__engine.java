package db.migration;

import java.sql.SQLException;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/**
 * By what each face was found and encoded, so that a later engine knows what to search again; null:
 * by one of the time before, HOG.
 */
public final class V13__engine extends BaseJavaMigration {
  @Override
  public void migrate(Context context) throws SQLException {
    new Alterations(context.getConnection()).column("faces", "engine", "varchar(64) null");
  }
}
