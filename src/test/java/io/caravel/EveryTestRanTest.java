package io.caravel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EveryTestRanTest {
  private static final Instant BEGAN = Instant.parse("2026-01-02T03:04:05Z");

  void report(Path reports, String name, int tests, Instant at) throws IOException {
    Path file = reports.resolve("TEST-" + name + ".xml");
    Files.writeString(
        file,
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="3.0" name="%s" time="3.1" tests="%d" errors="0">
        """
            .formatted(name, tests));
    Files.setLastModifiedTime(file, FileTime.from(at));
  }

  @Test
  void aClassWithoutAReportAndOneWithoutATestAreNamed(@TempDir Path reports) throws IOException {
    report(reports, "a.RanTest", 3, BEGAN);
    report(reports, "a.EmptyTest", 0, BEGAN);
    Set<String> classes = Set.of("a.RanTest", "a.EmptyTest", "a.Misnamed", "a.LongIT");
    Map<String, Integer> ran = EveryTestRan.ran(BEGAN, reports, reports.resolve("none"));
    assertThat(EveryTestRan.silent(classes, ran, false, false))
        .containsExactly("a.EmptyTest", "a.LongIT", "a.Misnamed");
    assertThat(EveryTestRan.silent(classes, ran, false, true))
        .containsExactly("a.EmptyTest", "a.Misnamed");
    assertThat(EveryTestRan.silent(classes, ran, true, true)).containsExactly("a.EmptyTest");
  }

  @Test
  void theReportOfAnEarlierBuildSaysNothing(@TempDir Path reports) throws IOException {
    report(reports, "a.RanTest", 3, BEGAN.minusSeconds(60));
    assertThat(EveryTestRan.ran(BEGAN, reports)).isEmpty();
  }

  @Test
  void inheritedTestsCountAndAbstractClassesDoNot() {
    assertThat(EveryTestRan.classesWithTests("io.caravel"))
        .contains(
            EveryTestRanTest.class.getName(),
            "io.caravel.crash.KillRoundsIT",
            "io.caravel.route.QueueOnMariaDbTest")
        .doesNotContain(EveryTestRan.class.getName());
  }

  @Test
  void aPropertyThatWasNotGivenIsLeftAsItStandsInThePom() {
    assertThat(EveryTestRan.given("test", "test=${test}", "it.test=A")).isFalse();
    assertThat(EveryTestRan.given("it.test", "test=${test}", "it.test=A")).isTrue();
    assertThat(EveryTestRan.given("skipITs", "skipITs=false")).isFalse();
    assertThat(EveryTestRan.given("skipITs", "skipITs=true")).isTrue();
  }
}
