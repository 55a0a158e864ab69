package io.caravel;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * Ends the build when a test class ran nothing: one that is never picked up because of its name, or
 * whose tests the runner does not see. Both look green otherwise.
 */
public final class EveryTestRan {
  private static final Pattern SUITE =
      Pattern.compile("<testsuite\\s[^>]*?\\bname=\"([^\"]+)\"[^>]*?\\btests=\"(\\d+)\"");

  private EveryTestRan() {}

  /**
   * @param arguments when the build began (ISO 8601), the reports' directories of Surefire and of
   *     Failsafe, then {@code name=value} for Maven's test, it.test, skipTests and skipITs
   */
  public static void main(String[] arguments) throws IOException {
    if (given("skipTests", arguments)) {
      return;
    }
    Set<String> silent =
        silent(
            classesWithTests("io.caravel"),
            ran(Instant.parse(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2])),
            given("test", arguments) || given("it.test", arguments),
            given("skipITs", arguments));
    if (!silent.isEmpty()) {
      System.err.println(
          "[ERROR] These test classes ran no test: "
              + String.join(", ", silent)
              + ". Is each called …Test, or …IT where it runs the packaged program? Are its tests"
              + " found by the runner in the pom?");
      System.exit(1);
    }
  }

  /** Maven leaves a property that was not given as it stands in the pom. */
  static boolean given(String name, String... arguments) {
    return Stream.of(arguments)
        .filter(argument -> argument.startsWith(name + "="))
        .map(argument -> argument.substring(name.length() + 1))
        .anyMatch(value -> !value.isEmpty() && !value.startsWith("${") && !value.equals("false"));
  }

  /**
   * The classes that ran nothing.
   *
   * @param ran the tests each class ran
   * @param chosen some classes were asked for: of the others none has to run
   * @param unitsOnly no IT has to run
   */
  static Set<String> silent(
      Set<String> classes, Map<String, Integer> ran, boolean chosen, boolean unitsOnly) {
    Set<String> silent = new TreeSet<>();
    for (String name : classes) {
      Integer tests = ran.get(name);
      boolean wanted = !chosen && !(unitsOnly && name.endsWith("IT"));
      if (tests == null ? wanted : tests == 0) {
        silent.add(name);
      }
    }
    return silent;
  }

  /** Names of the classes that can be run and have tests, their own or inherited. */
  static Set<String> classesWithTests(String room) {
    Set<String> names = new TreeSet<>();
    ReflectionSupport.streamAllClassesInPackage(room, EveryTestRan::hasTests, name -> true)
        .forEach(found -> names.add(found.getName()));
    return names;
  }

  private static boolean hasTests(Class<?> candidate) {
    return !Modifier.isAbstract(candidate.getModifiers())
        && (!AnnotationSupport.findAnnotatedMethods(
                    candidate, Testable.class, HierarchyTraversalMode.TOP_DOWN)
                .isEmpty()
            || !AnnotationSupport.findAnnotatedFields(candidate, Testable.class).isEmpty());
  }

  /** How many tests each class ran, by the reports that were written since the build began. */
  static Map<String, Integer> ran(Instant since, Path... directories) throws IOException {
    Map<String, Integer> ran = new HashMap<>();
    for (Path directory : directories) {
      if (!Files.isDirectory(directory)) {
        continue;
      }
      try (Stream<Path> reports = Files.list(directory)) {
        for (Path report : reports.filter(file -> file.toString().endsWith(".xml")).toList()) {
          // The build's own time has no fractions of a second.
          if (Files.getLastModifiedTime(report).toInstant().plusSeconds(1).isAfter(since)) {
            Matcher suite = SUITE.matcher(Files.readString(report));
            if (suite.find()) {
              ran.merge(suite.group(1), Integer.parseInt(suite.group(2)), Integer::sum);
            }
          }
        }
      }
    }
    return ran;
  }
}
