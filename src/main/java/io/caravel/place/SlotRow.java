package io.caravel.place;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The one row of {@code geocoder_slot}, shared by all nodes. All times are the database's own: the
 * nodes' clocks never meet. Each method is one statement, committed at once.
 */
class SlotRow {
  /**
   * How the slot stands.
   *
   * @param freeIn until the slot is free as things stand; zero or less: free
   * @param holder whose question is under way: it ends sooner than {@code freeIn} unless its node
   *     died; null: nobody's
   */
  record State(Duration freeIn, @Nullable String holder) {}

  private final JdbcClient database;

  SlotRow(JdbcClient database) {
    this.database = database;
  }

  State state() {
    return database
        .sql(
            "select timestampdiff(microsecond, current_timestamp(6), next_at) as micros, holder"
                + " from geocoder_slot where id = 1")
        .query(
            (row, number) ->
                new State(Duration.ofNanos(row.getLong("micros") * 1000), row.getString("holder")))
        .single();
  }

  /** Takes the slot if it is free; it is free again after {@code lease} whatever happens. */
  boolean claim(String holder, Duration lease) {
    return database
            .sql(
                "update geocoder_slot set"
                    + " next_at = timestampadd(microsecond, :micros, current_timestamp(6)),"
                    + " holder = :holder where id = 1 and next_at <= current_timestamp(6)")
            .param("micros", micros(lease))
            .param("holder", holder)
            .update()
        == 1;
  }

  /** Ends the holder's turn: the next may start after {@code pause}. False: it was not its turn. */
  boolean release(String holder, Duration pause) {
    return database
            .sql(
                "update geocoder_slot set"
                    + " next_at = timestampadd(microsecond, :micros, current_timestamp(6)),"
                    + " holder = null where id = 1 and holder = :holder")
            .param("micros", micros(pause))
            .param("holder", holder)
            .update()
        == 1;
  }

  /** Lets nobody start before {@code pause} is over, not even after the turn of a holder. */
  void postpone(Duration pause) {
    database
        .sql(
            "update geocoder_slot set next_at = greatest(next_at,"
                + " timestampadd(microsecond, :micros, current_timestamp(6))),"
                + " holder = null where id = 1")
        .param("micros", micros(pause))
        .update();
  }

  /** Brings a slot that lies beyond {@code farthest} back to {@code pause} from now. */
  void bringBack(Duration farthest, Duration pause) {
    database
        .sql(
            "update geocoder_slot set"
                + " next_at = timestampadd(microsecond, :pause, current_timestamp(6)),"
                + " holder = null where id = 1"
                + " and next_at > timestampadd(microsecond, :farthest, current_timestamp(6))")
        .param("pause", micros(pause))
        .param("farthest", micros(farthest))
        .update();
  }

  private static long micros(Duration time) {
    return time.toNanos() / 1000;
  }
}
