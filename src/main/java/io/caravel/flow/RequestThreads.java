package io.caravel.flow;

import io.caravel.door.Answers;
import io.caravel.door.Problem;
import io.caravel.ground.Failure;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.StreamCache;
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
      RouteProblems problems,
      Answers answers) {
    Turns turns = new Turns(threads);
    return new SpringBootPlatformHttpEngine(port, turns) {
      @Override
      public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint door, Processor route) {
        return new Answering(door, route, turns, problems, answers);
      }
    };
  }

  /** A bounded number of routes at once, each on the thread that asks for it. */
  private static final class Turns implements Executor {
    private final Semaphore free;
    private final ThreadLocal<Boolean> taken = ThreadLocal.withInitial(() -> false);

    Turns(int threads) {
      this.free = new Semaphore(threads, true);
    }

    @Override
    public void execute(Runnable work) {
      free.acquireUninterruptibly();
      taken.set(true);
      try {
        work.run();
      } finally {
        end();
      }
    }

    /** The rest of what this thread does is nobody's turn. */
    void end() {
      if (taken.get()) {
        taken.remove();
        free.release();
      }
    }
  }

  /** Makes no noise about callers that went away in the middle. */
  private static final class Answering extends SpringBootPlatformHttpConsumer {
    private final Turns turns;
    private final RouteProblems problems;
    private final Answers answers;

    Answering(
        PlatformHttpEndpoint door,
        Processor route,
        Turns turns,
        RouteProblems problems,
        Answers answers) {
      super(door, route, turns);
      this.turns = turns;
      this.problems = problems;
      this.answers = answers;
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
     * The answer is written when the turn has ended: a client that reads slowly holds up nobody.
     *
     * <p>No refusal is without words: Camel's own (no such method below a path of the contract) has
     * none, and what fails outside of the doors' routes would be an empty 500.
     */
    @Override
    protected void afterProcess(HttpServletResponse response, Exchange exchange) throws Exception {
      Exception problem = exchange.getException();
      Message answer = exchange.getMessage();
      if (problem != null && !isGone(problem)) {
        exchange.setException(null);
        tell(answer, problems.failure(problem));
      } else if (exchange.getVariable("asked") == null
          && !(answer.getBody() instanceof String)
          && answer.getHeader(Exchange.HTTP_RESPONSE_CODE) instanceof Integer status
          && status >= 400) {
        tell(answer, status, Problem.json(status));
      }
      Answers.Held held = held(answer);
      try {
        turns.end();
        super.afterProcess(response, exchange);
      } finally {
        held.close();
      }
    }

    private Answers.Held held(Message answer) {
      try {
        return answers.hold(length(answer.getBody()));
      } catch (Failure busy) {
        tell(answer, busy);
        return answers.hold(0);
      }
    }

    /** Bytes that an answer takes in memory; 0 where it is not there. */
    private static long length(@Nullable Object body) {
      return body instanceof StreamCache cache
          ? cache.length()
          : body instanceof byte[] bytes
              ? bytes.length
              : body instanceof String text ? 2L * text.length() : 0;
    }

    private void tell(Message answer, Failure failure) {
      tell(answer, problems.status(failure), problems.document(failure));
      answer.setHeader("Retry-After", problems.again(failure));
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
