package io.caravel.thumbnail.vips;

import io.caravel.ground.DurableFiles;
import io.caravel.photo.PictureHeader;
import io.caravel.photo.PictureType;
import io.caravel.thumbnail.Fit;
import io.caravel.thumbnail.ThumbnailFormat;
import io.caravel.thumbnail.Thumbnailer;
import io.caravel.thumbnail.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The fast engine: several sizes from one decode by libvips, shrunk while it is loaded. */
public final class VipsThumbnailer implements Thumbnailer {
  private final VipsPictures pictures;
  private final Thumbnailer others;
  private final int quality;

  /**
   * @param others reads the kinds that libvips does not, such as BMP
   * @param quality of JPEG and WebP, 1 to 100
   */
  public VipsThumbnailer(VipsPictures pictures, Thumbnailer others, int quality) {
    this.pictures = pictures;
    this.others = others;
    this.quality = quality;
  }

  @Override
  public String engine() {
    return "libvips";
  }

  @Override
  public boolean reads(PictureType type) {
    return pictures.reads(type) || others.reads(type);
  }

  @Override
  public boolean writes(ThumbnailFormat format) {
    return true;
  }

  private record Drawn(Path file, byte[] bytes) {}

  @Override
  public Made make(Path original, List<Target> targets, boolean caged) {
    List<Target> missing =
        targets.stream().filter(target -> !Files.exists(target.file())).distinct().toList();
    if (missing.isEmpty()) {
      return Made.NOTHING;
    }
    try {
      PictureHeader header = PictureHeader.read(original);
      if (!pictures.reads(header)) {
        if (!missing.stream().map(Target::format).allMatch(others::writes)) {
          throw Trouble.unsupported("A WebP of a picture of the kind " + header.type());
        }
        return others.make(original, targets, caged);
      }
      List<Drawn> drawn = new ArrayList<>();
      Made made =
          pictures.decoded(
              original,
              header,
              0,
              caged,
              (width, height) -> size(missing, width, height),
              (pixels, width, height, damage) -> {
                for (Target target : missing) {
                  drawn.add(new Drawn(target.file(), draw(pixels, target, width, height)));
                }
                return new Made(damage);
              });
      // All are drawn before the first is written: a photo that fails leaves nothing.
      for (Drawn each : drawn) {
        DurableFiles.createDirectories(
            Objects.requireNonNull(each.file().toAbsolutePath().getParent()));
        DurableFiles.write(each.bytes(), each.file());
      }
      return made;
    } catch (IOException e) {
      throw Thread.currentThread().isInterrupted() ? Trouble.stopped(e) : Trouble.disk(e);
    }
  }

  /** As large as the largest thumbnail needs, in each direction. */
  private static int[] size(List<Target> targets, int width, int height) {
    double across = 0;
    double down = 0;
    for (Target target : targets) {
      Fit fit = Fit.of(target.spec(), width, height);
      across = Math.max(across, fit.horizontal());
      down = Math.max(down, fit.vertical());
    }
    return new int[] {
      Math.max(1, (int) Math.ceil(width * Math.min(1, across) - ROUNDING)),
      Math.max(1, (int) Math.ceil(height * Math.min(1, down) - ROUNDING))
    };
  }

  private static final double ROUNDING = 1e-6;

  private byte[] draw(Vips.Picture pixels, Target target, int width, int height) {
    Fit fit = Fit.of(target.spec(), width, height);
    int areaWidth = part(fit.cropWidth(), width, pixels.width());
    int areaHeight = part(fit.cropHeight(), height, pixels.height());
    long size =
        pixels.encode(
            (pixels.width() - areaWidth) / 2,
            (pixels.height() - areaHeight) / 2,
            areaWidth,
            areaHeight,
            fit.width(),
            fit.height(),
            fit.canvasWidth(),
            fit.canvasHeight(),
            target.format().extension(),
            quality);
    byte[] bytes = new byte[(int) size];
    pixels.encoded().get(bytes);
    return bytes;
  }

  /** A length of the upright photo in its decoded pixels. */
  private static int part(double length, int of, int decoded) {
    return Math.max(1, Math.min(decoded, (int) Math.round(length * decoded / of)));
  }
}
