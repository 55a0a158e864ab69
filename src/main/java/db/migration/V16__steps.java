package db.migration;

import java.sql.SQLException;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/**
 * What steps of the user's make of photos, and by which recipe each job was done: a hash of its
 * step's file and settings and of the tools it used; null: of the time before. As in V1 each
 * statement may run again.
 */
public final class V16__steps extends BaseJavaMigration {
  @Override
  public void migrate(Context context) throws SQLException {
    Alterations tables = new Alterations(context.getConnection());
    tables.run(
        """
        create table if not exists results (
          image_id bigint not null,
          step varchar(32) not null,
          result longtext not null,
          created_at datetime(3) not null default current_timestamp(3),
          primary key (image_id, step),
          constraint results_image foreign key (image_id) references images (id) on delete cascade
        ) default charset = utf8mb4
        """);
    tables.column("jobs", "recipe", "char(64) null");
    // the roles of a node: as many as there are steps
    tables.run("alter table node_info modify column roles varchar(2048) not null");
  }
}
