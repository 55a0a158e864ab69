package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where files of several pictures may be cut off: behind the first picture and before the end. */
class LaterFramesTest {
  @TempDir Path directory = Path.of("");

  private boolean cut(byte[] bytes, PictureHeader header) throws IOException {
    return LaterFrames.cut(Files.write(directory.resolve("a"), bytes), header);
  }

  /** The lengths at which the file is said to be cut off within a later picture. */
  private Set<Integer> cuts(byte[] bytes, PictureHeader header) throws IOException {
    Set<Integer> cuts = new TreeSet<>();
    for (int length = 20; length <= bytes.length; length++) {
      if (cut(Arrays.copyOf(bytes, length), header)) {
        cuts.add(length);
      }
    }
    return cuts;
  }

  private static Set<Integer> all(int from, int to) {
    Set<Integer> all = new TreeSet<>();
    for (int each = from; each <= to; each++) {
      all.add(each);
    }
    return all;
  }

  private static byte[] joined(byte[]... parts) {
    ByteBuffer all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(each -> each.length).sum());
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void anAnimatedGifIsCutWithinALaterFrame() throws IOException {
    byte[] screen = joined(latin1("GIF89a"), hex("0100 0100 00 00 00"));
    byte[] pace = hex("21 f9 04 00 0a 00 00 00");
    byte[] frame = hex("2c 0000 0000 0100 0100 00 02 02 4401 00");
    byte[] coloured = hex("2c 0000 0000 0100 0100 80 000000 ffffff 02 02 4401 00");
    byte[] gif = joined(screen, pace, frame, pace, coloured, hex("3b"));
    PictureHeader header = new PictureHeader(PictureType.GIF, 1, 1);
    int second = 13 + pace.length + frame.length;
    Set<Integer> within = all(second + 1, gif.length - 2);
    within.remove(second + pace.length); // between two blocks
    assertThat(cuts(gif, header)).isEqualTo(within);
  }

  private static byte[] chunk(String type, int length, ByteOrder order) {
    ByteBuffer chunk =
        ByteBuffer.allocate(length + (order == ByteOrder.BIG_ENDIAN ? 12 : 8 + length % 2))
            .order(order);
    return order == ByteOrder.BIG_ENDIAN
        ? chunk.putInt(length).put(latin1(type)).array()
        : chunk.put(latin1(type)).putInt(length).array();
  }

  private static byte[] png(String type, int length) {
    return chunk(type, length, ByteOrder.BIG_ENDIAN);
  }

  @Test
  void anAnimatedPngIsCutBehindItsFirstPicture() throws IOException {
    PictureHeader header = new PictureHeader(PictureType.PNG, 1, 1);
    byte[] begin = joined(new byte[8], png("IHDR", 13), png("acTL", 8));
    byte[] first = png("IDAT", 10);
    byte[] rest = joined(png("fcTL", 26), png("fdAT", 14));
    byte[] whole = joined(begin, first, rest, png("IEND", 0));
    // What is left of a chunk's length and name tells nothing yet, and the end lacks but its sum.
    assertThat(cuts(whole, header)).isEqualTo(all(begin.length + first.length, whole.length - 5));
    byte[] still = joined(new byte[8], png("IHDR", 13), first, png("tEXt", 5), png("IEND", 0));
    assertThat(cuts(still, header)).isEmpty();
  }

  private static byte[] riff(String type, int length) {
    return chunk(type, length, ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void anAnimatedWebpIsCutBehindItsFirstFrame() throws IOException {
    byte[] first = joined(riff("VP8X", 10), riff("ANIM", 6), riff("ANMF", 25));
    byte[] chunks = joined(first, riff("ANMF", 30));
    byte[] webp =
        joined(
            latin1("RIFF"),
            ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(chunks.length + 4).array(),
            latin1("WEBP"),
            chunks);
    PictureHeader header = new PictureHeader(PictureType.WEBP, 1, 1, true);
    assertThat(cuts(webp, header)).isEqualTo(all(12 + first.length, webp.length - 1));
    assertThat(cuts(webp, new PictureHeader(PictureType.WEBP, 1, 1))).as("not animated").isEmpty();
  }

  private static void page(ByteBuffer tiff, int offsets, int from, int length, int next) {
    tiff.putShort((short) 2);
    tiff.putShort((short) offsets).putShort((short) 4).putInt(1).putInt(from);
    tiff.putShort((short) (offsets == 273 ? 279 : 325))
        .putShort((short) 4)
        .putInt(1)
        .putInt(length);
    tiff.putInt(next);
  }

  @Test
  void aTiffIsCutWithinALaterPage() throws IOException {
    ByteBuffer tiff = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
    tiff.put(latin1("II*\0")).putInt(8);
    page(tiff, 273, 38, 12, 50); // up to 38, its strip up to 50
    tiff.position(50);
    page(tiff, 324, 110, 40, 80); // up to 80, its tile up to 150
    page(tiff, 273, 150, 50, 0); // up to 110, its strip up to 200
    PictureHeader first = new PictureHeader(PictureType.TIFF, 1, 1, false, 0, false);
    Set<Integer> behindTheFirst = all(50, 199);
    behindTheFirst.removeAll(all(51, 79)); // within the second's directory: wrong rather than cut
    behindTheFirst.removeAll(all(81, 109));
    assertThat(cuts(tiff.array(), first)).containsAll(all(110, 199)).doesNotContain(200);
    assertThat(cuts(tiff.array(), first)).doesNotContainAnyElementsOf(all(20, 49));
    PictureHeader second = new PictureHeader(PictureType.TIFF, 1, 1, false, 1, false);
    assertThat(cuts(tiff.array(), second))
        .containsAll(all(150, 199))
        .doesNotContainAnyElementsOf(all(110, 149));
    tiff.putInt(76, 0); // the last page is the second
    assertThat(cuts(tiff.array(), second)).isEmpty();
  }

  @Test
  void aFilmIsCutWithinABoxAndOtherKindsNever() throws IOException {
    byte[] film = joined(png("ftyp", 16), png("moov", 16));
    for (int box : new int[] {0, 28}) {
      ByteBuffer.wrap(film).putInt(box, 28);
    }
    for (PictureType type :
        new PictureType[] {
          PictureType.MP4, PictureType.MOV, PictureType.M4V, PictureType.THREE_GP
        }) {
      assertThat(cut(film, new PictureHeader(type, 1, 1))).isFalse();
      assertThat(cut(Arrays.copyOf(film, 55), new PictureHeader(type, 1, 1))).isTrue();
    }
    assertThat(cut(Arrays.copyOf(film, 55), new PictureHeader(PictureType.HEIC, 1, 1))).isFalse();
  }
}
