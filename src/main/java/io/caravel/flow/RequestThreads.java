package io.caravel.flow;

import io.caravel.door.Problem;
import io.caravel.job.Failure;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.component.platform.http.springboot.SpringBootPlatformHttpConsumer;
import org.apache.camel.component.platform.http.springboot.SpringBootPlatformHttpEngine;
import org.apache.camel.support.LoggingExceptionHandler;
import org.apache.catalina.connector.ClientAbortException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Lets each request's own thread run its route and write its answer. On a thread of Camel's, as the
 * starter has it, two threads write one answer: the container's leaves Spring Security's
 * HeaderWriterFilter meanwhile (spring-security 9175, 15510), and answers get lost or mixed.
 */
@Configuration(proxyBeanMethods = false)
class RequestThreads {
  private static final Logger LOG = LoggerFactory.getLogger(RequestThreads.class);

  /**
   * @param threads so many routes run for requests at once; the other requests wait for their turn
   */
  @Bean("platform-http-engine")
  PlatformHttpEngine requestThreads(
      @Value("${server.port}") int port,
      @Value("${caravel.request-threads}") int threads,
      Problems problems) {
    Semaphore turns = new Semaphore(threads, true);
    Executor own =
        work -> {
          turns.acquireUninterruptibly();
          try {
            work.run();
          } finally {
            turns.release();
          }
        };
    return new SpringBootPlatformHttpEngine(port, own) {
      @Override
      public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint door, Processor route) {
        return new Answering(door, route, own, problems);
      }
    };
  }

  /** Makes no noise about callers that went away in the middle. */
  private static final class Answering extends SpringBootPlatformHttpConsumer {
    private final Problems problems;

    Answering(PlatformHttpEndpoint door, Processor route, Executor own, Problems problems) {
      super(door, route, own);
      this.problems = problems;
      setExceptionHandler(
          new LoggingExceptionHandler(door.getCamelContext(), Answering.class) {
            @Override
            public void handleException(String message, Throwable problem) {
              if (!isGone(problem)) {
                super.handleException(message, problem);
              }
            }
          });
    }

    /**
     * Answers on this thread, and says so: null. A future would have Spring MVC begin asynchronous
     * work for a request that is answered, and fail where its caller is gone.
     */
    @Override
    public @Nullable CompletableFuture<Void> service(
        HttpServletRequest request, HttpServletResponse response) {
      super.service(request, response).join();
      return null;
    }

    @Override
    protected void handleService(HttpServletRequest request, HttpServletResponse response)
        throws Exception {
      try {
        super.handleService(request, response);
      } catch (Exception e) {
        if (!isGone(e)) {
          throw e;
        }
      }
    }

    /**
     * No refusal is without words: Camel's own (no such method below a path of the contract) has
     * none, and what fails outside of the doors' routes would be an empty 500.
     */
    @Override
    protected void afterProcess(HttpServletResponse response, Exchange exchange) throws Exception {
      Exception problem = exchange.getException();
      Message answer = exchange.getMessage();
      if (problem != null && !isGone(problem)) {
        exchange.setException(null);
        Failure failure = problems.failure(problem);
        tell(answer, problems.status(failure), problems.document(failure));
        answer.setHeader("Retry-After", problems.again(failure));
      } else if (exchange.getVariable("asked") == null
          && !(answer.getBody() instanceof String)
          && answer.getHeader(Exchange.HTTP_RESPONSE_CODE) instanceof Integer status
          && status >= 400) {
        tell(answer, status, Problem.json(status));
      }
      super.afterProcess(response, exchange);
    }

    private static void tell(Message answer, int status, String document) {
      answer.setHeader(Exchange.HTTP_RESPONSE_CODE, status);
      answer.setHeader(Exchange.CONTENT_TYPE, Problem.MEDIA_TYPE);
      answer.setBody(document);
    }

    private static boolean isGone(Throwable problem) {
      for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
        if (cause instanceof ClientAbortException) {
          LOG.debug("A caller went away: {}", cause.toString());
          return true;
        }
      }
      return false;
    }
  }
}
