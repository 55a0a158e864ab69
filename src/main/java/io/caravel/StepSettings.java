package io.caravel;

import io.caravel.ground.CannotStart;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Which steps there are, and what follows from their names: roles, queues, and where the hints of
 * their jobs come from. A step is a key of {@code caravel.steps} in application.yaml, or a file
 * NAME.camel.yaml of CARAVEL_ROUTES_EXTRA.
 */
final class StepSettings implements EnvironmentPostProcessor, Ordered {
  private static final ConfigurationPropertyName STEPS =
      ConfigurationPropertyName.of("caravel.steps");

  /** The rest of a kind of change, such as {@code -skipped}, has room beside it. */
  private static final String NAME = "[a-z][a-z0-9]{1,23}";

  /** What a name of a step would be taken for. */
  private static final Set<String> TAKEN =
      Set.of("intake", "web", "all", "inbox", "images", "scrub");

  private static final Set<String> NUMBERS =
      Set.of("tries", "limit-seconds", "backoff-seconds", "window", "workers");
  private static final Set<String> SWITCHES = Set.of("single", "interrupt");
  private static final Set<String> TEXTS = Set.of("after", "title", "about", "recipe");

  /** After the configuration files are read, which say what steps there are. */
  @Override
  public int getOrder() {
    return ConfigDataEnvironmentPostProcessor.ORDER + 1;
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    Map<String, Path> files = ownFiles(environment.getProperty("caravel.routes-extra", ""));
    Set<String> names = new LinkedHashSet<>();
    Set<String> set = set(environment);
    set.stream().filter(name -> !files.containsKey(name)).forEach(names::add);
    names.addAll(files.keySet());
    names.forEach(name -> requireSettings(environment, name));
    names.forEach(name -> requireOrder(environment, name, names));
    Map<String, Object> derived = new HashMap<>();
    derived.put("caravel.step-names", String.join(",", names));
    derived.put("caravel.own-steps", String.join(",", files.keySet()));
    derived.put(
        "caravel.own-routes",
        files.values().stream().map(file -> ",file:" + file).collect(Collectors.joining()));
    roles(environment, names, derived);
    names.forEach(name -> hints(environment, name, derived));
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("caravel-step-settings", derived));
  }

  /** The user's own, by the name of their step. */
  private static Map<String, Path> ownFiles(String setting) {
    Map<String, Path> files = new TreeMap<>();
    for (String each : setting.split(",")) {
      String pattern = each.strip().replaceFirst("^file:(//)?", "");
      if (pattern.isEmpty()) {
        continue;
      }
      Path whole = Path.of(pattern).toAbsolutePath().normalize();
      Path folder = whole.resolveSibling("").normalize();
      if (!Files.isDirectory(folder)) {
        continue;
      }
      try (DirectoryStream<Path> found =
          Files.newDirectoryStream(folder, String.valueOf(whole.getFileName()))) {
        for (Path file : found) {
          Path former = files.put(name(file), file);
          if (former != null && !former.equals(file)) {
            throw CannotStart.mendFirst(
                "%s and %s are one step: call one of them otherwise.".formatted(former, file));
          }
        }
      } catch (IOException e) {
        throw CannotStart.mendFirst(
            "CARAVEL_ROUTES_EXTRA %s cannot be read (%s).".formatted(each.strip(), e), e);
      }
      if (files.values().stream().anyMatch(file -> file.startsWith(folder))) {
        requireGuarded(folder);
      }
    }
    files.values().forEach(StepSettings::requireGuarded);
    return files;
  }

  private static String name(Path file) {
    String name = String.valueOf(file.getFileName()).replaceFirst("\\.camel\\.yaml$", "");
    if (!name.matches(NAME) || TAKEN.contains(name) || file.toString().contains(",")) {
      throw CannotStart.mendFirst(
          "%s: a step is called by 2 to 24 small letters and digits, and not %s: call the file NAME.camel.yaml."
              .formatted(file, String.join(", ", TAKEN.stream().sorted().toList())));
    }
    return name;
  }

  /** Who writes there has Caravel do whatever it can do. */
  private static void requireGuarded(Path file) {
    try {
      PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
      // null: a file system without such permissions
      if (view != null
          && view.readAttributes().permissions().contains(PosixFilePermission.OTHERS_WRITE)) {
        throw CannotStart.mendFirst(
            "%s can be written by everybody, and what it says is done as Caravel: chmod o-w it."
                .formatted(file));
      }
    } catch (IOException e) {
      throw CannotStart.mendFirst("%s cannot be looked at (%s).".formatted(file, e), e);
    }
  }

  /** The steps that settings name, those of application.yaml first, in its order. */
  private static Set<String> set(ConfigurableEnvironment environment) {
    Set<String> names = new LinkedHashSet<>();
    List<ConfigurationPropertySource> sources = new ArrayList<>();
    ConfigurationPropertySources.get(environment).forEach(source -> sources.add(0, source));
    for (ConfigurationPropertySource source : sources) {
      if (source instanceof IterableConfigurationPropertySource known) {
        known.stream().filter(STEPS::isAncestorOf).forEach(key -> names.add(requireKey(key)));
      }
    }
    return names;
  }

  /** {@code caravel.steps.NAME.SETTING}; an environment variable's dashes come as dots. */
  private static String requireKey(ConfigurationPropertyName key) {
    StringBuilder setting = new StringBuilder();
    for (int part = 3; part < key.getNumberOfElements(); part++) {
      setting.append(key.getElement(part, ConfigurationPropertyName.Form.UNIFORM));
    }
    boolean known =
        Stream.of(NUMBERS, SWITCHES, TEXTS)
            .flatMap(Set::stream)
            .anyMatch(each -> each.replace("-", "").contentEquals(setting));
    if (!known) {
      throw CannotStart.mendFirst(
          "%s is no setting of a step: CARAVEL_STEPS_NAME_… has AFTER, TRIES, LIMIT_SECONDS, BACKOFF_SECONDS, WINDOW, WORKERS, SINGLE, INTERRUPT, TITLE, ABOUT and RECIPE."
              .formatted(key.toString().toUpperCase(Locale.ROOT).replace('.', '_')));
    }
    return key.getElement(2, ConfigurationPropertyName.Form.UNIFORM);
  }

  private static void requireSettings(ConfigurableEnvironment environment, String step) {
    for (String number : NUMBERS) {
      String value = environment.getProperty("caravel.steps." + step + "." + number, "1").strip();
      boolean zero = number.equals("backoff-seconds") && value.equals("0");
      if (!zero && !value.matches("[1-9][0-9]{0,5}")) {
        throw wrong(step, number, value, "a number, 1 or more");
      }
    }
    for (String name : SWITCHES) {
      String value = environment.getProperty("caravel.steps." + step + "." + name, "true").strip();
      if (!Set.of("true", "false").contains(value)) {
        throw wrong(step, name, value, "true or false");
      }
    }
  }

  /** What it comes after is there, and does not come after it. */
  private static void requireOrder(
      ConfigurableEnvironment environment, String step, Set<String> names) {
    Set<String> chain = new HashSet<>();
    for (String each = step; names.contains(each); each = after(environment, each)) {
      if (!chain.add(each)) {
        throw wrong(step, "after", after(environment, step), "a step that does not come after it");
      }
    }
    String after = after(environment, step);
    if (!after.isEmpty() && !after.equals("intake") && !names.contains(after)) {
      throw wrong(
          step,
          "after",
          after,
          "intake, nothing (\"\": a route queues it), or one of the steps "
              + String.join(", ", names));
    }
  }

  private static String after(ConfigurableEnvironment environment, String step) {
    return environment.getProperty("caravel.steps." + step + ".after", "intake").strip();
  }

  private static CannotStart wrong(String step, String setting, String value, String wanted) {
    return CannotStart.mendFirst(
        "CARAVEL_STEPS_%s_%s is \"%s\": give it %s."
            .formatted(
                step.toUpperCase(Locale.ROOT),
                setting.toUpperCase(Locale.ROOT).replace('-', '_'),
                value,
                wanted));
  }

  private static void roles(
      ConfigurableEnvironment environment, Set<String> steps, Map<String, Object> derived) {
    List<String> roles = new ArrayList<>(List.of("intake"));
    roles.addAll(steps);
    roles.add("web");
    String setting = environment.getProperty("caravel.roles", "all").trim();
    Set<String> asked =
        setting.equals("all") ? Set.copyOf(roles) : Set.of(setting.split("\\s*,\\s*"));
    for (String role : asked) {
      if (!roles.contains(role)) {
        throw CannotStart.mendFirst(
            "CARAVEL_ROLES names the role \"%s\"; there are: %s."
                .formatted(role, String.join(", ", roles)));
      }
    }
    for (String role : roles) {
      derived.put("caravel.role." + role, asked.contains(role));
    }
    derived.put(
        "caravel.roles-here",
        roles.stream().filter(asked::contains).collect(Collectors.joining(",")));
    boolean broker = !environment.getProperty("caravel.rabbitmq.uri", "").isBlank();
    derived.put(
        "caravel.queue.fed",
        steps.stream()
            .filter(step -> broker || asked.contains(step))
            .collect(Collectors.joining(",")));
  }

  /** Where the hints of a step's jobs come from; routes of one's own may name it, too. */
  private static void hints(
      ConfigurableEnvironment environment, String step, Map<String, Object> derived) {
    String property = "caravel.queue." + step + ".in";
    if (environment.getProperty(property) != null) {
      return;
    }
    String settings = "caravel.steps." + step + ".";
    boolean single = environment.getProperty(settings + "single", Boolean.class, false);
    derived.put(
        property,
        environment
                .getRequiredProperty("caravel.queue.in")
                .replace("{step}", step)
                .replace("{workers}", environment.getProperty(settings + "workers", "1"))
            + (single ? environment.getProperty("caravel.queue.in-single", "") : ""));
  }
}
