package io.caravel.face;

import io.caravel.face.FaceFinder.Box;
import io.caravel.face.FaceFinder.Face;
import io.caravel.face.FaceFinder.Found;
import io.caravel.ground.DurableFiles;
import io.caravel.ground.Failure;
import io.caravel.job.Job;
import io.caravel.photo.Disks;
import io.caravel.thumbnail.Pictures;
import io.caravel.thumbnail.Pictures.Pixels;
import io.caravel.thumbnail.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.springframework.stereotype.Component;

/** Finds the faces of a photo. */
@Component("faceSearch")
public class FaceSearch {
  private final FaceFinder finder;
  private final Pictures pictures;
  private final FaceIndex index;
  private final Disks disks;

  FaceSearch(FaceFinder finder, Pictures pictures, FaceIndex index, Disks disks) {
    this.finder = finder;
    this.pictures = pictures;
    this.index = index;
    this.disks = disks;
  }

  /**
   * The faces of a photo.
   *
   * @param faces in the detector's order, their boxes in pixels of the upright photo, within it
   * @param told those of regions in which nothing was found
   * @param engine by which they were found: {@link FaceFinder#version}
   */
  public record Searched(List<Face> faces, List<Face> told, String engine) {}

  /** What was found, in the pixels that were searched. */
  record Seen(Pixels pixels, Found found) {}

  /**
   * Searches a job's photo, a damaged one as far as it goes, and draws what was found, if anything:
   * {@link Disks#debugFile}. A film is not searched.
   *
   * @throws Failure as {@link Pictures#decode} and {@link FaceFinder#find}; disk-full, …
   */
  public Searched make(Job job) {
    return make(job, List.of());
  }

  /** As {@link #make(Job)}, with what the photo's metadata say of faces. */
  public Searched make(Job job, List<FaceRegions.Region> regions) {
    if (job.photo().video()) {
      return new Searched(List.of(), List.of(), finder.version());
    }
    Seen seen =
        look(
            disks.resolve(job.photo().disk(), job.photo().path(), job.photo().file()),
            job.suspect());
    Searched searched = searched(seen, regions);
    draw(seen, disks.debugFile(job.photo().sha256()));
    return searched;
  }

  Seen look(Path photo, boolean caged) {
    ready();
    try {
      Pixels pixels = pictures.decode(photo, finder::longestSide, caged);
      return new Seen(pixels, finder.find(pixels));
    } catch (IOException e) {
      throw Thread.currentThread().isInterrupted() ? Trouble.stopped(e) : Trouble.disk(e);
    }
  }

  /** Of a drawn face, by which dlib's landmarks and encoding are as good as of the whole photo. */
  private static final int ENOUGH = 200;

  /** Pixels of the longer side that are decoded for a drawn face, at most. */
  private static final int LONGEST = 4000;

  /**
   * A face of a photo where somebody says that there is one.
   *
   * @param box in pixels of the upright photo
   * @return its score is 0: no detector has seen it
   * @throws Failure bad-request: the box does not lie within the photo; as {@link Pictures#decode}
   */
  Face encode(Path photo, Box box) {
    ready();
    try {
      Pixels pixels =
          pictures.decode(photo, (width, height) -> longestSide(width, height, box), false);
      if (box.left() + (long) box.width() > pixels.photoWidth()
          || box.top() + (long) box.height() > pixels.photoHeight()) {
        throw Failure.lasting(
            "bad-request",
            "The box reaches beyond the photo, which has %d x %d pixels: draw it within."
                .formatted(pixels.photoWidth(), pixels.photoHeight()));
      }
      Face drawn = new Face(box.left(), box.top(), box.width(), box.height(), 0, new float[0]);
      Face seen =
          scaled(
              drawn,
              (double) pixels.width() / pixels.photoWidth(),
              (double) pixels.height() / pixels.photoHeight(),
              pixels.width(),
              pixels.height());
      float[] encoding =
          finder.encode(pixels, new Box(seen.left(), seen.top(), seen.width(), seen.height()));
      return new Face(box.left(), box.top(), box.width(), box.height(), 0, encoding);
    } catch (IOException e) {
      throw Thread.currentThread().isInterrupted() ? Trouble.stopped(e) : Trouble.disk(e);
    }
  }

  /** A small face of a large photo needs more pixels than the detector looks at. */
  private int longestSide(int width, int height, Box box) {
    int longer = Math.max(width, height);
    double side = Math.sqrt((double) box.width() * box.height());
    double needed = longer * Math.min(1, ENOUGH / side);
    return (int)
        Math.max(1, Math.min(LONGEST, Math.max(needed, finder.longestSide(width, height))));
  }

  /** By what a face was encoded that no detector has seen. */
  static String drawn(String engine) {
    return "drawn, " + engine;
  }

  /** By what a drawn face was encoded, for its row. */
  String drawnBy() {
    return drawn(finder.version());
  }

  /**
   * Whether faces can be found.
   *
   * @throws Failure {@code models-missing}, {@code engine-missing}
   */
  void ready() {
    Failure unready = finder.unready();
    if (unready != null) {
      throw unready;
    }
  }

  private Searched searched(Seen seen, List<FaceRegions.Region> regions) {
    Pixels pixels = seen.pixels();
    double across = (double) pixels.photoWidth() / seen.found().width();
    double down = (double) pixels.photoHeight() / seen.found().height();
    return new Searched(
        seen.found().faces().stream()
            .map(face -> scaled(face, across, down, pixels.photoWidth(), pixels.photoHeight()))
            .toList(),
        regions.stream()
            .filter(
                region ->
                    seen.found().faces().stream()
                        .allMatch(face -> isApart(region, face, seen.found())))
            .map(region -> told(pixels, region))
            .toList(),
        finder.version());
  }

  private static boolean isApart(FaceRegions.Region region, Face face, Found in) {
    double overlap =
        region.overlap(
            (double) face.left() / in.width(),
            (double) face.top() / in.height(),
            (double) face.width() / in.width(),
            (double) face.height() / in.height());
    return overlap < FaceRegions.SAME;
  }

  /** What is in a region, in pixels of the whole photo. */
  private Face told(Pixels pixels, FaceRegions.Region region) {
    if (Thread.currentThread().isInterrupted()) {
      throw Trouble.stopped(new InterruptedException());
    }
    Box seen = box(region, pixels.width(), pixels.height());
    Box box = box(region, pixels.photoWidth(), pixels.photoHeight());
    return new Face(
        box.left(), box.top(), box.width(), box.height(), 0, finder.encode(pixels, seen));
  }

  private static Box box(FaceRegions.Region region, int width, int height) {
    int left = within(region.left() * width, width - 1);
    int top = within(region.top() * height, height - 1);
    int right = within((region.left() + region.width()) * width, width);
    int bottom = within((region.top() + region.height()) * height, height);
    return new Box(left, top, Math.max(1, right - left), Math.max(1, bottom - top));
  }

  /** The same face in another scale of its picture, within it. */
  private static Face scaled(Face face, double across, double down, int width, int height) {
    int left = within(face.left() * across, width - 1);
    int top = within(face.top() * down, height - 1);
    int right = within((face.left() + face.width()) * across, width);
    int bottom = within((face.top() + face.height()) * down, height);
    return new Face(
        left,
        top,
        Math.max(1, right - left),
        Math.max(1, bottom - top),
        face.score(),
        face.encoding());
  }

  private static int within(double at, int most) {
    return (int) Math.max(0, Math.min(most, Math.round(at)));
  }

  /**
   * Writes a JPEG of the searched picture with a box and a label around each face: its number, and
   * how far the nearest person is. Without a face there is none, nor one of an earlier search.
   *
   * @return whether there is one
   */
  boolean draw(Seen seen, Path file) {
    if (seen.found().faces().isEmpty()) {
      discard(file);
      return false;
    }
    Pixels pixels = seen.pixels();
    double across = (double) pixels.width() / seen.found().width();
    double down = (double) pixels.height() / seen.found().height();
    DebugImage image = new DebugImage(pixels);
    int number = 0;
    for (Face face : seen.found().faces()) {
      image.mark(
          scaled(face, across, down, pixels.width(), pixels.height()),
          number++,
          index.nearestPerson(face.encoding()));
    }
    try {
      Path directory = Objects.requireNonNull(file.getParent());
      DurableFiles.createDirectories(directory);
      DurableFiles.discardUnfinished(file);
      DurableFiles.write(image.jpeg(), file);
      return true;
    } catch (IOException e) {
      throw Thread.currentThread().isInterrupted() ? Trouble.stopped(e) : Trouble.disk(e);
    }
  }

  private static void discard(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw Trouble.disk(e);
    }
  }
}
