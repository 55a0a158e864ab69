package io.caravel.route;

import io.caravel.face.FaceFinder;
import io.caravel.ground.Failure;
import io.caravel.thumbnail.Pictures.Pixels;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Primary;

/**
 * Knows a picture by its size, and finds in it the faces it was told; in any other none. {@code
 * test.finder=dlib} leaves the work to the real one.
 */
@Primary
@ConditionalOnProperty(name = "test.finder", havingValue = "table", matchIfMissing = true)
class TableFinder implements FaceFinder {
  private static final Map<String, List<Face>> TABLE = new ConcurrentHashMap<>();
  private static volatile @Nullable Failure unready;

  /** In a picture of so many pixels these are found; as it is searched, its sides are halved. */
  static void tell(int width, int height, Face... faces) {
    TABLE.put(width + "x" + height, List.of(faces));
  }

  /** Nothing is ready until {@link #ready}. */
  static void unready(Failure why) {
    unready = why;
  }

  static void ready() {
    unready = null;
  }

  static Face face(int left, int top, int side, float[] encoding) {
    return new Face(left, top, side, side, 0.5, encoding);
  }

  /** Somebody: people are sqrt(2) apart, and one's looks change by {@code away}. */
  static float[] person(int who, double away) {
    float[] encoding = new float[ENCODING];
    encoding[who] = 1;
    encoding[127] = (float) away;
    return encoding;
  }

  static float[] person(int who) {
    return Arrays.copyOf(person(who, 0), ENCODING);
  }

  @Override
  public Found find(Pixels photo) {
    Failure why = unready;
    if (why != null) {
      throw why;
    }
    return new Found(
        photo.width() / 2,
        photo.height() / 2,
        TABLE.getOrDefault(photo.width() + "x" + photo.height(), List.of()));
  }

  /** Who was told to be where the middle of the box lies; else a stranger. */
  @Override
  public float[] encode(Pixels photo, Box box) {
    int x = box.left() + box.width() / 2;
    int y = box.top() + box.height() / 2;
    return TABLE.getOrDefault(photo.width() + "x" + photo.height() + " drawn", List.of()).stream()
        .filter(
            face ->
                x >= face.left()
                    && x < face.left() + face.width()
                    && y >= face.top()
                    && y < face.top() + face.height())
        .map(Face::encoding)
        .findFirst()
        .orElseGet(() -> person(126));
  }

  /** Whom no search finds, in pixels of the whole picture. */
  static void hide(int width, int height, Face... faces) {
    TABLE.put(width + "x" + height + " drawn", List.of(faces));
  }

  @Override
  public int longestSide(int width, int height) {
    return 2000;
  }

  @Override
  public String version() {
    return "a table 1";
  }

  @Override
  public @Nullable Failure unready() {
    return unready;
  }

  @Override
  public String engine() {
    return "a table";
  }
}
