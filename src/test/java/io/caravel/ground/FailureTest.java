package io.caravel.ground;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.transaction.CannotCreateTransactionException;

class FailureTest {
  @Test
  void aFailureThatCamelWrappedIsFound() {
    Failure failure = Failure.lasting("undecodable", "It cannot be decoded.");
    assertThat(Failure.of(new RuntimeException(new IOException(failure)))).isSameAs(failure);
    assertThat(Failure.of(failure)).isSameAs(failure);
  }

  @Test
  void whatTheDatabaseRefusesMayPass() {
    assertThat(Failure.of(new QueryTimeoutException("slow")).cause()).isEqualTo("database");
    Failure failure = Failure.of(new CannotCreateTransactionException("away"));
    assertThat(failure.cause()).isEqualTo("database");
    assertThat(failure.lasting()).isFalse();
    assertThat(failure).hasMessageContaining("safe to try again").hasRootCauseMessage("away");
  }

  @Test
  void whatNobodyExpectedMayPassAndKeepsItsOrigin() {
    IllegalStateException problem = new IllegalStateException("what is this");
    Failure failure = Failure.of(problem);
    assertThat(failure.cause()).isEqualTo("internal");
    assertThat(failure.lasting()).isFalse();
    assertThat(failure).hasCause(problem);
  }

  @Test
  void aPauseIsTheFailuresOwn() {
    Failure failure = Failure.passing("busy", "Later.", Duration.ofMinutes(2));
    assertThat(failure.pause()).isEqualTo(Duration.ofMinutes(2));
    assertThat(failure.lasting()).isFalse();
    assertThat(Failure.passing("busy", "Later.").pause()).isNull();
    assertThat(Failure.lasting("truncated", "It ends early.", new IOException("end")).lasting())
        .isTrue();
    assertThat(Failure.lasting("truncated", "It ends early.")).hasMessage("It ends early.");
  }
}
