package io.caravel.thumbnail;

import java.awt.geom.AffineTransform;

/**
 * The eight EXIF orientations (Exif 2.32, 4.6.4.A): where the stored picture's first row and first
 * column belong. The values name the sides row 0 and column 0 lie at.
 */
enum Orientation {
  TOP_LEFT(1, 0, 0, 1, 0, 0),
  TOP_RIGHT(-1, 0, 0, 1, 1, 0),
  BOTTOM_RIGHT(-1, 0, 0, -1, 1, 1),
  BOTTOM_LEFT(1, 0, 0, -1, 0, 1),
  LEFT_TOP(0, 1, 1, 0, 0, 0),
  RIGHT_TOP(0, 1, -1, 0, 1, 0),
  RIGHT_BOTTOM(0, -1, -1, 0, 1, 1),
  LEFT_BOTTOM(0, -1, 1, 0, 0, 1);

  private final int[] turn;

  Orientation(int... turn) {
    this.turn = turn;
  }

  /**
   * @param exif 1 to 8
   */
  static Orientation of(int exif) {
    return values()[exif - 1];
  }

  /** Whether the stored picture lies on its side. */
  boolean sideways() {
    return ordinal() >= 4;
  }

  /** The part of the upright picture that the stored picture's last lines are. */
  String lastLines() {
    return switch (this) {
      case TOP_LEFT, TOP_RIGHT -> "lower";
      case BOTTOM_RIGHT, BOTTOM_LEFT -> "upper";
      case LEFT_TOP, LEFT_BOTTOM -> "right";
      case RIGHT_TOP, RIGHT_BOTTOM -> "left";
    };
  }

  /**
   * Puts stored pixels upright.
   *
   * @param width of the upright picture
   * @param height of the upright picture
   */
  AffineTransform upright(int width, int height) {
    return new AffineTransform(
        turn[0], turn[1], turn[2], turn[3], turn[4] * width, turn[5] * height);
  }
}
