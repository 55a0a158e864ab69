package io.caravel.database;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A transaction that is made again from its beginning when the database let another one go first: a
 * server ends one of two that wait for each other, and H2 one that waited for too long. What is
 * done within may therefore be done several times. One within another is the outer one's.
 */
public final class RepeatedTransaction extends TransactionTemplate {
  private static final long serialVersionUID = 1L;
  private static final int TRIES = 5;
  private static final long PAUSE_NANOS = 20_000_000L;

  public RepeatedTransaction(PlatformTransactionManager manager) {
    super(manager);
  }

  @Override
  public <T extends @Nullable Object> T execute(TransactionCallback<T> action) {
    if (TransactionSynchronizationManager.isActualTransactionActive()) {
      return super.execute(action);
    }
    for (int tries = 1; ; tries++) {
      try {
        return super.execute(action);
      } catch (ConcurrencyFailureException | QueryTimeoutException e) {
        if (tries == TRIES || !paused(tries)) {
          throw e;
        }
      }
    }
  }

  /** Two that met once are not to meet again. */
  private static boolean paused(int tries) {
    LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(PAUSE_NANOS << tries));
    return !Thread.currentThread().isInterrupted();
  }
}
