package db.migration;

import java.sql.SQLException;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/** Photos are filtered by their city and country, whose names are read from these indexes alone. */
public final class V20__towns extends BaseJavaMigration {
  @Override
  public void migrate(Context context) throws SQLException {
    Alterations tables = new Alterations(context.getConnection());
    tables.index("places_city", "places (city)");
    tables.index("places_country", "places (country)");
  }
}
