package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.ground.Failure;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.env.MockEnvironment;

class StepsTest {
  private final Steps steps =
      new Steps(
          ShippedSteps.environment()
              .withProperty("caravel.steps.metadata.tries", "3")
              .withProperty("caravel.steps.metadata.backoff-seconds", "5")
              .withProperty("caravel.steps.metadata.limit-seconds", "60")
              .withProperty("caravel.steps.metadata.window", "500")
              .withProperty("caravel.queue.geolocation.tries", "1"));

  @ParameterizedTest
  @CsvSource({"1, 5", "2, 20", "3, 80", "4, 320", "7, 20480", "8, 20480", "1000, 20480"})
  void thePauseIsFourTimesAsLongAfterEachTryUpToSixHours(int attempts, long seconds) {
    assertThat(steps.backoff("metadata", attempts)).isEqualTo(Duration.ofSeconds(seconds));
  }

  /** Each start that hangs costs a thread. */
  @Test
  void whatHangsIsTriedTwiceAtMost() {
    assertThat(steps.tries("metadata", "exiftool-failed")).isEqualTo(3);
    assertThat(steps.tries("metadata", "time-limit")).isEqualTo(2);
    assertThat(steps.tries("geolocation", "time-limit")).isEqualTo(1);
  }

  @Test
  void limitAndWindowAreTheQueuesOwn() {
    assertThat(steps.limit("metadata")).isEqualTo(Duration.ofMinutes(1));
    assertThat(steps.window("metadata")).isEqualTo(500);
  }

  /** Databases and settings of the time before there were steps. */
  @Test
  void aSettingByItsFormerNameHolds() {
    assertThat(steps.tries("geolocation", "geocoder-refused")).isEqualTo(1);
  }

  @Test
  void whatFollowsIsToldInTheOrderOfTheSteps() {
    assertThat(steps.after(Steps.INTAKE)).containsExactly("thumbnails", "metadata", "faces");
    assertThat(steps.after("metadata")).isEmpty();
    Steps chain =
        new Steps(
            ShippedSteps.environment()
                .withProperty("caravel.step-names", "thumbnails,metadata,captions,copy")
                .withProperty("caravel.own-steps", "captions,copy")
                .withProperty("caravel.steps.captions.after", "metadata")
                .withProperty("caravel.steps.copy.after", "captions"));
    assertThat(chain.after(Steps.INTAKE)).containsExactly("thumbnails", "metadata");
    assertThat(chain.after("metadata")).containsExactly("captions");
    assertThat(chain.after("captions")).containsExactly("copy");
    assertThat(chain.isOwn("captions")).isTrue();
    assertThat(chain.roles())
        .containsExactly("intake", "thumbnails", "metadata", "captions", "copy", "web");
  }

  @Test
  void aStepOfOnesOwnHasTheDefaults() {
    assertThat(steps.tries("captions", "captions-failed")).isEqualTo(3);
    assertThat(steps.limit("captions")).isEqualTo(Duration.ofMinutes(1));
    assertThat(steps.workers("captions")).isEqualTo(1);
    assertThat(steps.isSingle("captions")).isFalse();
    assertThat(steps.isInterrupted("captions")).isTrue();
    assertThat(steps.title("captions")).isEqualTo("Captions");
  }

  @Test
  void onlyItsOwnStepsAreKnownAndOnlyTheUsersAreTheUsers() {
    assertThat(steps.knows("metadata")).isTrue();
    assertThat(steps.isOwn("metadata")).isFalse();
    for (String other : new String[] {"captions", "", null}) {
      assertThat(steps.knows(other)).isFalse();
      assertThatThrownBy(() -> steps.known(other))
          .isInstanceOf(Failure.class)
          .hasMessageContaining("thumbnails, metadata");
    }
    assertThat(steps.known("metadata")).isEqualTo("metadata");
    assertThat(steps.isSingle("geolocation")).isTrue();
    assertThat(steps.isInterrupted("geolocation")).isFalse();
    assertThat(steps.comesAfter("metadata")).isEqualTo(Steps.INTAKE);
    assertThat(Steps.variable("my", "limit-seconds")).isEqualTo("CARAVEL_STEPS_MY_LIMIT_SECONDS");
  }

  @Test
  void whatASettingSaysOfAStepHoldsBeforeWhatItsFileDoes() {
    assertThat(steps.about("metadata")).isEmpty();
    steps.describe("metadata", "Reads the tags.");
    assertThat(steps.about("metadata")).isEqualTo("Reads the tags.");
    MockEnvironment environment =
        ShippedSteps.environment().withProperty("caravel.steps.metadata.about", "As set.");
    Steps set = new Steps(environment);
    set.describe("metadata", "Reads the tags.");
    assertThat(set.about("metadata")).isEqualTo("As set.");
  }

  @Test
  void aSettingThatChangesHoldsOnceItIsReadAgain() {
    MockEnvironment environment = ShippedSteps.environment();
    Steps read = new Steps(environment);
    assertThat(read.tries("metadata", "database")).isEqualTo(3);
    assertThat(read.recipe("metadata")).isEmpty();
    environment.setProperty("caravel.steps.metadata.tries", "7");
    environment.setProperty("caravel.steps.metadata.recipe", "2");
    assertThat(read.tries("metadata", "database")).isEqualTo(3);
    assertThat(read.recipe("metadata")).isEmpty();
    read.readAgain();
    assertThat(read.tries("metadata", "database")).isEqualTo(7);
    assertThat(read.recipe("metadata")).isEqualTo("2");
  }

  @Test
  void aNodeHasTheRolesThatAreSet() {
    Steps here =
        new Steps(
            ShippedSteps.environment()
                .withProperty("caravel.role.metadata", "true")
                .withProperty("caravel.role.faces", "false")
                .withProperty("caravel.role.web", "true"));
    assertThat(here.works("metadata")).isTrue();
    assertThat(here.works("faces")).isFalse();
    assertThat(here.rolesHere()).containsExactly("metadata", "web");
  }

  /** After it, whatever a row says is wrong: a clock was. */
  @Test
  void noPauseIsLongerThanBackoffRestAndWhatMayBeAskedFor() {
    Steps set =
        new Steps(
            ShippedSteps.environment()
                .withProperty("caravel.steps.metadata.tries", "2")
                .withProperty("caravel.steps.metadata.backoff-seconds", "5")
                .withProperty("caravel.queue.rest-longest-seconds", "300"));
    assertThat(set.longestPause("metadata")).isEqualTo(Duration.ofSeconds(20 + 300 + 7200));
  }
}
