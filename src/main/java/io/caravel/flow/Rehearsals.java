package io.caravel.flow;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.ground.Failure;
import io.caravel.job.Failures;
import io.caravel.job.Recipes;
import io.caravel.job.Results;
import io.caravel.job.Skip;
import io.caravel.job.Steps;
import io.caravel.photo.Disks;
import io.caravel.photo.Photo;
import io.caravel.photo.Photos;
import io.caravel.request.Request;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.support.DefaultExchange;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Runs a step's file on photos that are there, without keeping anything: its before and its make,
 * as they would be run. What it would write by {@code file} and {@code sql} is left out; what it
 * asks by {@code http} and runs by {@code exec} is asked and run. One at a time.
 */
@Component("rehearsals")
final class Rehearsals {
  private static final int MOST = 200;
  private static final int USUAL = 20;

  private final ObjectProvider<CamelContext> routes;
  private final StepFiles files;
  private final AllowedPrograms programs;
  private final Steps steps;
  private final TimeLimit limit;
  private final Disks disks;
  private final Photos photos;
  private final Results results;
  private final Recipes recipes;
  private final Failures failures;
  private final JdbcClient database;
  private final Path folder;

  Rehearsals(
      ObjectProvider<CamelContext> routes,
      StepFiles files,
      AllowedPrograms programs,
      Steps steps,
      TimeLimit timeLimit,
      Disks disks,
      Photos photos,
      Results results,
      Recipes recipes,
      Failures failures,
      JdbcClient database,
      @Value("${caravel.home}") String home) {
    this.routes = routes;
    this.files = files;
    this.programs = programs;
    this.steps = steps;
    this.limit = timeLimit;
    this.disks = disks;
    this.photos = photos;
    this.results = results;
    this.recipes = recipes;
    this.failures = failures;
    this.database = database;
    this.folder = Path.of(home, "rehearsals");
  }

  /**
   * What a step would have made of one photo.
   *
   * @param state done, skipped or failed
   * @param result what it would have kept; null: nothing
   * @param ms that before and make took
   * @param kept what is kept now; null: nothing
   * @param differs whether the two are not the same
   */
  public record Item(
      long photo,
      String state,
      @Nullable JsonNode result,
      @Nullable String cause,
      @Nullable String error,
      long ms,
      @Nullable JsonNode kept,
      boolean differs) {}

  /**
   * What a step would have made.
   *
   * @param touches photos with a result that another recipe made: those that {@code stale} would
   *     run again, were this file the step's
   */
  public record Rehearsal(List<Item> items, long touches) {}

  /**
   * A rehearsal as it is asked for: {@code file}, the name of one in $CARAVEL_HOME/rehearsals, or
   * {@code step}, one of the user's as it is; {@code photos}: their ids, or how many of those that
   * came last.
   */
  public synchronized Rehearsal of(Request request) {
    JsonNode wish = Objects.requireNonNull(request.body());
    Path file = file(wish);
    String step = String.valueOf(file.getFileName()).replaceFirst("\\.camel\\.yaml$", "");
    Duration longest = steps.limit(step);
    StepFile read;
    try {
      read = StepFile.read(file, step, longest, programs.names());
    } catch (StepFile.Unfit e) {
      throw bad(String.valueOf(e.getMessage()));
    }
    List<Photo> asked = photos.photos(ids(wish.path("photos")));
    List<Item> items = new ArrayList<>();
    String recipe = recipes.of(step, RouteText.of(read.document(), step));
    long touches = recipe == null ? 0 : failures.madeOtherwise(step, recipe);
    CamelContext camel = routes.getObject();
    try (RehearsedRoutes rehearsed = new RehearsedRoutes(camel, read);
        ProducerTemplate template = camel.createProducerTemplate()) {
      for (Photo photo : asked) {
        items.add(rehearse(step, photo, rehearsed, template));
      }
    } catch (Failure e) {
      throw e;
    } catch (Exception e) {
      throw bad("%s cannot be used: %s".formatted(file, StepProblems.ofOwn(step, e).getMessage()));
    }
    return new Rehearsal(items, touches);
  }

  private Path file(JsonNode wish) {
    if (wish.hasNonNull("file") == wish.hasNonNull("step")) {
      throw bad("Name a file of $CARAVEL_HOME/rehearsals, or a step of your own: one of the two.");
    }
    if (wish.hasNonNull("step")) {
      String step = steps.known(wish.path("step").asText());
      return files
          .of(step)
          .orElseThrow(
              () ->
                  bad(
                      "%s is a step of Caravel's, and made of more than a file: steps of your own can be rehearsed."
                          .formatted(step)));
    }
    Path file = folder.resolve(wish.path("file").asText());
    if (!Files.isRegularFile(file)) {
      throw bad("There is no file %s.".formatted(file));
    }
    return file;
  }

  private List<Long> ids(JsonNode wish) {
    if (wish.isArray()) {
      List<Long> ids = new ArrayList<>();
      wish.forEach(id -> ids.add(id.asLong()));
      return ids;
    }
    return database
        .sql(
            "select id from images where deleted_at is null order by deleted_at desc, id desc limit :most")
        .param("most", Math.min(MOST, wish.asInt(USUAL)))
        .query(Long.class)
        .list();
  }

  private Item rehearse(
      String step, Photo photo, RehearsedRoutes rehearsed, ProducerTemplate template) {
    Exchange exchange = new DefaultExchange(template.getCamelContext());
    long began = System.nanoTime();
    Failure failure = null;
    JsonNode made = null;
    Skip skip = null;
    try {
      exchange.setVariable("id", photo.id());
      run(rehearsed.before(), exchange, template);
      limit.within(
          step,
          exchange,
          work -> {
            Offer.offer(work, photo, disks);
            run(Optional.of(rehearsed.make()), work, template);
            Made.take(work, true);
          });
      if (exchange.getException() != null) {
        throw exchange.getException();
      }
      skip = exchange.getVariable("skipped", Skip.class);
      made = Results.read(step, exchange.getVariable("made"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure = Failure.of(StepProblems.ofOwn(step, e));
    } catch (Exception e) {
      failure = Failure.of(StepProblems.ofOwn(step, e));
    }
    long ms = (System.nanoTime() - began) / 1_000_000;
    JsonNode kept = results.of(photo.id()).get(step);
    if (failure != null) {
      return new Item(
          photo.id(), "failed", null, failure.cause(), failure.getMessage(), ms, kept, false);
    }
    JsonNode result = made == null || made.isEmpty() ? null : made;
    return new Item(
        photo.id(),
        skip == null ? "done" : "skipped",
        result,
        skip == null ? null : skip.cause(),
        skip == null ? null : skip.sentence(),
        ms,
        kept,
        !Objects.equals(result, kept));
  }

  private static void run(Optional<String> endpoint, Exchange exchange, ProducerTemplate template)
      throws Exception {
    if (endpoint.isPresent()) {
      template.send(endpoint.get(), exchange);
      if (exchange.getException() != null) {
        throw exchange.getException();
      }
    }
  }

  private static Failure bad(String sentence) {
    return Failure.lasting("bad-request", sentence);
  }
}
