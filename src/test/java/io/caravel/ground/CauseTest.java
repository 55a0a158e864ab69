package io.caravel.ground;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CauseTest {
  private static final Pattern THROWN =
      Pattern.compile(
          "(?:Failure\\s*\\.\\s*)?\\b(?:passing|lasting|new Finding)\\(\\s*\"([a-z-]+)\"");

  /** A cause that is not listed would be answered as 500 and count as the photo's own. */
  @Test
  void everyCauseThatIsThrownIsListedAndEveryListedOneIsThrown() throws IOException {
    Set<String> thrown = new TreeSet<>();
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      for (Path source : sources.filter(file -> file.toString().endsWith(".java")).toList()) {
        Matcher matcher = THROWN.matcher(Files.readString(source));
        while (matcher.find()) {
          thrown.add(matcher.group(1));
        }
      }
    }
    assertThat(thrown).contains("undecodable", "disk-full");
    Set<String> listed =
        Stream.of(Cause.values()).map(Cause::code).collect(Collectors.toCollection(TreeSet::new));
    assertThat(listed).isEqualTo(thrown);
  }

  @Test
  void aDeadlockIsNoWeather() {
    Failure failure =
        Failure.of(
            new IllegalStateException(
                new org.springframework.dao.CannotAcquireLockException("lock wait time-out")));
    assertThat(failure.cause()).isEqualTo("database-busy");
    assertThat(failure.weather()).isFalse();
    assertThat(failure.begun()).isFalse();
  }

  @Test
  void aDatabaseThatIsAwayIsWeatherHoweverDeepItIsWrapped() {
    Failure failure =
        Failure.of(new IllegalStateException(new java.sql.SQLException("closed", "90098", 90098)));
    assertThat(failure.cause()).isEqualTo("database");
    assertThat(failure.weather()).isTrue();
  }

  @Test
  void aStatementThatIsWrongIsNoWeather() {
    Failure failure =
        Failure.of(new org.springframework.dao.DataIntegrityViolationException("too long"));
    assertThat(failure.weather()).isFalse();
  }
}
