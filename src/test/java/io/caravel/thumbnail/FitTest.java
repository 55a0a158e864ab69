package io.caravel.thumbnail;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FitTest {
  @ParameterizedTest(name = "{0} of {1}x{2}")
  @CsvSource({
    "cover:300x300,  4000, 3000,  300, 300,  300, 300",
    "cover:300x200,    30,   30,  300, 200,  300, 200",
    "scale:300x300,  4000, 3000,  300, 225,  300, 225",
    "scale:300x300,    30,   20,   30,  20,   30,  20",
    "scale:300x300, 20000,    1,  300,   1,  300,   1",
    "scale:300x300,     1,20000,    1, 300,    1, 300",
    "resize:300x200,   30, 3000,  300, 200,  300, 200",
    "contain:300x300,4000, 3000,  300, 225,  300, 300",
    "contain:300x300,  40,   30,  300, 225,  300, 300",
    "contain:300x300,20000,   1,  300,   1,  300, 300"
  })
  void fitsTheBoxByItsMethod(
      String spec, int w, int h, int width, int height, int canvasWidth, int canvasHeight) {
    Fit fit = Fit.of(ThumbnailSpec.parse(spec), w, h);

    assertThat(fit)
        .extracting(Fit::width, Fit::height, Fit::canvasWidth, Fit::canvasHeight)
        .containsExactly(width, height, canvasWidth, canvasHeight);
    assertThat(fit.cropWidth()).isLessThanOrEqualTo(w);
    assertThat(fit.cropHeight()).isLessThanOrEqualTo(h);
  }

  @ParameterizedTest(name = "{0} of {1}x{2}")
  @CsvSource({
    "cover:300x200,   30, 30,   30,  20,   30,  20",
    "cover:300x200, 3000, 30,   45,  30,   45,  30",
    "resize:300x200,  30, 3000, 30, 200,   30, 200",
    "contain:300x300, 40, 30,   40,  30,  300, 300"
  })
  void wouldEnlargeNothingIfThatWereWanted(
      String spec, int w, int h, int width, int height, int canvasWidth, int canvasHeight) {
    assertThat(Fit.of(ThumbnailSpec.parse(spec), w, h, false))
        .extracting(Fit::width, Fit::height, Fit::canvasWidth, Fit::canvasHeight)
        .containsExactly(width, height, canvasWidth, canvasHeight);
  }
}
