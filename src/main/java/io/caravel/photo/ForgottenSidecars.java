package io.caravel.photo;

import java.nio.file.Path;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Deletes the sidecars of a photo that is deleted for good, unless they are another's, too. */
@Component
final class ForgottenSidecars implements TrashListener {
  private final JdbcClient database;
  private final Disks disks;

  ForgottenSidecars(JdbcClient database, Disks disks) {
    this.database = database;
    this.disks = disks;
  }

  @Override
  public void trashed(long photo) {
    // they lie there with it
  }

  @Override
  public void restored(long photo) {
    // and come back with it
  }

  private record Gone(long id, String sha256, Path file) {}

  @Override
  public void forgotten(long photo) {
    for (Gone gone :
        database
            .sql(
                """
                select s.* from sidecars s join image_sidecars i on i.sidecar_id = s.id
                where i.image_id = :photo and not exists
                  (select 1 from image_sidecars o where o.sidecar_id = s.id and o.image_id <> :photo)
                """)
            .param("photo", photo)
            .query(
                (row, n) ->
                    new Gone(
                        row.getLong("id"),
                        row.getString("sha256"),
                        disks
                            .root(row.getString("source_disk"))
                            .resolve(row.getString("source_path"))
                            .resolve(row.getString("source_filename"))))
            .list()) {
      database.sql("delete from sidecars where id = :id").param("id", gone.id()).update();
      boolean needed =
          database
              .sql("select 1 from sidecars where sha256 = :sha256 limit 1")
              .param("sha256", gone.sha256())
              .query(Integer.class)
              .optional()
              .isPresent();
      if (!needed) {
        Originals.discard(gone.file());
      }
    }
  }
}
