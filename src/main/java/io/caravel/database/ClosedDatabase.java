package io.caravel.database;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;
import java.util.Set;

/**
 * Has the pool end a connection to an embedded database that closed itself: it is good for nothing
 * any more, though H2 does not say so in a code that the pool knows. The pool makes one of these.
 */
public final class ClosedDatabase implements SQLExceptionOverride {
  /**
   * H2's codes: object closed, input or output failed, file corrupted, connection broken, read
   * only, closed, closed at shutdown.
   *
   * @see <a href="https://h2database.com/javadoc/org/h2/api/ErrorCode.html">H2: ErrorCode</a>
   */
  private static final Set<Integer> CODES =
      Set.of(90007, 90028, 90030, 90031, 90067, 90097, 90098, 90121);

  @java.lang.Override
  public Override adjudicate(SQLException problem) {
    return CODES.contains(problem.getErrorCode()) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
  }
}
