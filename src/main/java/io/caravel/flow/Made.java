package io.caravel.flow;

import io.caravel.job.Job;
import io.caravel.job.Skip;
import io.caravel.job.Steps;
import java.io.File;
import java.io.InputStream;
import java.util.Objects;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.StreamCache;
import org.apache.camel.component.exec.ExecResult;
import org.springframework.stereotype.Component;

/**
 * Takes what a step has made, within its limit: the body becomes variable {@code made}; of a step
 * of the user's as text, unless it is a Map or the like, so that a stream is read to its end.
 * Variables {@code skip} (a short code) and {@code sentence} say that there was nothing to do:
 * variable {@code skipped}.
 */
@Component("made")
final class Made implements Processor {
  private final Steps steps;

  Made(Steps steps) {
    this.steps = steps;
  }

  @Override
  public void process(Exchange exchange) {
    Job job = exchange.getVariable("job", Job.class);
    take(exchange, steps.isOwn(job.queue()));
  }

  static void take(Exchange exchange, boolean own) {
    Object body = exchange.getMessage().getBody();
    String skip = exchange.getVariable("skip", String.class);
    Object made = !own ? body : skip == null ? read(exchange, body) : "{}";
    exchange.setVariable("made", made);
    if (skip != null) {
      String sentence = exchange.getVariable("sentence", String.class);
      exchange.setVariable(
          "skipped",
          new Skip(skip, Objects.requireNonNullElse(sentence, "There was nothing to do.")));
    }
  }

  private static Object read(Exchange exchange, Object body) {
    if (body == null || body instanceof File) {
      return ""; // as it was offered: nothing was made
    }
    boolean text =
        body instanceof CharSequence
            || body instanceof byte[]
            || body instanceof InputStream
            || body instanceof StreamCache
            || body instanceof ExecResult;
    return text ? exchange.getMessage().getBody(String.class) : body;
  }
}
