package io.caravel.face;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.face.FaceFinder.Face;
import io.caravel.face.FaceIndex.Match;
import io.caravel.thumbnail.Pictures.Pixels;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

/** What is drawn over a picture of 600 x 500 white pixels: lines of 1, dots of 2 x 2. */
class DebugImageTest {
  private static final int WIDTH = 600;
  private static final int HEIGHT = 500;

  private final byte[] rgb = new byte[3 * WIDTH * HEIGHT];

  private DebugImage image() {
    Arrays.fill(rgb, (byte) 255);
    return new DebugImage(new Pixels(WIDTH, HEIGHT, rgb, null));
  }

  private static Face face(int left, int top) {
    return new Face(left, top, 200, 150, 1, new float[0]);
  }

  /** '#' green, 'o' black, '.' as it was. */
  private char at(int x, int y) {
    int at = 3 * (y * WIDTH + x);
    return rgb[at] == -1 ? '.' : rgb[at + 1] == 0 ? 'o' : '#';
  }

  private String dots(int left, int top, int columns) {
    StringBuilder dots = new StringBuilder();
    for (int row = 0; row < 7; row++) {
      for (int column = 0; column < columns; column++) {
        dots.append(at(left + 2 * column, top + 2 * row));
      }
      dots.append('\n');
    }
    return dots.toString();
  }

  @Test
  void aFaceIsFramed() {
    image().mark(face(100, 90), 0, Optional.empty());
    for (int x = 100; x < 300; x++) {
      assertThat("" + at(x, 89 + 1) + at(x, 239) + at(x, 240)).isEqualTo("##.");
    }
    for (int y = 90; y < 240; y++) {
      assertThat("" + at(99, y) + at(100, y) + at(299, y) + at(300, y)).isEqualTo(".##.");
    }
    assertThat(at(101, 91)).isEqualTo('.');
    assertThat(at(298, 238)).isEqualTo('.');
  }

  @Test
  void itsNumberStandsAboveIt() {
    image().mark(face(100, 90), 1, Optional.empty());
    assertThat(dots(100, 76, 10))
        .isEqualTo(
            """
            #########.
            #o#o##o##.
            #ooo#oo##.
            #o#o##o##.
            #ooo##o##.
            #o#o#ooo#.
            #########.
            """);
    assertThat(at(100, 75)).isEqualTo('.');
  }

  @Test
  void orWithinItWhereThereIsNoRoomAboveAndTheDistanceBehindIt() {
    image().mark(face(100, 13), 0, Optional.of(new Match(7, 0.254)));
    assertThat(at(150, 12)).isEqualTo('.');
    assertThat(dots(100, 13, 29))
        .isEqualTo(
            """
            #############################
            #o#o#ooo#####ooo#####ooo#ooo#
            #ooo#o#o#####o#o#######o#o###
            #o#o#o#o#####o#o#####ooo#ooo#
            #ooo#o#o#####o#o#####o#####o#
            #o#o#ooo#####ooo##o##ooo#ooo#
            #############################
            """);
    image().mark(face(100, 14), 0, Optional.empty());
    assertThat(at(100, 0)).isEqualTo('#');
  }

  @Test
  void aLargerPictureHasThickerLines() {
    byte[] large = new byte[3 * 1000 * 10];
    Arrays.fill(large, (byte) 255);
    new DebugImage(new Pixels(1000, 10, large, null))
        .mark(new Face(500, 0, 400, 10, 1, new float[0]), 0, Optional.empty());
    assertThat(large[3 * (1000 * 1 + 899) + 1]).isEqualTo((byte) 200);
    assertThat(large[3 * (1000 * 2 + 899) + 1]).isEqualTo((byte) 200);
    assertThat(large[3 * (1000 * 2 + 898)]).isZero();
    assertThat(large[3 * (1000 * 4 + 897)]).isEqualTo((byte) 255);
  }

  @Test
  void itIsWrittenAsAJpeg() throws IOException {
    byte[] jpeg = image().jpeg();
    assertThat(ImageIO.read(new ByteArrayInputStream(jpeg)).getWidth()).isEqualTo(WIDTH);
    assertThat(jpeg).startsWith(0xff, 0xd8);
  }
}
