package db.migration;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/**
 * What the lists of photos and faces are read from: indexes that hold every column a list is
 * filtered and sorted by, and the texts of the photos in narrow rows. In Java since MySQL knows no
 * {@code create index if not exists}, and as in V1 each statement may run again.
 */
public final class V3__lists extends BaseJavaMigration {
  @Override
  public void migrate(Context context) throws SQLException {
    Connection database = context.getConnection();
    index(
        database,
        "images_listed",
        "images (deleted_at, dated_at, id, taken_at, place_id, damaged)");
    index(database, "jobs_states", "jobs (image_id, state)");
    index(
        database, "faces_listed", "faces (status, deleted_at, id, parent_id, distance, image_id)");
    index(database, "faces_in_photo", "faces (image_id, deleted_at, status, parent_id)");
    index(
        database,
        "faces_of_person",
        "faces (parent_id, status, deleted_at, image_id, box_width, id)");
    run(
        database,
        """
        create table if not exists image_text (
          image_id bigint not null primary key,
          filename varchar(1024) not null,
          camera_make varchar(255) null,
          camera_model varchar(255) null,
          constraint image_text_image foreign key (image_id) references images (id) on delete cascade
        ) default charset = utf8mb4
        """);
    run(
        database,
        """
        insert ignore into image_text (image_id, filename, camera_make, camera_model)
        select id, filename, camera_make, camera_model from images
        """);
  }

  private static void index(Connection database, String name, String columns) throws SQLException {
    if (!has(database, name, columns.substring(0, columns.indexOf(' ')))) {
      run(database, "create index " + name + " on " + columns);
    }
  }

  private static boolean has(Connection database, String index, String table) throws SQLException {
    DatabaseMetaData about = database.getMetaData();
    for (String name : new String[] {table, table.toUpperCase(Locale.ROOT)}) {
      try (ResultSet rows =
          about.getIndexInfo(database.getCatalog(), database.getSchema(), name, false, true)) {
        while (rows.next()) {
          if (index.equalsIgnoreCase(rows.getString("INDEX_NAME"))) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static void run(Connection database, String sql) throws SQLException {
    try (Statement statement = database.createStatement()) {
      statement.execute(sql);
    }
  }
}
