package db.migration;

import java.sql.SQLException;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

/**
 * What the site that goes on beside Caravel asks for: photos by where their file lies, how far
 * changes were sent on to it, and what Caravel last knew of each face, by which it hears what the
 * site writes.
 */
public final class V12__site extends BaseJavaMigration {
  @Override
  public void migrate(Context context) throws SQLException {
    Alterations tables = new Alterations(context.getConnection());
    tables.index("images_placed", "images (source_filename, source_path, source_disk)");
    // One row: up to which number all changes are sent on or held back, and who is about it.
    tables.run(
        """
        create table if not exists changes_sent (
          id int not null primary key,
          sent bigint null,
          rests int not null default 0,
          rest_until datetime(3) null,
          holder varchar(255) null,
          held_until datetime(3) null
        ) default charset = utf8mb4
        """);
    tables.run("insert ignore into changes_sent (id) values (1)");
    // The photos (or faces, as negative numbers) one of whose changes could not be sent.
    tables.run(
        """
        create table if not exists changes_waiting (
          about bigint not null primary key,
          tries int not null,
          due_at datetime(3) not null,
          error varchar(1024) not null,
          index changes_waiting_due (due_at)
        ) default charset = utf8mb4
        """);
    // And those changes: in the order of their numbers.
    tables.run(
        """
        create table if not exists changes_held (
          about bigint not null,
          seq bigint not null,
          primary key (about, seq)
        ) default charset = utf8mb4
        """);
    boolean embedded = context.getConnection().getMetaData().getDatabaseProductName().equals("H2");
    known(tables, "parent_id", "bigint", embedded);
    known(tables, "name", "varchar(255)", embedded);
    known(tables, "status", "varchar(8)", embedded);
    tables.column("faces", "known_deleted", "boolean not null default false");
    tables.run(
        """
        update faces set known_parent_id = parent_id, known_name = name, known_status = status,
          known_deleted = deleted_at is not null where known_status is null
        """);
    tables.index("faces_updated", "faces (updated_at)");
  }

  /** A row that comes is known as it comes, whoever writes it. H2 cannot say so, nor need it. */
  private static void known(Alterations tables, String column, String type, boolean embedded)
      throws SQLException {
    tables.column(
        "faces", "known_" + column, type + (embedded ? " null" : " null default (" + column + ")"));
  }
}
