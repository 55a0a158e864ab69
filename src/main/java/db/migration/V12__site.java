package db.migration;

import java.sql.SQLException;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/** What the site that goes on beside Caravel asks for: photos by where their file lies. */
public final class V12__site extends BaseJavaMigration {
  @Override
  public void migrate(Context context) throws SQLException {
    Alterations tables = new Alterations(context.getConnection());
    tables.index("images_placed", "images (source_filename, source_path, source_disk)");
  }
}
