package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.caravel.ground.Failure;
import io.caravel.photo.Photo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.mock.env.MockEnvironment;

/** When a queue rests for weather, who is asked after it, and whose failure it was. */
class RestsTest {
  private static final String QUEUE = "geolocation";
  private static final Failure AWAY = Failure.passing("geocoder-unreachable", "It is away.");
  private static final Failure FULL = Failure.passing("disk-full", "The disk is full.");

  /** A geocoder that answers when it is told to. */
  private static final class Geocoder implements Outside {
    private long answers;
    private final List<Duration> rests = new ArrayList<>();

    @Override
    public String queue() {
      return QUEUE;
    }

    @Override
    public void rest(Duration time) {
      rests.add(time);
    }

    @Override
    public long answers() {
      return answers;
    }
  }

  private final MockEnvironment environment =
      ShippedSteps.environment()
          .withProperty("caravel.queue.geolocation.limit-seconds", "60")
          .withProperty("caravel.queue.rest-longest-seconds", "300");
  private final Geocoder geocoder = new Geocoder();

  /** Weather whose first rest is so long; one of 0 s is over at once. */
  private Weather weather(int restSeconds, Outside... outside) {
    environment.setProperty("caravel.queue.rest-seconds", "" + restSeconds);
    return new Weather(new Steps(environment), List.of(outside));
  }

  private static Job job(long id) {
    return claimed(id, System.nanoTime());
  }

  private static Job claimed(long id, long nanos) {
    Photo photo =
        new Photo(id, "aa", "a.jpg", "image/jpeg", 1, "private", "aa", "aa.jpg", false, null, null);
    return new Job(id, QUEUE, "k", "{}", false, 1, 1, 0, 0, "node/boot", Lane.UPLOAD, nanos, photo);
  }

  private static @Nullable Long id(Weather.@Nullable Met met) {
    return met == null ? null : met.job().id();
  }

  @Test
  void aFailureOfTheJobsOwnIsNoWeather() {
    Weather weather = weather(1000);
    assertThat(weather.failed(job(1), Failure.passing("undecodable", "broken"))).isNull();
    assertThat(weather.told(QUEUE)).isNull();
    assertThat(weather.window(QUEUE, 20)).isEqualTo(20);
    assertThat(weather.admits(QUEUE, 2)).isTrue();
    assertThat(weather.admits(QUEUE, 3)).isTrue();
  }

  @Test
  void nobodyIsLetInWhileItRests() {
    Weather weather = weather(250);
    Duration rest = weather.failed(job(1), AWAY);
    assertThat(rest).isBetween(Duration.ofSeconds(200), Duration.ofSeconds(251));
    assertThat(weather.told(QUEUE))
        .matches("It is away\\. It is asked again in about 2\\d\\d s\\.");
    assertThat(weather.told("metadata")).isNull();
    assertThat(weather.window(QUEUE, 20)).isZero();
    assertThat(weather.window("metadata", 20)).isEqualTo(20);
    assertThat(weather.admits(QUEUE, 2)).isFalse();
    assertThat(weather.admits("metadata", 2)).isTrue();
  }

  @Test
  void aRestIsTwiceAsLongAfterEachThatHelpedNothing() {
    Weather weather = weather(1);
    Steps settings = new Steps(environment);
    assertThat(settings.rest(0)).isEqualTo(Duration.ofSeconds(1));
    assertThat(settings.rest(3)).isEqualTo(Duration.ofSeconds(8));
    assertThat(settings.rest(9)).isEqualTo(Duration.ofSeconds(300));
    assertThat(settings.rest(1000)).isEqualTo(Duration.ofSeconds(300));
    assertThat(weather.failed(job(1), AWAY)).isGreaterThan(Duration.ofSeconds(1));
  }

  @Test
  void whoMeetsItDuringARestMakesItNoLonger() {
    Weather weather = weather(100, geocoder);
    weather.failed(job(1), AWAY);
    assertThat(weather.failed(job(2), FULL))
        .isBetween(Duration.ofSeconds(50), Duration.ofSeconds(101));
    assertThat(weather.told(QUEUE)).startsWith("The disk is full.");
    assertThat(geocoder.rests).containsExactly(Duration.ofSeconds(100));
  }

  @Test
  void aPauseThatIsAskedForIsKept() {
    Weather weather = weather(1, geocoder);
    Failure asked = Failure.passing("geocoder-refused", "Later.", Duration.ofSeconds(900));
    assertThat(weather.failed(job(1), asked)).isGreaterThan(Duration.ofSeconds(800));
    assertThat(geocoder.rests).containsExactly(Duration.ofSeconds(900));
  }

  @Test
  void aPauseShorterThanTheRestIsNoReasonToAskEarlier() {
    Weather weather = weather(100);
    Failure asked = Failure.passing("geocoder-refused", "Later.", Duration.ofSeconds(1));
    assertThat(weather.failed(job(1), asked)).isGreaterThan(Duration.ofSeconds(50));
  }

  @Test
  void afterARestOneIsAskedAlone() {
    Weather weather = weather(0);
    weather.failed(job(1), AWAY);
    assertThat(weather.window(QUEUE, 20)).isOne();
    assertThat(weather.admits(QUEUE, 2)).isTrue();
    assertThat(weather.told(QUEUE)).endsWith("It is being asked again, for one photo.");
    assertThat(weather.window(QUEUE, 20)).isZero();
    assertThat(weather.admits(QUEUE, 3)).isFalse();
    weather.gone(QUEUE, 3);
    assertThat(weather.admits(QUEUE, 3)).as("another's end is not the probe's").isFalse();
    weather.gone(QUEUE, 2);
    assertThat(weather.admits(QUEUE, 3)).isTrue();
  }

  @Test
  void whatOneAloneHadMetWasItsOwn() {
    Weather weather = weather(0);
    weather.failed(job(1), AWAY);
    assertThat(weather.admits(QUEUE, 2)).isTrue();
    assertThat(id(weather.ended(job(2)))).isEqualTo(1);
    assertThat(weather.told(QUEUE)).isNull();
    assertThat(weather.window(QUEUE, 20)).isEqualTo(20);
    assertThat(weather.failed(job(1), AWAY)).as("the next one is, too").isNull();
    assertThat(weather.failed(job(1), AWAY)).as("once").isNotNull();
  }

  @Test
  void whatSeveralHadMetWasNobodysOwnUntilItComesAgain() {
    Weather weather = weather(0);
    weather.failed(job(1), AWAY);
    assertThat(weather.admits(QUEUE, 2)).isTrue();
    assertThat(weather.failed(job(2), AWAY)).isNotNull();
    assertThat(weather.admits(QUEUE, 3)).isTrue();
    assertThat(weather.ended(job(3))).isNull();
    assertThat(weather.failed(job(2), AWAY)).isNull();
    assertThat(weather.failed(job(4), AWAY)).isNotNull();
  }

  @Test
  void oneThatPassesAfterItMetTheWeatherIsNotBlamed() {
    Weather weather = weather(0);
    weather.failed(job(1), AWAY);
    assertThat(weather.admits(QUEUE, 1)).isTrue();
    assertThat(weather.ended(job(1))).isNull();
    assertThat(weather.told(QUEUE)).isNull();
    assertThat(weather.failed(job(1), AWAY)).as("not doubtful").isNotNull();
  }

  @Test
  void whatIsWeatherForCertainIsNobodysOwn() {
    Weather weather = weather(0);
    weather.failed(job(1), FULL);
    assertThat(weather.admits(QUEUE, 2)).isTrue();
    assertThat(weather.ended(job(2))).isNull();
    assertThat(weather.told(QUEUE)).isNull();
  }

  @Test
  void oneThatBeganBeforeTheWeatherProvesNothing() {
    Weather weather = weather(0);
    Job before = claimed(2, System.nanoTime() - Duration.ofMinutes(1).toNanos());
    weather.failed(job(1), AWAY);
    assertThat(weather.ended(before)).isNull();
    assertThat(weather.told(QUEUE)).isNotNull();
  }

  @Test
  void oneThatEndedWithoutAQuestionProvesNothing() {
    Weather weather = weather(0, geocoder);
    geocoder.answers = 7;
    weather.failed(job(1), AWAY);
    assertThat(weather.ended(job(2))).isNull();
    assertThat(weather.told(QUEUE)).isNotNull();
    geocoder.answers = 8;
    assertThat(id(weather.ended(job(3)))).isEqualTo(1);
    assertThat(weather.told(QUEUE)).isNull();
  }

  @Test
  void weatherOfAQueueThatDoesNotExistIsRefused() {
    assertThatThrownBy(() -> weather(0).told("videos"))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("videos");
  }

  @Test
  void onlyTheOneThatWasAskedMakesItRestAgainAndTwiceAsLong() {
    environment.setProperty("caravel.queue.rest-seconds", "0");
    Steps steps = new Steps(environment);
    Weather weather = new Weather(steps, List.of(geocoder));
    weather.failed(job(1), AWAY);
    weather.failed(job(9), AWAY);
    assertThat(weather.admits(QUEUE, 2)).isTrue();
    environment.setProperty("caravel.queue.rest-seconds", "100");
    steps.readAgain();

    weather.failed(job(2), AWAY);

    assertThat(geocoder.rests).containsExactly(Duration.ZERO, Duration.ofSeconds(200));
    assertThat(weather.window(QUEUE, 20)).isZero();
  }

  @Test
  void thatItIsNotAskedDoesNotSayWhy() {
    Failure paused = Failure.passing("geocoder-paused", "Not asked.");
    Weather weather = weather(100);
    weather.failed(job(1), paused);
    assertThat(weather.told(QUEUE)).startsWith("Not asked.");
    weather.failed(job(2), AWAY);
    weather.failed(job(3), paused);
    assertThat(weather.told(QUEUE)).startsWith("It is away.");
  }

  @Test
  void oneThatWasAskedAndProvesNothingLeavesTheTurnToAnother() {
    Weather weather = weather(0);
    weather.failed(job(1), AWAY);
    assertThat(weather.admits(QUEUE, 2)).isTrue();
    assertThat(weather.ended(claimed(2, System.nanoTime() - Duration.ofMinutes(1).toNanos())))
        .isNull();
    assertThat(weather.admits(QUEUE, 3)).isTrue();
  }

  @Test
  void whoMetAnEarlierWeatherIsNotCountedForTheNext() {
    Weather weather = weather(0);
    for (long first : new long[] {1, 11}) {
      weather.failed(job(first), AWAY);
      assertThat(weather.admits(QUEUE, first + 1)).isTrue();
      assertThat(id(weather.ended(job(first + 1)))).isEqualTo(first);
    }
  }

  /** Until there are so many that nobody will come to an end with them. */
  @Test
  void whoIsDoubtfulRemainsSoWhileOthersMeetTheWeather() {
    Weather weather = weather(0);
    pass(weather, 1, 2);
    pass(weather, 3, 4);
    assertThat(weather.failed(job(1), AWAY)).isNull();
    pass(weather, 10, 10_010);
    assertThat(weather.failed(job(2), AWAY)).as("still one of them").isNull();
    pass(weather, 20_000, 20_001);
    assertThat(weather.failed(job(3), AWAY)).as("forgotten").isNotNull();
  }

  private static void pass(Weather weather, long first, long last) {
    for (long id = first; id <= last; id++) {
      assertThat(weather.failed(job(id), AWAY)).isNotNull();
    }
    assertThat(weather.ended(job(1_000_000))).isNull();
    assertThat(weather.told(QUEUE)).isNull();
  }

  @Test
  void aRestIsLoggedOnceAMinuteAndItsEndOnce() {
    Logger logger = (Logger) LoggerFactory.getLogger(Weather.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try {
      Weather weather = weather(0);
      weather.failed(job(1), AWAY);
      assertThat(weather.admits(QUEUE, 2)).isTrue();
      weather.failed(job(2), AWAY);
      weather.ended(job(3));
      weather.failed(job(4), AWAY);
      weather.ended(job(5));
    } finally {
      logger.detachAppender(lines);
    }
    assertThat(lines.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .satisfiesExactly(
            begin ->
                assertThat(begin)
                    .isEqualTo(
                        "geolocation rests: It is away. [geocoder-unreachable]"
                            + " Its jobs wait and lose no try; asked again in 0 s."),
            end -> assertThat(end).matches("geolocation goes on, after \\d{1,3} s\\."));
  }
}
