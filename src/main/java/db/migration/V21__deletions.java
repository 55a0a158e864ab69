package db.migration;

import java.sql.SQLException;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/**
 * What the site deletes from faces by SQL is heard: a row beside each face outlives it, and loses
 * its tie then. Deleting a root leaves its faces without a parent, as in the site's own table.
 */
public final class V21__deletions extends BaseJavaMigration {
  @Override
  public void migrate(Context context) throws SQLException {
    Alterations tables = new Alterations(context.getConnection());
    tables.run(
        """
        create table if not exists face_rows (
          id bigint not null primary key,
          face_id bigint null,
          revision bigint not null,
          image_id bigint null,
          face_index int null,
          descriptor varbinary(512) null,
          engine varchar(64) null,
          box_left int null,
          box_top int null,
          box_width int null,
          box_height int null,
          score double null,
          parent_id bigint null,
          name varchar(255) null,
          status varchar(8) not null,
          distance double null,
          created_at datetime(3) null,
          constraint face_rows_face foreign key (face_id) references faces (id) on delete set null
        ) default charset = utf8mb4
        """);
    if (!context.getConnection().getMetaData().getDatabaseProductName().equals("H2")) {
      tables.foreignKey(
          "faces",
          "faces_parent_row",
          "foreign key (parent_id) references faces (id) on delete set null");
      tables.dropForeignKey("faces", "faces_parent");
    }
  }
}
