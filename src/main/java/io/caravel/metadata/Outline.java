package io.caravel.metadata;

/**
 * One polygon of a time zone, with its holes, in steps of a fraction of a degree.
 *
 * @param rings for each ring the number of its points, then the differences x, y from point to
 *     point, the first from 0, 0; all as {@link Varints}
 */
record Outline(String zone, int west, int east, int south, int north, byte[] rings) {

  /** Whether the point lies inside: a ray to the east crosses the rings an odd number of times. */
  boolean holds(int x, int y) {
    if (x < west || x > east || y < south || y > north) {
      return false;
    }
    boolean inside = false;
    Varints steps = new Varints(rings);
    while (steps.more()) {
      int points = steps.next();
      int lastX = 0;
      int lastY = 0;
      for (int i = 0; i < points; i++) {
        int pointX = lastX + steps.next();
        int pointY = lastY + steps.next();
        if (i > 0 && (lastY > y) != (pointY > y)) {
          double crossing =
              lastX + (double) (pointX - lastX) * (y - lastY) / (double) (pointY - lastY);
          inside ^= x < crossing;
        }
        lastX = pointX;
        lastY = pointY;
      }
    }
    return inside;
  }
}
