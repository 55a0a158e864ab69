package io.caravel.face;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EncodingTest {
  private static final float[] FLOATS = {0.1f, -1, Float.MIN_VALUE, 3e38f};

  @Test
  void floatsSurviveTheirColumns() {
    assertThat(Encoding.floats(Encoding.bytes(FLOATS))).containsExactly(FLOATS);
    assertThat(Encoding.json(FLOATS)).isEqualTo("[0.1,-1.0,1.4E-45,3.0E38]");
    assertThat(Encoding.json(new float[0])).isEqualTo("[]");
  }

  /** Other programs read the column: little-endian IEEE 754. */
  @Test
  void theBytesAreLittleEndian() {
    assertThat(Encoding.bytes(new float[] {1})).containsExactly(0, 0, 0x80, 0x3f);
  }

  @Test
  void theDistanceIsEuclidean() {
    assertThat(Encoding.distance(new float[] {1, 2, 3}, new float[] {1, 5, 7})).isEqualTo(5);
    assertThat(Encoding.distance(FLOATS, FLOATS)).isZero();
  }
}
