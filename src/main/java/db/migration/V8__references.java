package db.migration;

import java.sql.SQLException;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/**
 * Photos that are taken by reference: their file is another program's, and {@code external_ids} are
 * the numbers by which that program knows them.
 */
public final class V8__references extends BaseJavaMigration {
  @Override
  public void migrate(Context context) throws SQLException {
    Alterations tables = new Alterations(context.getConnection());
    tables.column("images", "referenced", "boolean not null default false");
    tables.run(
        """
        create table if not exists external_ids (
          external_id bigint not null primary key,
          image_id bigint not null,
          constraint external_ids_image foreign key (image_id) references images (id) on delete cascade,
          index external_ids_of_image (image_id)
        ) default charset = utf8mb4
        """);
  }
}
