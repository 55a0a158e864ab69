package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/**
 * {@code keep}: a row that is there already, once, is met by another try and costs the job none.
 */
@TestPropertySource(
    properties = {"caravel.home=${test.home}/keep-again", "caravel.roles=intake,thumbnails,web"})
class KeepAgainTest extends FlowTest {
  @Test
  void aKeepThatMeetsAnIdAlreadyUsedIsTriedAgainAtOnce() {
    api.post("/api/queues/thumbnails/pause");
    long photo = api.accepted("one.jpg", Picture.tiny().bytes());
    // As it was seen once after a kill: the counter gives an id that a row has.
    long used = count("select max(id) from journey");
    database.sql("alter table journey alter column id restart with " + used).update();

    api.post("/api/queues/thumbnails/resume");

    assertThat(ended(photo, "thumbnails").path("state").asText()).isEqualTo("done");
    assertThat(
            count("select count(*) from journey where outcome = 'retry' and image_id = " + photo))
        .isZero();
    assertThat(count("select attempts from jobs where queue = 'thumbnails'")).isOne();
  }
}
