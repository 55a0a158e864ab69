package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.route.Api.Answer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.dao.DataAccessException;
import org.springframework.test.context.TestPropertySource;

/**
 * An embedded database that was closed, as H2 closes itself when it cannot write, is opened again.
 */
@ExtendWith(OutputCaptureExtension.class)
@TestPropertySource(
    properties = {"caravel.home=${test.home}/closed", "caravel.upkeep.database-seconds=2"})
class DatabaseClosedTest extends FlowTest {
  private static final List<String> DOORS =
      List.of("/api/photos", "/api/queues", "/api/people", "/api/photos/1/original", "/api/faces");

  /** Was: 90098 to everybody until a restart by hand. */
  @Test
  void itIsOpenedAgainAndMeanwhileEachDoorSaysSo(CapturedOutput output) {
    settled(api.accepted("a.jpg", Picture.tiny().bytes()));
    Set<Integer> statuses = ConcurrentHashMap.newKeySet();
    for (int round = 0; round < 3; round++) {
      try {
        database.sql("shutdown immediately").update();
      } catch (DataAccessException closed) {
        // it says that it is closed
      }
      eventually(
          "all doors answer",
          () -> {
            boolean all = true;
            for (String door : DOORS) {
              Answer answer = api.get(door);
              statuses.add(answer.status());
              all &= answer.status() == 200;
              if (answer.status() != 200) {
                assertThat(answer.status()).as(door).isEqualTo(503);
                assertThat(answer.header("Retry-After")).as(door).isNotEmpty();
                assertThat(answer.json().path("detail").asText()).as(door).endsWith(".");
              }
            }
            return all;
          });
      settled(api.accepted("b.jpg", Picture.tiny().bytes()));
    }
    assertThat(statuses).contains(200);
    assertThat(output.getAll().lines().filter(line -> line.contains("\tat "))).hasSizeLessThan(80);
    assertThat(output.getAll().lines().filter(line -> line.matches("^20.*(WARN|ERROR).*")))
        .hasSizeLessThan(20);
  }
}
