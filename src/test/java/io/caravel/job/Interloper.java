package io.caravel.job;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Lets somebody else act between two statements: once, just before the one that reads so. */
final class Interloper extends DelegatingDataSource {
  private String before = "";
  private @Nullable Runnable action;

  Interloper(DataSource database) {
    super(database);
  }

  /** Has this done before the next statement in which the text is. */
  void before(String text, Runnable action) {
    this.before = text;
    this.action = action;
  }

  /** Whether nobody came to act. */
  boolean waits() {
    return action != null;
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = super.getConnection();
    return (Connection)
        Proxy.newProxyInstance(
            Interloper.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              Runnable now = action;
              if (now != null
                  && method.getName().equals("prepareStatement")
                  && ((String) arguments[0]).contains(before)) {
                action = null;
                now.run();
              }
              try {
                return method.invoke(connection, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
