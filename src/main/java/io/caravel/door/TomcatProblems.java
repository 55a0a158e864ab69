package io.caravel.door;

import java.io.IOException;
import java.io.Writer;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.stereotype.Component;

/**
 * Tells what Tomcat refuses before any filter sees it (an address, a header or a method that is
 * none), and what anybody else refuses with a bare status, as problem+json, too.
 */
@Component
class TomcatProblems implements WebServerFactoryCustomizer<TomcatServletWebServerFactory>, Ordered {
  @Override
  public void customize(TomcatServletWebServerFactory factory) {
    // Tomcat's own refusal of it ends in Spring Security's firewall; KnownMethods refuses it.
    factory.addConnectorCustomizers(connector -> connector.setAllowTrace(true));
    factory.addContextCustomizers(
        context -> context.getParent().getPipeline().addValve(new Problems()));
  }

  /** Behind Spring Boot's own, whose valve says nothing: the last one added is asked first. */
  @Override
  public int getOrder() {
    return Ordered.LOWEST_PRECEDENCE;
  }

  private static final class Problems extends ErrorReportValve {
    @Override
    protected void report(Request request, Response response, @Nullable Throwable problem) {
      int status = response.getStatus();
      if (status < 400
          || response.isCommitted()
          || response.getContentWritten() > 0
          || response.getContentType() != null) {
        return;
      }
      response.setErrorReported();
      response.setContentType(Problem.MEDIA_TYPE);
      response.setHeader("Cache-Control", "no-store");
      response.setHeader("X-Content-Type-Options", "nosniff");
      String again = Problem.again(status);
      if (again != null && response.getHeader("Retry-After") == null) {
        response.setHeader("Retry-After", again);
      }
      try {
        Writer writer = response.getReporter();
        if (writer != null) {
          writer.write(Problem.json(status)); // nothing in it is beyond ASCII
          response.finishResponse();
        }
      } catch (IOException e) {
        container.getLogger().debug("Nobody is there to be told why", e);
      }
    }
  }
}
