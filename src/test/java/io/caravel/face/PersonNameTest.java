package io.caravel.face;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.ground.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PersonNameTest {
  @Test
  void aNameIsKeptInOneFormWithoutBlanksAround() {
    assertThat(PersonName.clean("  Zoe\u0308 ")).isEqualTo("Zo\u00eb");
    assertThat(PersonName.clean("花子 🌸")).isEqualTo("花子 🌸");
  }

  @Test
  void aNameHasOneTo255Characters() {
    assertThat(PersonName.clean("x")).isEqualTo("x");
    assertThat(PersonName.clean("x".repeat(255))).hasSize(255);
    assertThatThrownBy(() -> PersonName.clean("x".repeat(256))).hasMessageContaining("1 to 255");
    assertThatThrownBy(() -> PersonName.clean(" ")).hasMessageContaining("1 to 255");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\nb",
        "a\0b",
        "a\u2028b",
        "a\u2029b",
        "a\ud800b",
        "a\u202ab",
        "a\u202eb",
        "a\u2066b",
        "a\u2069b"
      })
  void whatBreaksOrTurnsALineIsRefused(String name) {
    assertThatThrownBy(() -> PersonName.clean(name))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.cause()).isEqualTo("bad-request"))
        .hasMessageContaining("control characters");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\u2030b", "a\u202fb", "a\u2065b", "a\u206ab"})
  void theirNeighboursAreNot(String name) {
    assertThat(PersonName.clean(name)).isEqualTo(name);
  }

  @Test
  void namesAreComparedInAnyCaseAndForm() {
    assertThat(PersonName.folded(" ZOE\u0308 ")).isEqualTo(PersonName.folded("zo\u00eb"));
    assertThat(PersonName.folded("Straße")).isEqualTo(PersonName.folded("STRASSE"));
    assertThat(PersonName.folded("Ada")).isNotEqualTo(PersonName.folded("Adam"));
  }
}
