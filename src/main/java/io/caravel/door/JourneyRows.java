package io.caravel.door;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads table {@code journey} in the order of its ids. */
@Component
class JourneyRows {
  private static final String COLUMNS =
      "select id, image_id, step, outcome, cause, sentence, started_at, ended_at from journey ";

  /** One step of one photo, as it is sent: times in UTC, the duration in milliseconds. */
  record Step(
      long id,
      @JsonProperty("photo_id") long photoId,
      String step,
      String outcome,
      @Nullable String cause,
      @Nullable String sentence,
      String at,
      @JsonProperty("duration_ms") @Nullable Long durationMs) {}

  private final JdbcClient jdbc;

  JourneyRows(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** The greatest id there is, 0 when there is none. */
  long last() {
    return jdbc.sql("select coalesce(max(id), 0) from journey").query(Long.class).single();
  }

  /** The steps after that id, at most {@code most} of them, by id. */
  List<Step> after(long id, int most) {
    return jdbc.sql(COLUMNS + "where id > :id order by id limit :most")
        .param("id", id)
        .param("most", most)
        .query(JourneyRows::step)
        .list();
  }

  /** Those of these ids that there are, by id. */
  List<Step> of(Collection<Long> ids) {
    return jdbc.sql(COLUMNS + "where id in (:ids) order by id")
        .param("ids", ids)
        .query(JourneyRows::step)
        .list();
  }

  private static Step step(ResultSet row, int n) throws SQLException {
    LocalDateTime ended = row.getObject("ended_at", LocalDateTime.class);
    LocalDateTime started = row.getObject("started_at", LocalDateTime.class);
    return new Step(
        row.getLong("id"),
        row.getLong("image_id"),
        row.getString("step"),
        row.getString("outcome"),
        row.getString("cause"),
        row.getString("sentence"),
        ended.toInstant(ZoneOffset.UTC).toString(),
        started == null ? null : Math.max(0, Duration.between(started, ended).toMillis()));
  }
}
