package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which files look as if more of them were to come. */
class FileEndTest {
  private static final int TAIL = 65_536;

  @TempDir Path directory = Path.of("");

  private boolean unfinished(byte[] bytes) throws IOException {
    return FileEnd.looksUnfinished(Files.write(directory.resolve("a"), bytes));
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** So many bytes that begin with one text, and have another so many before their end. */
  private static byte[] file(int size, String begin, String end, int before) {
    byte[] bytes = new byte[size];
    Arrays.fill(bytes, (byte) 'x');
    System.arraycopy(latin1(begin), 0, bytes, 0, begin.length());
    System.arraycopy(latin1(end), 0, bytes, size - before, end.length());
    return bytes;
  }

  @Test
  void aFileOfLessThanAHeaderOrWithATailOfZerosIsNoneYet() throws IOException {
    assertThat(unfinished(file(15, "II*\0", "", 0))).isTrue();
    assertThat(unfinished(file(16, "II*\0", "", 0))).isFalse();
    assertThat(unfinished(file(100, "II*\0", "\0".repeat(16), 16))).isTrue();
    assertThat(unfinished(file(100, "II*\0", "\0".repeat(15), 15))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"\u00ff\u00d8\u00ff,\u00ff\u00d9", "\u0089PNG,IEND"})
  void theEndMarkerStandsInTheTail(String begin, String end) throws IOException {
    assertThat(unfinished(file(100, begin, end, 4))).isFalse();
    assertThat(unfinished(file(100, begin, "", 0))).isTrue();
    assertThat(unfinished(file(TAIL + 1000, begin, end, TAIL))).isFalse();
    assertThat(unfinished(file(TAIL + 1000, begin, end, TAIL + 1))).isTrue();
  }

  private static byte[] riff(int length, String kind) {
    return ByteBuffer.wrap(file(100, "RIFF", "", 0))
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(4, length)
        .put(8, latin1(kind))
        .array();
  }

  @Test
  void aWebpTellsItsLengthInFront() throws IOException {
    assertThat(unfinished(riff(92, "WEBP"))).isFalse();
    assertThat(unfinished(riff(93, "WEBP"))).isTrue();
    assertThat(unfinished(riff(-1, "WEBP"))).as("4 GB").isTrue();
    assertThat(unfinished(riff(93, "AVI "))).as("some leave it open").isFalse();
  }

  private static byte[] box(int told, String type, int size) {
    return ByteBuffer.wrap(file(size, "", "", 0)).putInt(told).put(latin1(type)).array();
  }

  private static byte[] joined(byte[]... parts) {
    ByteBuffer all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(each -> each.length).sum());
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }

  @Test
  void boxesEndWithinTheFile() throws IOException {
    byte[] brand = box(24, "ftyp", 24);
    assertThat(unfinished(joined(brand, box(50, "mdat", 50)))).isFalse();
    assertThat(unfinished(joined(brand, box(51, "mdat", 50)))).isTrue();
    assertThat(unfinished(joined(brand, box(-1, "mdat", 50)))).as("4 GB").isTrue();
    assertThat(unfinished(joined(brand, box(0, "mdat", 50)))).as("to the end").isFalse();
    assertThat(unfinished(joined(brand, box(8, "free", 8)))).isFalse();
    assertThat(unfinished(joined(brand, box(7, "odd ", 50)))).as("no box").isFalse();
    assertThat(unfinished(joined(brand, latin1("1234567")))).as("no room for one").isTrue();
    byte[] large = ByteBuffer.wrap(box(1, "mdat", 50)).putLong(8, 50).array();
    assertThat(unfinished(joined(brand, large))).isFalse();
    assertThat(unfinished(joined(brand, ByteBuffer.wrap(large).putLong(8, 51).array()))).isTrue();
    assertThat(unfinished(joined(brand, box(1, "mdat", 12)))).as("without its length").isTrue();
  }

  @Test
  void soManyBoxesAreLookedAt() throws IOException {
    byte[][] boxes = new byte[65][];
    Arrays.fill(boxes, box(16, "free", 16));
    boxes[0] = box(16, "ftyp", 16);
    boxes[64] = box(17, "free", 16);
    assertThat(unfinished(joined(boxes))).isFalse();
    boxes[63] = boxes[64];
    assertThat(unfinished(joined(Arrays.copyOf(boxes, 64)))).isTrue();
    assertThat(FileEnd.isBoxCut(directory.resolve("a"))).isTrue();
  }
}
