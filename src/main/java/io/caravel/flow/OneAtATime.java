package io.caravel.flow;

import org.apache.camel.spi.IdempotentRepository;
import org.apache.camel.support.service.ServiceSupport;
import org.springframework.stereotype.Component;

/**
 * Keeps no list of files in progress for an endpoint whose one thread ends each file before it
 * looks for the next. Camel's own list knows a name with a backslash by two spellings, and never
 * forgets the one it was entered by.
 */
@Component("oneAtATime")
final class OneAtATime extends ServiceSupport implements IdempotentRepository {
  @Override
  public boolean add(String key) {
    return true;
  }

  @Override
  public boolean contains(String key) {
    return false;
  }

  @Override
  public boolean remove(String key) {
    return true;
  }

  @Override
  public boolean confirm(String key) {
    return true;
  }

  @Override
  public void clear() {
    // nothing is kept
  }
}
