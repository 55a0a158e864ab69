package io.caravel.flow;

import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.spi.Policy;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The steps inside are one transaction: committed at their end, rolled back when one of them fails.
 *
 * <p>In place of Camel's {@code transacted}, whose error handler marks the exchange as dealt with:
 * callers then neither try again nor answer for the failure. Here the failure goes on to the caller
 * like any other.
 */
@Component("transaction")
final class OneTransaction implements Policy {
  private final TransactionTemplate transaction;

  OneTransaction(PlatformTransactionManager manager) {
    transaction = new TransactionTemplate(manager);
  }

  @Override
  public void beforeWrap(Route route, NamedNode definition) {
    // nothing to prepare
  }

  /** The steps run on the caller's thread, which holds the transaction. */
  @Override
  public Processor wrap(Route route, Processor steps) {
    return exchange ->
        transaction.executeWithoutResult(
            status -> {
              try {
                steps.process(exchange);
              } catch (Exception e) {
                exchange.setException(e);
              }
              if (failed(exchange)) {
                status.setRollbackOnly();
              }
            });
  }

  private static boolean failed(Exchange exchange) {
    return exchange.isFailed() || exchange.isRollbackOnly();
  }
}
