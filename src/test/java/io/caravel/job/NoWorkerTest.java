package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.ground.Nodes;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.mock.env.MockEnvironment;

/** Queues that nobody works at. */
class NoWorkerTest {
  private final JdbcClient database =
      JdbcClient.create(
          new DriverManagerDataSource("jdbc:h2:mem:no-worker;DB_CLOSE_DELAY=-1;MODE=MySQL"));
  private final NoWorker noWorker =
      new NoWorker(
          new MockEnvironment()
              .withProperty("caravel.node", "one")
              .withProperty("caravel.role.faces", "false")
              .withProperty("caravel.role.metadata", "true"),
          new Nodes(database, "one", "boot", 5, 30));

  @Test
  void areToldOfUntilAnotherNodeLives() {
    database.sql("create table nodes (owner varchar(255), seen_at datetime(3))").update();
    database.sql("insert into nodes values ('one/boot', current_timestamp(3))").update();
    assertThat(noWorker.of("faces")).contains("role faces");
    assertThat(noWorker.of("metadata")).isNull();
    database.sql("insert into nodes values ('two/boot', current_timestamp(3))").update();
    assertThat(noWorker.of("faces")).isNull();
  }
}
