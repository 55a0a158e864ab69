package io.caravel.flow;

import io.caravel.door.Visitor;
import jakarta.servlet.http.HttpServletRequest;
import org.apache.camel.Header;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Who stands at the doors. */
@Component("visitors")
public class Visitors {
  /** The log-in's name; {@code local} where there is no log-in. */
  public String name(@Header("CamelHttpServletRequest") @Nullable HttpServletRequest request) {
    return Visitor.of(request);
  }
}
