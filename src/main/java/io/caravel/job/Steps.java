package io.caravel.job;

import io.caravel.ground.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * The steps that a photo takes: each has a queue, a role and settings {@code caravel.steps.NAME.…}
 * of its name. Those of Caravel stand in application.yaml, in the order in which they are shown;
 * those of the user are files, and stand behind them. What was set under their former names, {@code
 * caravel.queue.NAME.…}, holds as before.
 */
@Component("steps")
public class Steps {
  /** What a step comes after that a photo takes at once. */
  public static final String INTAKE = "intake";

  /** Another start that hangs costs a thread each: two are enough to tell. */
  private static final int TRIES_AFTER_TIME_LIMIT = 2;

  /** A failure may ask for more than the back-off, such as the geocoder's Retry-After. */
  private static final Duration LONGEST_ASKED_FOR = Duration.ofHours(2);

  private final Environment environment;
  private final List<String> names;
  private final Set<String> own;
  private final Set<String> single = new HashSet<>();
  private final Set<String> uninterrupted = new HashSet<>();
  private final Map<String, List<String>> after = new HashMap<>();
  private final Map<String, String> described = new ConcurrentHashMap<>();

  // Each is asked for with each job, and to find one costs more than a statement.
  private final Map<String, Integer> numbers = new ConcurrentHashMap<>();
  private final Map<String, String> recipes = new ConcurrentHashMap<>();

  Steps(Environment environment) {
    this.environment = environment;
    names = list("caravel.step-names");
    own = Set.copyOf(list("caravel.own-steps"));
    for (String name : names) {
      if (is(name, "single", false)) {
        single.add(name);
      }
      if (!is(name, "interrupt", true)) {
        uninterrupted.add(name);
      }
      after.computeIfAbsent(comesAfter(name), before -> new ArrayList<>()).add(name);
    }
  }

  private List<String> list(String property) {
    String text = environment.getProperty(property, "");
    return text.isEmpty() ? List.of() : List.of(text.split(","));
  }

  /** All that this node knows, in their order. */
  public List<String> names() {
    return names;
  }

  /** Whether it is a step of the user's, made by a file of its name. */
  public boolean isOwn(String name) {
    return own.contains(name);
  }

  /** Whether this node knows a step of that name. */
  public boolean knows(@Nullable String name) {
    return name != null && names.contains(name);
  }

  /**
   * The step of that name.
   *
   * @throws Failure no-such-queue
   */
  public String known(@Nullable String name) {
    if (name == null || !names.contains(name)) {
      throw unknown(String.valueOf(name));
    }
    return name;
  }

  Failure unknown(String name) {
    return Failure.lasting(
        "no-such-queue",
        "There is no queue \"" + name + "\": they are " + String.join(", ", names) + ".");
  }

  /** All that a node can do: take photos in, the steps, show them. */
  public List<String> roles() {
    return Stream.of(Stream.of(INTAKE), names.stream(), Stream.of("web"))
        .flatMap(each -> each)
        .toList();
  }

  /** The roles that this node has. */
  public List<String> rolesHere() {
    return roles().stream().filter(this::works).toList();
  }

  /** Whether this node does the work of a step, or has another role of that name. */
  public boolean works(String role) {
    return environment.getProperty("caravel.role." + role, Boolean.class, false);
  }

  /** The steps that a photo takes once it has taken another, or once it is taken in. */
  public List<String> after(String step) {
    return after.getOrDefault(step, List.of());
  }

  /** What a step comes after: intake or a step; empty: a route queues it. */
  public String comesAfter(String step) {
    return environment.getProperty("caravel.steps." + step + ".after", INTAKE);
  }

  /** As the page calls it. */
  public String title(String step) {
    String usual = step.substring(0, 1).toUpperCase(Locale.ROOT) + step.substring(1);
    return environment.getProperty("caravel.steps." + step + ".title", usual);
  }

  /** What it does, in a few words. */
  public String about(String step) {
    return environment.getProperty(
        "caravel.steps." + step + ".about", described.getOrDefault(step, ""));
  }

  /** What else than its routes and tools its results depend on. */
  String recipe(String step) {
    return recipes.computeIfAbsent(
        step, name -> environment.getProperty("caravel.steps." + name + ".recipe", ""));
  }

  /** What its file says of a step, where no setting does. */
  public void describe(String step, String about) {
    described.put(step, about);
  }

  /** Whether it has one worker over all nodes. */
  public boolean isSingle(String step) {
    return single.contains(step);
  }

  /**
   * Whether its work is interrupted at its limit, and may be what ended the program: what waits for
   * others and uses the database is not and may not.
   */
  public boolean isInterrupted(String step) {
    return !uninterrupted.contains(step);
  }

  int tries(String step, String cause) {
    int tries = number(step, "tries", 3);
    return cause.equals("time-limit") ? Math.min(tries, TRIES_AFTER_TIME_LIMIT) : tries;
  }

  /** How many jobs of the step are under way at once: what a broker or a worker's line holds. */
  int window(String step) {
    return number(step, "window", 100);
  }

  /** Jobs of the step that this node does at once. */
  int workers(String step) {
    return number(step, "workers", 1);
  }

  public Duration limit(String step) {
    return Duration.ofSeconds(number(step, "limit-seconds", 60));
  }

  /** The pause before the next try: four times as long after each. */
  Duration backoff(String step, int attempts) {
    return Duration.ofSeconds(
        (long) number(step, "backoff-seconds", 5) << (2 * Math.min(attempts - 1, 6)));
  }

  /** No job of the step is put off for longer. */
  Duration longestPause(String step) {
    return backoff(step, number(step, "tries", 3)).plus(longestRest()).plus(LONGEST_ASKED_FOR);
  }

  /** How long a queue rests for weather: twice as long each time, up to a longest. */
  Duration rest(int before) {
    long first = number("rest-seconds");
    return Duration.ofSeconds(
        Math.min(first << Math.min(before, 20), number("rest-longest-seconds")));
  }

  Duration longestRest() {
    return Duration.ofSeconds(number("rest-longest-seconds"));
  }

  /** The environment variable of a step's setting. */
  public static String variable(String step, String setting) {
    return "CARAVEL_STEPS_"
        + step.toUpperCase(Locale.ROOT)
        + "_"
        + setting.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /** After a change of settings while the program runs, as tests make it. */
  public void readAgain() {
    numbers.clear();
    recipes.clear();
  }

  private int number(String name) {
    return numbers.computeIfAbsent(
        "caravel.queue." + name,
        property -> environment.getRequiredProperty(property, Integer.class));
  }

  private int number(String step, String name, int usual) {
    return numbers.computeIfAbsent(
        "caravel.steps." + step + "." + name,
        property -> {
          Integer former =
              environment.getProperty("caravel.queue." + step + "." + name, Integer.class);
          return former != null ? former : environment.getProperty(property, Integer.class, usual);
        });
  }

  private boolean is(String step, String name, boolean usual) {
    return environment.getProperty("caravel.steps." + step + "." + name, Boolean.class, usual);
  }
}
