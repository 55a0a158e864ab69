package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.job.JobRoom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.TransientDataAccessException;

/** The same bytes come in while their photo, which lay in the trash, is deleted for good. */
class PhotoAgainTest {
  private final JobRoom room = JobRoom.embedded();
  private final Photos photos = RoomPhotos.of(room);
  private final long photo = trashed();

  private long trashed() {
    room.photo(7);
    room.database.sql("update images set deleted_at = current_timestamp(3)").update();
    return 7;
  }

  @AfterEach
  void close() {
    room.close();
  }

  private Long again() {
    Original original =
        new Original(
            "a.jpg",
            "%064x".formatted(photo),
            "image/jpeg",
            1,
            1,
            1,
            "private",
            "aa",
            "aa.jpg",
            false,
            null,
            null,
            null,
            null);
    return room.transaction.execute(status -> photos.again(original));
  }

  @Test
  void isAcceptedAnewByWhoTriesAgainWhereThePhotoIsGone() {
    room.before("select * from images", "delete from images");

    assertThatThrownBy(this::again).isInstanceOf(ConcurrencyFailureException.class);
  }

  /** The upload was once answered with the id of a photo that was deleted at that moment. */
  @Test
  void isRestoredBeforeItCanBeDeleted() {
    room.before(
        "update images set deleted_at",
        () ->
            assertThatThrownBy(() -> room.database.sql("delete from images").update())
                .isInstanceOf(TransientDataAccessException.class));

    assertThat(again()).isEqualTo(photo);

    assertThat(room.wasInterrupted()).isTrue();
    assertThat(photos.photo(photo).id()).isEqualTo(photo);
  }
}
