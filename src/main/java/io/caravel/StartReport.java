package io.caravel;

import io.caravel.ground.CannotStart;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.TypeMismatchException;
import org.springframework.beans.factory.UnsatisfiedDependencyException;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.support.SpringFactoriesLoader;

/**
 * The last word of a start that failed: one sentence on standard error in place of a hundred lines
 * of stack trace, wherever it is known what is wrong. What nobody expected keeps its stack trace.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class StartReport implements SpringBootExceptionReporter {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{(caravel\\.[a-z.-]+)[:}].*");

  private final @Nullable ConfigurableApplicationContext context;

  /** By Spring Boot; {@code context} is null when the settings could not be read. */
  StartReport(@Nullable ConfigurableApplicationContext context) {
    this.context = context;
  }

  @Override
  public boolean reportException(Throwable failure) {
    CannotStart known = known(failure);
    if (known != null) {
      // The log may not be there yet: the settings that say how it looks are read before it.
      System.err.println("Caravel cannot start: " + known.getMessage());
    }
    return known != null;
  }

  /** The exit status of a start that failed so. */
  static int status(Throwable failure) {
    CannotStart known = new StartReport(null).known(failure);
    return known == null ? CannotStart.TRY_AGAIN : known.status();
  }

  private @Nullable CannotStart known(Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof CannotStart known) {
        return known;
      }
      // By convention a setting's own complaint begins with its name.
      if (each instanceof IllegalArgumentException
          && String.valueOf(each.getMessage()).startsWith("CARAVEL_")) {
        return CannotStart.mendFirst(String.valueOf(each.getMessage()), failure);
      }
    }
    for (Throwable each = failure; each != null; each = each.getCause()) {
      CannotStart known = springs(each);
      if (known != null) {
        return known;
      }
    }
    return analyzed(failure);
  }

  /** What Spring found wrong with a setting, or with the address to listen on. */
  private @Nullable CannotStart springs(Throwable failure) {
    if (failure instanceof UnsatisfiedDependencyException unsatisfied
        && unsatisfied.getCause() instanceof TypeMismatchException mismatch
        && unsatisfied.getInjectionPoint() != null) {
      Value setting = unsatisfied.getInjectionPoint().getAnnotation(Value.class);
      return setting == null ? null : wrongValue(setting.value(), mismatch.getValue(), mismatch);
    }
    if (failure instanceof BindException bind) {
      String property = bind.getName().toString();
      return wrongValue(rawValue(property), value(property), failure);
    }
    if (failure instanceof InvalidConfigurationPropertyValueException invalid) {
      return wrongValue(rawValue(invalid.getName()), value(invalid.getName()), failure);
    }
    if (failure instanceof java.net.BindException) {
      return CannotStart.tryAgain(
          "it cannot listen on CARAVEL_ADDRESS and CARAVEL_PORT ("
              + failure.getMessage()
              + "): name an address of this machine, and a port that this user may open.",
          failure);
    }
    if (failure instanceof PortInUseException port) {
      return CannotStart.tryAgain(
          "port "
              + port.getPort()
              + " is taken, by another program or a Caravel that already runs: stop it, or choose another port by CARAVEL_PORT.",
          failure);
    }
    return null;
  }

  private static CannotStart wrongValue(String where, @Nullable Object value, Throwable origin) {
    Matcher placeholder = PLACEHOLDER.matcher(where);
    String property = placeholder.matches() ? placeholder.group(1) : where;
    String name = property.startsWith("caravel.") ? variable(property) : property;
    return CannotStart.mendFirst(
        "%s is \"%s\", which is no value for it: correct it, or leave it out for its default (README.md, Settings)."
            .formatted(name, value),
        origin);
  }

  /**
   * What the property is set to, before its placeholders are resolved: who set it is to be told.
   */
  private String rawValue(String property) {
    if (context != null) {
      ConfigurableEnvironment environment = context.getEnvironment();
      for (PropertySource<?> source : environment.getPropertySources()) {
        Object raw = source.getProperty(property);
        if (raw != null && PLACEHOLDER.matcher(raw.toString()).matches()) {
          return raw.toString();
        }
      }
    }
    return property;
  }

  private @Nullable String value(String property) {
    return context == null ? null : context.getEnvironment().getProperty(property, "nothing");
  }

  /** The environment variable of a property: CARAVEL_MAX_UPLOAD_MB of caravel.max-upload-mb. */
  private static String variable(String property) {
    return property.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
  }

  /** What a room says of its own trouble, such as the routes of theirs. */
  private static @Nullable CannotStart analyzed(Throwable failure) {
    List<FailureAnalyzer> ours =
        SpringFactoriesLoader.forDefaultResourceLocation()
            .load(FailureAnalyzer.class, (type, name, unusable) -> {})
            .stream()
            .filter(each -> each.getClass().getName().startsWith("io.caravel."))
            .toList();
    return ours.stream()
        .map(analyzer -> analyzer.analyze(failure))
        .filter(Objects::nonNull)
        .findFirst()
        .map(analysis -> CannotStart.mendFirst(sentence(analysis), failure))
        .orElse(null);
  }

  private static String sentence(FailureAnalysis analysis) {
    return analysis.getAction() == null
        ? analysis.getDescription()
        : analysis.getDescription() + " " + analysis.getAction();
  }
}
