package io.caravel.flow;

import io.caravel.job.Job;
import io.caravel.job.Steps;
import io.caravel.photo.Disks;
import io.caravel.photo.Photo;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.springframework.stereotype.Component;

/**
 * Lays the photo of the job before the step that is to make something of it: variable {@code id};
 * and before a step of the user's variables {@code sha256}, {@code filename}, {@code type}, {@code
 * file} (the absolute path of the original) and {@code extension}, with the original as the body
 * and no headers.
 */
@Component("offer")
final class Offer implements Processor {
  private final Steps steps;
  private final Disks disks;

  Offer(Steps steps, Disks disks) {
    this.steps = steps;
    this.disks = disks;
  }

  /**
   * @throws io.caravel.ground.Failure {@code original-missing}, {@code disk-unavailable}
   */
  @Override
  public void process(Exchange exchange) {
    Job job = exchange.getVariable("job", Job.class);
    exchange.setVariable("id", job.photo().id());
    if (steps.isOwn(job.queue())) {
      offer(exchange, job.photo(), disks);
    }
  }

  /** Lays a photo before a step of the user's. */
  static void offer(Exchange exchange, Photo photo, Disks disks) {
    Path file = disks.resolve(photo.disk(), photo.path(), photo.file());
    exchange.setVariable("id", photo.id());
    exchange.setVariable("sha256", photo.sha256());
    exchange.setVariable("filename", photo.filename());
    exchange.setVariable("type", photo.mimeType());
    exchange.setVariable("file", file.toString());
    exchange.setVariable("extension", extension(file));
    exchange.getMessage().removeHeaders("*");
    exchange.getMessage().setBody(file.toFile());
  }

  private static String extension(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return dot < 0 ? "bin" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
  }
}
