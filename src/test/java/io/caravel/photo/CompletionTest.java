package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The names of cameras. */
class CompletionTest {
  @ParameterizedTest
  @CsvSource({
    "Google, Pixel 7, Google Pixel 7",
    "NIKON CORPORATION, NIKON D70, NIKON D70",
    "Canon, Canon EOS 5D, Canon EOS 5D",
    "Canon, CANON EOS 5D, CANON EOS 5D",
    "Sam, Samsung 5, Sam Samsung 5",
    "Google, , Google",
    ", Pixel 7, Pixel 7"
  })
  void aCameraIsItsMakeAndModelWithoutNamingTheMakeTwice(
      @Nullable String make, @Nullable String model, String name) {
    assertThat(Completion.camera(make, model)).isEqualTo(name);
  }
}
