package io.caravel.change;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Where changes are written, in the transaction that makes them and after the statement that does:
 * so of two that wait for each other the later one draws the greater id. Thread-safe.
 */
@Component("outbox")
public class Outbox {
  /** Changes in one statement. */
  private static final int CHUNK = 200;

  private final JdbcClient database;
  private final OutboxListener listener;

  public Outbox(JdbcClient database, OutboxListener listener) {
    this.database = database;
    this.listener = listener;
  }

  /** Writes a change of a photo, or of one of its jobs. */
  public void write(long photo, String kind) {
    write(List.of(Notice.of(photo, kind)));
  }

  /** Writes changes, which are told in this order. */
  public void write(List<Notice> changes) {
    for (int from = 0; from < changes.size(); from += CHUNK) {
      database
          .sql(
              "insert into changes (kind, image_id, face_id, who, before_json, after_json) values :changes")
          .param(
              "changes",
              changes.subList(from, Math.min(changes.size(), from + CHUNK)).stream()
                  .map(Outbox::row)
                  .toList())
          .update();
    }
    if (!changes.isEmpty()) {
      tellAfterCommit();
    }
  }

  private static Object[] row(Notice change) {
    return new Object[] {
      change.kind(), change.photo(), change.face(), change.who(), change.before(), change.after()
    };
  }

  private void tellAfterCommit() {
    if (!TransactionSynchronizationManager.isSynchronizationActive()) {
      listener.committed();
      return;
    }
    TransactionSynchronizationManager.registerSynchronization(
        new TransactionSynchronization() {
          @Override
          public void afterCommit() {
            listener.committed();
          }
        });
  }
}
