package io.caravel;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.junit.jupiter.SpringExtension;

/**
 * Ends every program that tests share when the last test of this JVM has ended, and not with the
 * JVM: there all of them would have to be closed within the half minute that Surefire waits, while
 * the databases and files they stand on are taken away by other hooks. And whatever a test awaits
 * without a limit of its own has two minutes.
 */
public class ContextsClosed implements BeforeTestExecutionCallback, LauncherSessionListener {
  private static final Set<ConfigurableApplicationContext> PROGRAMS = ConcurrentHashMap.newKeySet();

  static {
    // What is awaited comes; how soon is for a busy machine to say.
    Awaitility.setDefaultTimeout(Duration.ofMinutes(2));
  }

  @Override
  public void beforeTestExecution(ExtensionContext context) {
    if (AnnotationSupport.isAnnotated(context.getRequiredTestClass(), SpringBootTest.class)
        && SpringExtension.getApplicationContext(context)
            instanceof ConfigurableApplicationContext program) {
      PROGRAMS.removeIf(other -> !other.isActive()); // closed to make room: nobody else keeps it
      PROGRAMS.add(program);
    }
  }

  @Override
  public void launcherSessionClosed(LauncherSession session) {
    PROGRAMS.forEach(ConfigurableApplicationContext::close);
    PROGRAMS.clear();
  }
}
