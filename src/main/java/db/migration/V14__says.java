package db.migration;

import java.sql.SQLException;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/**
 * What photos say of themselves: how far and from where their date is known, and the order in which
 * they came. One without a date stands behind all others, no longer where it came in. In Java since
 * MySQL knows no {@code add column if not exists}; as in V1 each statement may run again.
 */
public final class V14__says extends BaseJavaMigration {
  /** As io.caravel.photo.Photos has it. */
  private static final String UNDATED = "'1000-01-01 00:00:00'";

  @Override
  public void migrate(Context context) throws SQLException {
    Alterations tables = new Alterations(context.getConnection());
    // year | month | day | time: how far taken_at is told; null: time
    tables.column("images", "taken_precision", "varchar(8) null");
    // exif | xmp | iptc | png | gps | name | modified | file
    tables.column("images", "taken_from", "varchar(16) null");
    // when the file was written that came in, as its sender or its folder said; UTC
    tables.column("images", "file_time", "datetime(3) null");
    tables.run(
        "update images set dated_at = %1$s where taken_at is null and dated_at <> %1$s"
            .formatted(UNDATED));
    tables.index(
        "images_added", "images (deleted_at, created_at, id, taken_at, place_id, damaged)");
    tables.run(
        """
        update jobs set run = run + 1, state = 'queued', attempts = 0, interrupted = 0, excused = 0,
          force_again = false, lane = 3, due_at = current_timestamp(3), sent_at = null, owner = null,
          lease_until = null, cause = null, error = null, created_at = current_timestamp(3),
          started_at = null, ended_at = null
        where queue = 'metadata' and not extra and state in ('done', 'skipped', 'failed')
        """);
  }
}
