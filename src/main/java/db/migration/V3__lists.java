package db.migration;

import java.sql.SQLException;
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
    Alterations tables = new Alterations(context.getConnection());
    tables.index("images_listed", "images (deleted_at, dated_at, id, taken_at, place_id, damaged)");
    tables.index("jobs_states", "jobs (image_id, state)");
    tables.index("faces_listed", "faces (status, deleted_at, id, parent_id, distance, image_id)");
    tables.index("faces_in_photo", "faces (image_id, deleted_at, status, parent_id)");
    tables.index(
        "faces_of_person", "faces (parent_id, status, deleted_at, image_id, box_width, id)");
    tables.run(
        """
        create table if not exists image_text (
          image_id bigint not null primary key,
          filename varchar(1024) not null,
          camera_make varchar(255) null,
          camera_model varchar(255) null,
          constraint image_text_image foreign key (image_id) references images (id) on delete cascade
        ) default charset = utf8mb4
        """);
    tables.run(
        """
        insert ignore into image_text (image_id, filename, camera_make, camera_model)
        select id, filename, camera_make, camera_model from images
        """);
  }
}
