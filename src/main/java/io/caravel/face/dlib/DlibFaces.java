package io.caravel.face.dlib;

import io.caravel.face.FaceFinder;
import io.caravel.job.Failure;
import io.caravel.thumbnail.Pictures.Pixels;
import io.caravel.thumbnail.Trouble;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds faces by dlib: the models are shared, each caller has an engine to itself. */
public final class DlibFaces implements FaceFinder, AutoCloseable {
  /** The code for processors with AVX2, and the one for all. */
  enum Variant {
    AVX2,
    BASELINE
  }

  private static final Logger LOG = LoggerFactory.getLogger(DlibFaces.class);
  private static final int[] SIDES = {1200, 1600, 2000};
  private static final Pattern VERSION = Pattern.compile("^(\\S+ \\S+).*", Pattern.DOTALL);

  private final FaceModels models;
  private final Dlib.@Nullable Library nativeCode;
  private final String name;
  private final Deque<Dlib.Engine> idle = new ArrayDeque<>();
  private int engines;
  private boolean loaded;
  private boolean closed;

  private DlibFaces(FaceModels models, Dlib.@Nullable Library nativeCode, String name) {
    this.models = models;
    this.nativeCode = nativeCode;
    this.name = name;
  }

  /**
   * The engine for this processor. Where it cannot be had {@link #unready()} says why.
   *
   * @param cache this node's directory for the native files; made when missing
   * @param models directory of dlib's model files, which may come later
   */
  public static DlibFaces load(Path cache, Path models) {
    return load(cache, models, null);
  }

  static DlibFaces load(Path cache, Path models, @Nullable Variant asked) {
    FaceModels files = new FaceModels(models);
    try {
      System.setProperty("org.bytedeco.javacpp.cachedir", cache.toString());
      System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
      // Pixels are bounded by the workers; JavaCPP would collect garbage to keep its own bound.
      System.setProperty("org.bytedeco.javacpp.maxbytes", "0");
      System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
      Variant variant = asked != null ? asked : Dlib.avx2() ? Variant.AVX2 : Variant.BASELINE;
      String file =
          variant == Variant.AVX2 ? "libcaravel-faces-avx2.so" : "libcaravel-faces-baseline.so";
      Dlib.Library nativeCode =
          new Dlib.Library(
              Loader.cacheResource(DlibFaces.class, Loader.getPlatform() + "/" + file).toString());
      return new DlibFaces(
          files,
          nativeCode,
          "dlib %s, %s, %s"
              .formatted(
                  nativeCode.dlib(),
                  variant == Variant.AVX2 ? "AVX2" : "baseline",
                  VERSION.matcher(nativeCode.blas()).replaceFirst("$1")));
    } catch (IOException | LinkageError | RuntimeException e) {
      LOG.info("The face engine dlib is not there: {}", e.toString());
      return new DlibFaces(files, null, "none");
    }
  }

  @Override
  public String engine() {
    return name;
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
      Found found = search(engine, rgb, photo.width(), photo.height());
      sound = true;
      return found;
    } catch (OutOfMemoryError e) {
      throw memory(e);
    } catch (Failure e) {
      throw e;
    } catch (RuntimeException e) {
      throw "std::bad_alloc".equals(e.getMessage()) ? memory(e) : e;
    } finally {
      giveBack(engine, sound);
    }
  }

  private static Found search(Dlib.Engine engine, BytePointer rgb, int width, int height) {
    int longer = Math.max(width, height);
    int faces = 0;
    for (int i = 0; i < SIDES.length && faces == 0; i++) {
      if (i > 0 && longer <= SIDES[i - 1]) {
        break; // the same pixels again
      }
      if (Thread.currentThread().isInterrupted()) {
        throw Trouble.stopped(new InterruptedException());
      }
      faces = engine.search(rgb, width, height, SIDES[i]);
    }
    List<Face> found = new ArrayList<>();
    for (int i = 0; i < faces; i++) {
      if (Thread.currentThread().isInterrupted()) {
        throw Trouble.stopped(new InterruptedException());
      }
      float[] encoding = new float[ENCODING];
      engine.encode(i, encoding);
      int left = engine.left(i);
      int top = engine.top(i);
      found.add(
          new Face(
              left,
              top,
              engine.right(i) - left,
              engine.bottom(i) - top,
              engine.score(i),
              encoding));
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
      }
      engine = nativeCode.engine();
    } catch (RuntimeException e) {
      throw "std::bad_alloc".equals(e.getMessage())
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
    }
  }
}
