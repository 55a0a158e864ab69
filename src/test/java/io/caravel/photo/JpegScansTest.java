package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JpegScansTest {
  /** Scans that libjpeg's usual script makes of three components. */
  static final int PLAIN = 10;

  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  Path directory;

  private int count(byte[] jpeg, int most) throws IOException {
    return JpegScans.count(Files.write(directory.resolve("a.jpg"), jpeg), most);
  }

  @Test
  void countsThemUpToTheLimit() throws IOException {
    assertThat(count(ManyScans.jpeg(PLAIN), 1000)).isEqualTo(PLAIN);
    assertThat(count(ManyScans.jpeg(777), 1000)).isEqualTo(777);
    assertThat(count(ManyScans.jpeg(777), 101)).isEqualTo(101);
  }

  @Test
  void whatLooksLikeAScanWithinASegmentIsNone() throws IOException {
    byte[] plain = ManyScans.progressive();
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    jpeg.write(plain, 0, 2);
    byte[] thumbnail = new byte[60_000];
    for (int i = 4; i + 1 < thumbnail.length; i += 2) {
      thumbnail[i] = -1;
      thumbnail[i + 1] = (byte) 0xda;
    }
    thumbnail[0] = -1;
    thumbnail[1] = (byte) 0xe1;
    thumbnail[2] = (byte) ((thumbnail.length - 2) >> 8);
    thumbnail[3] = (byte) (thumbnail.length - 2);
    jpeg.writeBytes(thumbnail);
    jpeg.writeBytes(thumbnail);
    jpeg.write(plain, 2, plain.length - 2);
    assertThat(count(jpeg.toByteArray(), 1000)).isEqualTo(PLAIN);
  }

  @Test
  void aFileCutAnywhereHasAnEnd() throws IOException {
    byte[] whole = ManyScans.jpeg(20);
    for (int length = 0; length < whole.length; length += 7) {
      assertThat(count(Arrays.copyOf(whole, length), 1000)).isBetween(0, 20);
    }
  }
}
