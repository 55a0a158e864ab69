package io.caravel.job;

import io.caravel.photo.Photos;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The rows of jobs: one read with its photo, and the key by which it was queued once. */
@Component
final class JobRows {
  private final JdbcClient database;

  JobRows(JdbcClient database) {
    this.database = database;
  }

  /** The job as it stands. */
  Optional<Job> find(long id) {
    return database
        .sql(
            """
            select j.*, i.sha256, i.filename, i.mime_type, i.bytes, i.source_disk, i.source_path, i.source_filename, i.referenced,
              i.latitude, i.longitude, i.file_time
            from jobs j join images i on i.id = j.image_id where j.id = :id
            """)
        .param("id", id)
        .query(JobRows::job)
        .optional();
  }

  private static Job job(ResultSet row, int number) throws SQLException {
    return new Job(
        row.getLong("id"),
        row.getString("queue"),
        row.getString("job_key"),
        row.getString("data"),
        row.getBoolean("force_again"),
        row.getInt("run"),
        row.getInt("attempts"),
        row.getInt("interrupted"),
        row.getInt("excused"),
        row.getString("owner"),
        Lane.of(row.getInt("lane")),
        System.nanoTime(),
        Photos.photo(row, row.getLong("image_id")));
  }

  /** It has ended: who asks for it again is no second. */
  void forget(String queue, String key) {
    database
        .sql("delete from idempotent_keys where processorName = 'enqueue' and messageId = :key")
        .param("key", queue + ":" + key)
        .update();
  }
}
