package io.caravel.ground;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * What each node says of itself with its beat, for people: since when it lives, what it does, which
 * program it is, and how far its clock is off. Whose jobs are taken back is decided by {@link
 * Nodes}, not here. Thread-safe.
 */
@Component("nodeRegister")
public class NodeRegister {
  private final JdbcClient database;
  private final Nodes nodes;
  private final String node;
  private final String roles;
  private final String version;
  private final int goneSeconds;

  /** How many lived when it was looked last: metrics ask no database. */
  private volatile int living = 1;

  NodeRegister(
      JdbcClient database,
      Nodes nodes,
      @Value("${caravel.node}") String node,
      @Value("${caravel.roles-here}") String roles,
      @Value("${spring.application.version}") String version,
      @Value("${caravel.upkeep.gone-seconds}") int goneSeconds) {
    this.database = database;
    this.nodes = nodes;
    this.node = node;
    this.version = version;
    this.goneSeconds = goneSeconds;
    this.roles = roles;
  }

  /**
   * One node.
   *
   * @param since when its present life began
   * @param heard when it last said that it lives
   * @param clockMs its clock against the database's: more than 0 is ahead. As exact as the way to
   *     the database is short
   * @param gone it has said nothing for {@code caravel.upkeep.gone-seconds}
   */
  public record Known(
      String node,
      Instant since,
      Instant heard,
      List<String> roles,
      String version,
      long clockMs,
      boolean gone) {}

  /** Says that this node lives. Forgets those that have been gone for an hour. */
  public void say() {
    if (said() == 0) {
      begin();
    }
    database
        .sql(
            "delete from node_info where heard_at < timestampadd(hour, -1, current_timestamp(3)) and node <> :node")
        .param("node", node)
        .update();
    living = (int) known().stream().filter(each -> !each.gone()).count();
  }

  private int said() {
    return database
        .sql(
            """
            update node_info set heard_at = current_timestamp(3),
              clock_ms = timestampdiff(microsecond, current_timestamp(3), :now) / 1000
            where node = :node and owner = :owner
            """)
        .param("now", LocalDateTime.now(ZoneOffset.UTC))
        .param("node", node)
        .param("owner", nodes.owner())
        .update();
  }

  /** A new life takes the place of the former. */
  private void begin() {
    database.sql("delete from node_info where node = :node").param("node", node).update();
    try {
      database
          .sql(
              """
              insert into node_info (node, owner, roles, version, since, heard_at, clock_ms)
              values (:node, :owner, :roles, :version, current_timestamp(3), current_timestamp(3), 0)
              """)
          .param("node", node)
          .param("owner", nodes.owner())
          .param("roles", roles)
          .param("version", version)
          .update();
      said();
    } catch (DuplicateKeyException twoOfOneName) {
      // The next beat says it. Who claims jobs is told apart by node and boot, not by this.
    }
  }

  /** The nodes that live, and those that have been gone for less than an hour; for who asks. */
  public Map<String, List<Known>> list() {
    return Map.of("items", known());
  }

  private List<Known> known() {
    return database
        .sql(
            """
            select node, since, heard_at, roles, version, clock_ms,
              case when heard_at < timestampadd(second, :gone, current_timestamp(3)) then 1 else 0 end as gone
            from node_info where heard_at >= timestampadd(hour, -1, current_timestamp(3)) order by node
            """)
        .param("gone", -goneSeconds)
        .query(
            (row, number) ->
                new Known(
                    row.getString("node"),
                    Objects.requireNonNull(Utc.instant(row, "since")),
                    Objects.requireNonNull(Utc.instant(row, "heard_at")),
                    Stream.of(row.getString("roles").split(","))
                        .filter(role -> !role.isEmpty())
                        .toList(),
                    row.getString("version"),
                    row.getLong("clock_ms"),
                    row.getInt("gone") == 1))
        .list();
  }

  /** How many nodes live, as this node's last beat saw. */
  public int living() {
    return living;
  }
}
