package io.caravel.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.server.MariaDbNode;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class RepeatedTransactionTest {
  private static TransactionTemplate transaction(DriverManagerDataSource database) {
    return new RepeatedTransaction(new JdbcTransactionManager(database));
  }

  private static DriverManagerDataSource embedded() {
    return new DriverManagerDataSource(
        "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1", "sa", "");
  }

  /** As a photo that goes into the trash and a job of it that is kept met on MariaDB. */
  @Test
  void ofTwoThatWaitForEachOtherBothAreMade() throws Exception {
    MariaDbNode server = MariaDbNode.shared();
    DriverManagerDataSource source =
        new DriverManagerDataSource(server.createDatabase(), server.user(), server.password());
    JdbcClient database = JdbcClient.create(source);
    database.sql("create table rows_ (id int primary key, n int) engine = innodb").update();
    database.sql("insert into rows_ values (1, 0), (2, 0)").update();
    CyclicBarrier both = new CyclicBarrier(2);
    List<CompletableFuture<Void>> made = new ArrayList<>();
    for (int first = 1; first <= 2; first++) {
      int one = first;
      AtomicInteger tries = new AtomicInteger();
      made.add(
          CompletableFuture.runAsync(
              () ->
                  transaction(source)
                      .executeWithoutResult(
                          status -> {
                            count(database, one);
                            if (tries.incrementAndGet() == 1) {
                              meet(both);
                            }
                            count(database, 3 - one);
                          })));
    }
    for (CompletableFuture<Void> each : made) {
      each.get(60, TimeUnit.SECONDS);
    }
    assertThat(database.sql("select n from rows_").query(Integer.class).list())
        .containsExactly(2, 2);
  }

  private static void count(JdbcClient database, int id) {
    database.sql("update rows_ set n = n + 1 where id = :id").param("id", id).update();
  }

  private static void meet(CyclicBarrier both) {
    try {
      both.await(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void itIsNotTriedForEver() {
    AtomicInteger tries = new AtomicInteger();
    TransactionTemplate transaction = transaction(embedded());
    assertThatThrownBy(
            () ->
                transaction.executeWithoutResult(
                    status -> {
                      tries.incrementAndGet();
                      throw new CannotAcquireLockException("busy");
                    }))
        .isInstanceOf(CannotAcquireLockException.class);
    assertThat(tries).hasValue(5);
  }

  @Test
  void oneWithinAnotherIsTriedAgainWithIt() {
    AtomicInteger outer = new AtomicInteger();
    AtomicInteger inner = new AtomicInteger();
    TransactionTemplate transaction = transaction(embedded());
    transaction.executeWithoutResult(
        status -> {
          outer.incrementAndGet();
          transaction.executeWithoutResult(
              within -> {
                if (inner.incrementAndGet() < 3) {
                  throw new CannotAcquireLockException("busy");
                }
              });
        });
    assertThat(outer).hasValue(3);
    assertThat(inner).hasValue(3);
  }
}
