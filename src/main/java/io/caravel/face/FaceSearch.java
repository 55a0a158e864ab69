package io.caravel.face;

import io.caravel.face.FaceFinder.Face;
import io.caravel.face.FaceFinder.Found;
import io.caravel.job.Failure;
import io.caravel.job.Job;
import io.caravel.photo.Disks;
import io.caravel.photo.DurableFiles;
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
   * @param engine by which they were found: {@link FaceFinder#version}
   */
  public record Searched(List<Face> faces, String engine) {}

  /** What was found, in the pixels that were searched. */
  record Seen(Pixels pixels, Found found) {}

  /**
   * Searches a job's photo, a damaged one as far as it goes, and draws what was found, if anything:
   * {@link Disks#debugFile}.
   *
   * @throws Failure as {@link Pictures#decode} and {@link FaceFinder#find}; disk-full, …
   */
  public Searched make(Job job) {
    Seen seen =
        look(
            disks.resolve(job.photo().disk(), job.photo().path(), job.photo().file()),
            job.suspect());
    Searched searched = searched(seen);
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

  private Searched searched(Seen seen) {
    Pixels pixels = seen.pixels();
    double across = (double) pixels.photoWidth() / seen.found().width();
    double down = (double) pixels.photoHeight() / seen.found().height();
    return new Searched(
        seen.found().faces().stream()
            .map(face -> scaled(face, across, down, pixels.photoWidth(), pixels.photoHeight()))
            .toList(),
        finder.version());
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
