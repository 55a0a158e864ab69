package io.caravel.ground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Who lives is known by news of it, not by the time of day. */
class NodesTest {
  private final JdbcClient database =
      JdbcClient.create(
          new DriverManagerDataSource(
              "jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1;MODE=MySQL;DATABASE_TO_LOWER=TRUE"
                  .formatted(UUID.randomUUID()),
              "sa",
              ""));
  private final Nodes nodes = new Nodes(database, "one", "boot", 5, 1);

  @BeforeEach
  void table() {
    database.sql("create table nodes (owner varchar(255), seen_at datetime(3))").update();
  }

  private void saysSince(String owner, int days) {
    database.sql("delete from nodes where owner = :owner").param("owner", owner).update();
    database
        .sql("insert into nodes values (:owner, timestampadd(day, :days, current_timestamp(3)))")
        .param("owner", owner)
        .param("days", days)
        .update();
  }

  @Test
  void aLifeThatIsSilentIsGoneWhateverTimeItSaidLast() {
    saysSince("back/1", -40);
    saysSince("ahead/1", 40);
    List<String> gone = new ArrayList<>();
    await()
        .until(
            () -> {
              saysSince("alive/1", -40); // its clock stands wrong, and it goes on saying so
              nodes.beat();
              gone.clear();
              gone.addAll(nodes.gone());
              return gone.containsAll(List.of("back/1", "ahead/1")) && !gone.contains("alive/1");
            });
    assertThat(gone).containsExactlyInAnyOrder("back/1", "ahead/1");
  }

  @Test
  void aClockSetAheadMakesNobodyGone() {
    await()
        .until(
            () -> {
              saysSince("two/1", 0);
              nodes.beat();
              return nodes.isSteady();
            });
    saysSince("two/1", -40);
    nodes.beat();
    assertThat(nodes.gone()).isEmpty();
  }
}
