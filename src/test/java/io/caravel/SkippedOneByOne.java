package io.caravel;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;
import org.opentest4j.TestAbortedException;

/**
 * A class whose {@code @BeforeAll} finds that it cannot run here shows each of its tests as
 * skipped, with the reason. Surefire else reports that it has no test at all.
 */
public class SkippedOneByOne
    implements LifecycleMethodExecutionExceptionHandler, TestInstancePreConstructCallback {
  private static final Namespace HERE = Namespace.create(SkippedOneByOne.class);

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable throwable)
      throws Throwable {
    if (!(throwable instanceof TestAbortedException)) {
      throw throwable;
    }
    context.getStore(HERE).put("reason", String.valueOf(throwable.getMessage()));
  }

  @Override
  public void preConstructTestInstance(
      TestInstanceFactoryContext instance, ExtensionContext context) {
    String reason = context.getStore(HERE).get("reason", String.class);
    if (reason != null) {
      throw new TestAbortedException(reason);
    }
  }
}
