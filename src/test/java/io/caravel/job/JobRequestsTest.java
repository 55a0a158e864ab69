package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.photo.Original;
import io.caravel.photo.Photo;
import io.caravel.thumbnail.ThumbnailData;
import io.caravel.thumbnail.ThumbnailFormat;
import io.caravel.thumbnail.ThumbnailSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The data and keys of jobs as they stand in existing databases: to change one is to forget it. */
class JobRequestsTest {
  private static final Photo PHOTO =
      new Photo(7, "ab", "a.jpg", "image/jpeg", 1, "private", "ab", "ab.jpg", false, null, null);
  private static final ThumbnailSpec WISH = ThumbnailSpec.parse("cover:60x40");

  private static JobRequests requests(ThumbnailFormat format) {
    return new JobRequests(ShippedSteps.steps(), List.of(data(format)));
  }

  private static ThumbnailData data(ThumbnailFormat set) {
    return new ThumbnailData("cover:300x300,scale:1600x1600", set.toString(), "");
  }

  private static JobRequest wish(ThumbnailFormat set, ThumbnailFormat asked) {
    return requests(set).more("thumbnails", PHOTO, data(set).one(WISH, asked, null), false);
  }

  @Test
  void jpegGoesWithoutSayingWhateverTheSettingIs() {
    for (ThumbnailFormat set : ThumbnailFormat.values()) {
      JobRequest wish = wish(set, ThumbnailFormat.JPEG);
      assertThat(wish.data()).endsWith("\"width\":60,\"height\":40}");
      assertThat(wish.key()).isEqualTo("312130161bd98554f2d907b0fa7edee7");
    }
    JobRequest own = requests(ThumbnailFormat.JPEG).of("thumbnails", PHOTO, false, Lane.ASKED);
    assertThat(own.data()).endsWith("\"targets\":[\"cover:300x300\",\"scale:1600x1600\"]}");
    assertThat(own.key()).isEqualTo("9586c864f8b36b9e09119f1a5e8bc4c1");
  }

  @Test
  void webpIsSaidAndMakesAnotherJob() {
    JobRequest own = requests(ThumbnailFormat.WEBP).of("thumbnails", PHOTO, false, Lane.ASKED);
    assertThat(own.data()).endsWith("\"scale:1600x1600\"],\"format\":\"webp\"}");
    JobRequest wish = wish(ThumbnailFormat.JPEG, ThumbnailFormat.WEBP);
    assertThat(wish.data()).endsWith("\"height\":40,\"format\":\"webp\"}");
    assertThat(wish.key()).isNotEqualTo("312130161bd98554f2d907b0fa7edee7");
  }

  @Test
  void theOwnJobOfOneFormatIsNoneOfTheOther() {
    String jpeg = requests(ThumbnailFormat.JPEG).of("thumbnails", PHOTO, false, Lane.ASKED).data();
    String webp = requests(ThumbnailFormat.WEBP).of("thumbnails", PHOTO, false, Lane.ASKED).data();
    assertThat(like(jpeg, ThumbnailFormat.JPEG)).isTrue();
    assertThat(like(webp, ThumbnailFormat.WEBP)).isTrue();
    assertThat(like(jpeg, ThumbnailFormat.WEBP)).isFalse();
    assertThat(like(webp, ThumbnailFormat.JPEG)).isFalse();
  }

  private static boolean like(String data, ThumbnailFormat set) {
    return data.endsWith(requests(set).pattern("thumbnails").substring(1));
  }

  private static final JobRequests REQUESTS = requests(ThumbnailFormat.JPEG);

  private static Original original(@Nullable String target) {
    return new Original(
        "a.jpg",
        "ab",
        "image/jpeg",
        1,
        60,
        40,
        PHOTO.disk(),
        PHOTO.path(),
        PHOTO.file(),
        false,
        null,
        target,
        null,
        null);
  }

  private static Job job(boolean force, Lane lane) {
    return new Job(5, "metadata", "k", "{}", force, 1, 1, 0, 0, "n/b", lane, 0, PHOTO);
  }

  @Test
  void whatIsQueuedAtIntakeIsThePhotosOwnJob() {
    Original original = original(null);
    for (String queue : List.of("thumbnails", "metadata", "faces")) {
      JobRequest own = REQUESTS.of(queue, PHOTO.id(), original);
      assertThat(own).isEqualTo(REQUESTS.of(queue, PHOTO, false, Lane.UPLOAD));
      assertThat(own.queue()).isEqualTo(queue);
      assertThat(own.extra()).isFalse();
      assertThat(own.first()).isFalse();
      assertThat(REQUESTS.first(queue, PHOTO.id(), original)).isEqualTo(own.ofNewPhoto());
    }
  }

  @Test
  void whatFollowsFromAJobIsAsUrgentAndAsForced() {
    assertThat(REQUESTS.after(job(true, Lane.LIBRARY), "faces"))
        .isEqualTo(REQUESTS.of("faces", PHOTO, true, Lane.LIBRARY));
    assertThat(REQUESTS.place(job(true, Lane.LIBRARY)))
        .as("what is known is not asked again")
        .isEqualTo(REQUESTS.of("geolocation", PHOTO, false, Lane.LIBRARY));
    assertThat(REQUESTS.faces(PHOTO)).isEqualTo(REQUESTS.of("faces", PHOTO, false, Lane.UPLOAD));
    assertThat(REQUESTS.metadata(PHOTO))
        .isEqualTo(REQUESTS.of("metadata", PHOTO, false, Lane.UPLOAD));
  }

  @Test
  void copiesInAPlaceOfTheirOwnAreOneMoreJob() {
    JobRequest asked = REQUESTS.copies(PHOTO, "disk:copies/{path}");
    JobRequest sent = REQUESTS.copies(PHOTO.id(), original("disk:copies/{path}"));
    for (JobRequest copies : List.of(asked, sent)) {
      assertThat(copies.queue()).isEqualTo("thumbnails");
      assertThat(copies.extra()).isTrue();
      assertThat(copies.data()).contains("disk:copies/{path}");
      assertThat(copies.key())
          .isNotEqualTo(REQUESTS.of("thumbnails", PHOTO, false, Lane.ASKED).key());
    }
    assertThat(asked.key()).isEqualTo(sent.key());
  }

  @Test
  void theJobsOfOtherStepsAreAllAlikeAndOfNoneThereIsNoJob() {
    assertThat(REQUESTS.pattern("metadata")).isEqualTo("%");
    assertThatThrownBy(() -> REQUESTS.of("captions", PHOTO, false, Lane.ASKED))
        .hasMessageContaining("captions");
  }
}
