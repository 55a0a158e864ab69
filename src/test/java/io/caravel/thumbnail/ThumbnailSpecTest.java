package io.caravel.thumbnail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.ground.Failure;
import io.caravel.thumbnail.ThumbnailSpec.Method;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThumbnailSpecTest {
  @Test
  void readsWhatItWrites() {
    ThumbnailSpec spec = new ThumbnailSpec(Method.COVER, 300, 200);

    assertThat(spec).hasToString("cover:300x200");
    assertThat(spec.name()).isEqualTo("cover-300x200");
    assertThat(ThumbnailSpec.parse("cover:300x200")).isEqualTo(spec);
    assertThat(ThumbnailSpec.parse("cover-300x200")).isEqualTo(spec);
    assertThat(ThumbnailSpec.of("cover", 300, 200)).isEqualTo(spec);
  }

  @Test
  void readsALineOfSettings() {
    assertThat(ThumbnailSpec.parseList("cover:300x300, scale:1600x1600,cover:300x300"))
        .extracting(ThumbnailSpec::toString)
        .containsExactly("cover:300x300", "scale:1600x1600");
    assertThat(ThumbnailSpec.parseList("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "crop:300x300",
        "COVER:300x300",
        "cover:0x300",
        "cover:300x10001",
        "cover:5000x4801",
        "cover:999999x999999",
        "cover:99999999999x1",
        "cover:-1x300",
        "cover:300",
        "",
        "../../etc/passwd",
        "cover:300x300/../x"
      })
  void refusesAllElse(String written) {
    assertThatThrownBy(() -> ThumbnailSpec.parse(written))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.cause()).isEqualTo("bad-request");
              assertThat(failure.lasting()).isTrue();
            });
  }
}
