package io.caravel.face;

import io.caravel.ground.DurableFiles;
import io.caravel.ground.Failure;
import io.caravel.photo.Disks;
import io.caravel.thumbnail.Pictures;
import io.caravel.thumbnail.ThumbnailJpeg;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The faces cut out of their photos, with some of the surroundings: squares of {@value #SIDE}
 * pixels, JPEG. Made when they are first asked for, and kept with the photo's thumbnails.
 */
@Component
public class Crops {
  /** Of a crop, in pixels. */
  static final int SIDE = 256;

  /** Of the square, in terms of the longer side of the face's box. */
  static final double SURROUNDINGS = 1.6;

  private static final int QUALITY = 85;

  /** Pixels of the longer side that are decoded at most: some 50 MB. */
  private static final int LARGEST = 4096;

  /** A decode takes a core and some memory: so many at once. */
  private final Semaphore places = new Semaphore(2, true);

  private final JdbcClient database;
  private final Disks disks;
  private final Pictures pictures;

  Crops(JdbcClient database, Disks disks, Pictures pictures) {
    this.database = database;
    this.disks = disks;
    this.pictures = pictures;
  }

  private record Face(
      String sha256,
      String disk,
      String path,
      String file,
      @Nullable Integer photoWidth,
      @Nullable Integer photoHeight,
      int left,
      int top,
      int width,
      int height) {}

  /**
   * The file of a face's crop.
   *
   * @throws Failure no-crop: no such face, no photo of it or no box; or as {@link Pictures#decode}
   */
  public Path file(long id) {
    Face face = face(id);
    Path file = disks.cropFile(face.sha256(), face.left(), face.top(), face.width(), face.height());
    if (Files.isRegularFile(file)) {
      return file;
    }
    try {
      places.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Failure.passing("interrupted", "Caravel is ending: ask again.", e);
    }
    try {
      if (!Files.isRegularFile(file)) {
        DurableFiles.createDirectories(file.resolveSibling(""));
        DurableFiles.write(cut(face), file);
      }
      return file;
    } catch (IOException e) {
      throw Failure.passing(
          "disk-unavailable",
          "The crop cannot be made (" + e.getMessage() + "): look at the disk of CARAVEL_HOME.",
          e);
    } finally {
      places.release();
    }
  }

  private byte[] cut(Face face) throws IOException {
    Path original = disks.resolve(face.disk(), face.path(), face.file());
    double wanted = SURROUNDINGS * Math.max(face.width(), face.height());
    Integer width = face.photoWidth();
    Integer height = face.photoHeight();
    int longest = LARGEST;
    if (width != null && height != null) {
      int own = Math.max(width, height);
      longest = (int) Math.max(1, Math.min(Math.min(own, LARGEST), Math.ceil(SIDE / wanted * own)));
    }
    Pictures.Pixels photo = pictures.decode(original, longest, false);
    double scale = width == null ? 1 : (double) photo.width() / width;
    int side =
        (int)
            Math.max(
                1, Math.min(Math.round(wanted * scale), Math.min(photo.width(), photo.height())));
    int left =
        within((face.left() + face.width() / 2.0) * scale - side / 2.0, photo.width() - side);
    int top =
        within((face.top() + face.height() / 2.0) * scale - side / 2.0, photo.height() - side);
    return ThumbnailJpeg.encode(square(photo, left, top, side), QUALITY);
  }

  private static int within(double start, int last) {
    return (int) Math.max(0, Math.min(last, Math.round(start)));
  }

  private static BufferedImage square(Pictures.Pixels photo, int left, int top, int side) {
    BufferedImage cut = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    byte[] rgb = photo.rgb();
    int[] row = new int[side];
    for (int y = 0; y < side; y++) {
      int at = 3 * ((top + y) * photo.width() + left);
      for (int x = 0; x < side; x++, at += 3) {
        row[x] = (rgb[at] & 0xff) << 16 | (rgb[at + 1] & 0xff) << 8 | (rgb[at + 2] & 0xff);
      }
      cut.setRGB(0, y, side, 1, row, 0, side);
    }
    BufferedImage crop = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = crop.createGraphics();
    pen.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
    pen.drawImage(cut, 0, 0, SIDE, SIDE, null);
    pen.dispose();
    return crop;
  }

  private Face face(long id) {
    return database
        .sql(
            """
            select i.sha256, i.source_disk, i.source_path, i.source_filename, i.width, i.height,
              f.box_left, f.box_top, f.box_width, f.box_height
            from faces f join images i on i.id = f.image_id
            where f.id = :id and f.deleted_at is null and i.deleted_at is null
              and f.box_left is not null and f.box_top is not null and f.box_width > 0 and f.box_height > 0
            """)
        .param("id", id)
        .query(
            (row, number) ->
                new Face(
                    row.getString("sha256"),
                    row.getString("source_disk"),
                    row.getString("source_path"),
                    row.getString("source_filename"),
                    row.getObject("width", Integer.class),
                    row.getObject("height", Integer.class),
                    row.getInt("box_left"),
                    row.getInt("box_top"),
                    row.getInt("box_width"),
                    row.getInt("box_height")))
        .optional()
        .orElseThrow(
            () ->
                Failure.lasting(
                    "no-crop",
                    "There is no crop of face "
                        + id
                        + ": there is no such face, its photo is gone or in the trash, or nobody knows where in the photo it is."));
  }
}
