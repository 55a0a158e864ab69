package io.caravel.face.dlib;

import io.caravel.face.FaceFinder;
import io.caravel.ground.Failure;
import io.caravel.thumbnail.Pictures.Pixels;
import io.caravel.thumbnail.Trouble;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encodes faces by dlib, and finds them by its HOG detector or by YuNet: the models are shared,
 * each caller has an engine to itself.
 */
public final class DlibFaces implements FaceFinder, AutoCloseable {
  /** The code for processors with AVX2, and the one for all. */
  enum Variant {
    AVX2,
    BASELINE
  }

  private static final Logger LOG = LoggerFactory.getLogger(DlibFaces.class);
  private static final int[] SIDES = {1200, 1600, 2000};
  private static final int LONGEST = 10_000; // of a strip, whose area is small whatever its length

  /**
   * The square that dlib's HOG detector draws around what YuNet sees, measured on 392 faces that
   * both find: its side, of the square root of the seen box's area, and how far its middle lies
   * lower, of that box's longer side.
   */
  private static final double SQUARE = 0.944;

  private static final double LOWER = 0.038;

  /**
   * YuNet is surest of faces from 20 to some 300 pixels; a close-up, which is larger, it sees in a
   * picture whose sides are divided by this (at 2 megapixels 2 of 186 faces of the corpus, at a
   * sixteenth of the cost, and nothing that is no face; at a half and a third it invents some).
   */
  private static final int SMALLER = 4;

  private static final int LEAST_SIDE = 100;
  private static final Pattern VERSION = Pattern.compile("^(\\S+ \\S+).*", Pattern.DOTALL);

  private final FaceModels models;
  private final Dlib.@Nullable Library nativeCode;
  private final String name;
  private final @Nullable YuNet yunet;
  private final double megapixels;
  private final Deque<Dlib.Engine> idle = new ArrayDeque<>();
  private volatile @Nullable ResNet resnet; // where ONNX Runtime is there
  private int engines;
  private @Nullable String instead;
  private boolean loaded;
  private boolean closed;

  private DlibFaces(
      FaceModels models,
      Dlib.@Nullable Library nativeCode,
      String name,
      @Nullable YuNet yunet,
      double megapixels) {
    this.models = models;
    this.nativeCode = nativeCode;
    this.name = yunet == null ? name : yunet.engine() + ", " + name;
    this.yunet = yunet;
    this.megapixels = megapixels;
  }

  /**
   * The engine for this processor, with dlib's HOG detector. Where it cannot be had {@link
   * #unready()} says why.
   *
   * @param cache this node's directory for the native files; made when missing
   * @param models directory of dlib's model files, which may come later
   */
  public static DlibFaces load(Path cache, Path models) {
    return load(cache, models, null, null, 0);
  }

  /**
   * The engine for this processor, with YuNet as its detector; where that cannot be had with HOG,
   * and {@link #instead()} says so.
   *
   * @param score 0 to 1, from which on what YuNet sees is a face
   * @param megapixels millions of pixels that are looked at; larger photos are made smaller
   */
  public static DlibFaces withYuNet(Path cache, Path models, double score, double megapixels) {
    YuNet yunet = null;
    String instead = null;
    try {
      yunet = YuNet.load(cache, score);
    } catch (IOException | LinkageError | RuntimeException e) {
      LOG.info("The detector YuNet is not there: {}", e.toString());
      instead =
          "Faces are found by HOG, slowly and fewer of them, since ONNX Runtime cannot be loaded here (%s): start with a program that was built for this system, or set CARAVEL_FACE_DETECTOR=hog."
              .formatted(e);
    }
    DlibFaces faces = load(cache, models, null, yunet, megapixels);
    faces.instead = instead;
    return faces;
  }

  static DlibFaces load(Path cache, Path models, @Nullable Variant asked) {
    return load(cache, models, asked, null, 0);
  }

  static void extractTo(Path cache) {
    System.setProperty("org.bytedeco.javacpp.cachedir", cache.toString());
    System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
    // Pixels are bounded by the workers; JavaCPP would collect garbage to keep its own bound.
    System.setProperty("org.bytedeco.javacpp.maxbytes", "0");
    System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
  }

  private static DlibFaces load(
      Path cache, Path models, @Nullable Variant asked, @Nullable YuNet yunet, double megapixels) {
    FaceModels files = new FaceModels(models);
    try {
      extractTo(cache);
      Variant variant = asked != null ? asked : Dlib.avx2() ? Variant.AVX2 : Variant.BASELINE;
      Dlib.Library nativeCode = nativeCode(variant);
      return new DlibFaces(
          files,
          nativeCode,
          "dlib %s, %s, %s"
              .formatted(
                  nativeCode.dlib(),
                  variant == Variant.AVX2 ? "AVX2" : "baseline",
                  VERSION.matcher(nativeCode.blas()).replaceFirst("$1")),
          yunet,
          megapixels);
    } catch (IOException | LinkageError | RuntimeException e) {
      LOG.info("The face engine dlib is not there: {}", e.toString());
      return new DlibFaces(files, null, "none", null, 0);
    }
  }

  static Dlib.Library nativeCode(Variant variant) throws IOException {
    String file =
        variant == Variant.AVX2 ? "libcaravel-faces-avx2.so" : "libcaravel-faces-baseline.so";
    return new Dlib.Library(
        Loader.cacheResource(DlibFaces.class, Loader.getPlatform() + "/" + file).toString());
  }

  @Override
  public String engine() {
    return name;
  }

  @Override
  public String version() {
    return (yunet == null ? "hog" : YuNet.version())
        + ", dlib "
        + (nativeCode == null ? "none" : nativeCode.dlib());
  }

  @Override
  public @Nullable String instead() {
    return instead;
  }

  @Override
  public int longestSide(int width, int height) {
    if (yunet == null) {
      return SIDES[SIDES.length - 1];
    }
    int longer = Math.max(width, height);
    return Math.max(1, Math.min(Math.min(longer, LONGEST), (int) (longer * scale(width, height))));
  }

  /** At most 1: what is looked at has no more megapixels than it may. */
  private double scale(int width, int height) {
    return Math.min(1, Math.sqrt(megapixels * 1e6 / ((double) width * height)));
  }

  @Override
  public synchronized @Nullable Failure unready() {
    if (nativeCode == null) {
      return Failure.passing(
          "engine-missing",
          "Faces wait for the engine dlib, which the program was built without or cannot load: install libdlib-dev, libopenblas0-pthread and g++, then start with ./caravel run.");
    }
    return loaded ? null : models.missing();
  }

  @Override
  public Found find(Pixels photo) {
    return with(
        photo,
        (engine, rgb) ->
            yunet == null
                ? search(engine, rgb, photo.width(), photo.height())
                : look(yunet, engine, rgb, photo.width(), photo.height()));
  }

  @Override
  public float[] encode(Pixels photo, Box box) {
    return with(
        photo,
        (engine, rgb) -> {
          engine.take(rgb, photo.width(), photo.height(), photo.width(), photo.height());
          double side = Math.sqrt((double) box.width() * box.height());
          double left = box.left() + (box.width() - side) / 2;
          double top = box.top() + (box.height() - side) / 2;
          add(engine, left, top, side);
          return encodings(engine, 1).get(0);
        });
  }

  private <T> T with(Pixels photo, BiFunction<Dlib.Engine, BytePointer, T> work) {
    if (photo.width() < 1
        || photo.height() < 1
        || photo.rgb().length != 3L * photo.width() * photo.height()) {
      throw new IllegalArgumentException(
          "%d bytes are not %d x %d pixels of 3"
              .formatted(photo.rgb().length, photo.width(), photo.height()));
    }
    Dlib.Engine engine = borrow();
    boolean sound = false;
    try (BytePointer rgb = new BytePointer(photo.rgb())) {
      T answer = work.apply(engine, rgb);
      sound = true;
      return answer;
    } catch (OutOfMemoryError e) {
      throw memory(e);
    } catch (Failure e) {
      throw e;
    } catch (RuntimeException e) {
      throw isOfMemory(e) ? memory(e) : e;
    } finally {
      giveBack(engine, sound);
    }
  }

  private static boolean isOfMemory(RuntimeException e) {
    String said = String.valueOf(e.getMessage());
    return said.contains("bad_alloc") || said.contains("Failed to allocate memory");
  }

  private Found look(YuNet yunet, Dlib.Engine engine, BytePointer rgb, int width, int height) {
    stopIfInterrupted();
    // What was decoded for this has one row more by rounding, at most.
    double scale = width * (double) height <= megapixels * 1.001e6 ? 1 : scale(width, height);
    engine.take(
        rgb,
        width,
        height,
        Math.max(1, (int) (width * scale)),
        Math.max(1, (int) (height * scale)));
    List<YuNet.Seen> seen = new ArrayList<>(look(yunet, engine, 1));
    if (Math.min(engine.width(), engine.height()) >= SMALLER * LEAST_SIDE) {
      seen.addAll(look(yunet, engine, SMALLER));
    }
    List<YuNet.Seen> distinct = YuNet.distinct(seen);
    distinct.forEach(each -> add(engine, left(each), top(each), side(each)));
    List<float[]> encodings = encodings(engine, distinct.size());
    List<Face> found = new ArrayList<>();
    for (int i = 0; i < distinct.size(); i++) {
      found.add(face(engine, distinct.get(i), encodings.get(i)));
    }
    return new Found(engine.width(), engine.height(), List.copyOf(found));
  }

  /**
   * @param step by which the sides of the kept picture are divided
   * @return in pixels of the kept picture
   */
  private static List<YuNet.Seen> look(YuNet yunet, Dlib.Engine engine, int step) {
    int columns = YuNet.padded(engine.width() / step);
    int rows = YuNet.padded(engine.height() / step);
    try (FloatPointer planes = new FloatPointer(3L * columns * rows)) {
      engine.planes(planes, columns, rows, step);
      return yunet.see(planes.asByteBuffer().asFloatBuffer(), columns, rows).stream()
          .map(seen -> seen.times(step))
          .toList();
    }
  }

  private static double side(YuNet.Seen seen) {
    return SQUARE * Math.sqrt(seen.width() * seen.height());
  }

  private static double left(YuNet.Seen seen) {
    return seen.left() + (seen.width() - side(seen)) / 2;
  }

  private static double top(YuNet.Seen seen) {
    return seen.top()
        + (seen.height() - side(seen)) / 2
        + LOWER * Math.max(seen.width(), seen.height());
  }

  private static Face face(Dlib.Engine engine, YuNet.Seen seen, float[] encoding) {
    int right = (int) Math.round(left(seen) + side(seen));
    int bottom = (int) Math.round(top(seen) + side(seen));
    int x = within(left(seen), engine.width() - 1);
    int y = within(top(seen), engine.height() - 1);
    return new Face(
        x,
        y,
        Math.max(1, Math.min(right, engine.width()) - x),
        Math.max(1, Math.min(bottom, engine.height()) - y),
        seen.score(),
        encoding);
  }

  private static void add(Dlib.Engine engine, double left, double top, double side) {
    engine.add(
        (int) Math.round(left),
        (int) Math.round(top),
        (int) Math.round(left + side),
        (int) Math.round(top + side));
  }

  /** Of so many faces of the kept picture. */
  private List<float[]> encodings(Dlib.Engine engine, int faces) {
    List<float[]> encodings = new ArrayList<>();
    while (encodings.size() < faces) {
      stopIfInterrupted();
      int next = encodings.size();
      if (resnet == null) {
        float[] encoding = new float[ENCODING];
        engine.encode(next, encoding);
        encodings.add(encoding);
      } else {
        encodings.addAll(List.of(resnet.encode(engine, next, Math.min(ResNet.MOST, faces - next))));
      }
    }
    return encodings;
  }

  private static int within(double at, int most) {
    return (int) Math.max(0, Math.min(most, Math.round(at)));
  }

  private static void stopIfInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw Trouble.stopped(new InterruptedException());
    }
  }

  private Found search(Dlib.Engine engine, BytePointer rgb, int width, int height) {
    int longer = Math.max(width, height);
    int faces = 0;
    for (int i = 0; i < SIDES.length && faces == 0; i++) {
      if (i > 0 && longer <= SIDES[i - 1]) {
        break; // the same pixels again
      }
      stopIfInterrupted();
      faces = engine.search(rgb, width, height, SIDES[i]);
    }
    List<Face> found = new ArrayList<>();
    List<float[]> encodings = encodings(engine, faces);
    for (int i = 0; i < faces; i++) {
      int left = engine.left(i);
      int top = engine.top(i);
      found.add(
          new Face(
              left,
              top,
              engine.right(i) - left,
              engine.bottom(i) - top,
              engine.score(i),
              encodings.get(i)));
    }
    return new Found(engine.width(), engine.height(), List.copyOf(found));
  }

  private static Failure memory(Throwable origin) {
    return Failure.passing(
        "memory-limit",
        "There was not enough memory to search the photo for faces: give Caravel more, or fewer workers (CARAVEL_WORKERS_FACES); it is tried again.",
        origin);
  }

  private synchronized Dlib.Engine borrow() {
    Failure why = unready();
    if (why != null) {
      throw why;
    }
    if (closed || nativeCode == null) {
      throw new IllegalStateException("the face engine is closed");
    }
    Dlib.Engine engine = idle.pollFirst();
    if (engine != null) {
      return engine;
    }
    try {
      if (!loaded) {
        nativeCode.load(models.landmarks(), models.resnet());
        loaded = true;
        resnet = yunet == null ? null : ResNet.of(nativeCode);
      }
      engine = nativeCode.engine();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (RuntimeException e) {
      throw isOfMemory(e)
          ? memory(e)
          : loaded ? e : models.failure("dlib cannot read them (" + e.getMessage() + ")");
    }
    engines++;
    return engine;
  }

  /** An engine that met an error is not used again. */
  private synchronized void giveBack(Dlib.Engine engine, boolean sound) {
    if (sound && !closed) {
      idle.addFirst(engine);
      return;
    }
    Dlib.discard(engine);
    engines--;
    closeWhenUnused();
  }

  @Override
  public synchronized void close() {
    closed = true;
    for (Dlib.Engine engine : idle) {
      Dlib.discard(engine);
      engines--;
    }
    idle.clear();
    closeWhenUnused();
  }

  private void closeWhenUnused() {
    if (closed && engines == 0 && nativeCode != null) {
      nativeCode.close();
      if (resnet != null) {
        resnet.close();
      }
      if (yunet != null) {
        yunet.close();
      }
    }
  }
}
