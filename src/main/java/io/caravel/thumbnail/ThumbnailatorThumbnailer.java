package io.caravel.thumbnail;

import io.caravel.ground.DurableFiles;
import io.caravel.photo.PictureHeader;
import io.caravel.photo.PictureType;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.IntBinaryOperator;

/** The engine in pure Java: decodes by ImageIO, scales by Thumbnailator. */
public class ThumbnailatorThumbnailer implements Thumbnailer, Pictures {
  private final PictureDecoder decoder;
  private final int quality;

  /**
   * @param quality of the JPEGs, 1 to 100
   */
  public ThumbnailatorThumbnailer(int quality) {
    this(new PictureDecoder(new PictureMemory(Runtime.getRuntime().maxMemory())), quality);
  }

  ThumbnailatorThumbnailer(PictureDecoder decoder, int quality) {
    if (quality < 1 || quality > 100) {
      throw new IllegalArgumentException(
          "CARAVEL_THUMBNAIL_QUALITY is " + quality + ": give it a number from 1 to 100.");
    }
    this.decoder = decoder;
    this.quality = quality;
  }

  @Override
  public String engine() {
    return "thumbnailator";
  }

  @Override
  public boolean reads(PictureType type) {
    return PictureDecoder.READERS.containsKey(type);
  }

  @Override
  public boolean writes(ThumbnailFormat format) {
    return format == ThumbnailFormat.JPEG;
  }

  @Override
  public Made make(Path original, List<Target> targets, boolean caged) {
    List<Target> missing =
        targets.stream().filter(target -> !Files.exists(target.file())).distinct().toList();
    if (missing.isEmpty()) {
      return Made.NOTHING;
    }
    try {
      List<Drawn> drawn = new ArrayList<>();
      Made made = draw(original, missing, drawn);
      publish(drawn);
      return made;
    } catch (IOException e) {
      throw Thread.currentThread().isInterrupted() ? Trouble.stopped(e) : Trouble.disk(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Trouble.stopped(e);
    } catch (OutOfMemoryError e) {
      throw Trouble.memory(e);
    }
  }

  /** {@code caged} makes no difference: nothing native decodes here. */
  @Override
  public Pixels decode(Path photo, IntBinaryOperator longestSide, boolean caged)
      throws IOException {
    PictureHeader header = PictureHeader.read(photo);
    if (!reads(header.type())) {
      throw Trouble.unsupported("A picture of the kind " + header.type());
    }
    Fit wanted = fit(longestSide, header.width(), header.height());
    long bytes = 8L * wanted.width() * wanted.height();
    try (Decoded decoded = decoder.decode(photo, header, bytes)) {
      boolean sideways = decoded.orientation().sideways();
      int width = sideways ? decoded.height() : decoded.width();
      int height = sideways ? decoded.width() : decoded.height();
      Fit upright = fit(longestSide, width, height);
      Fit stored = sideways ? upright.turned() : upright;
      BufferedImage scaled = new SmallerCopies(decoded).scaled(stored, List.of(stored));
      BufferedImage picture =
          Canvas.draw(scaled, upright, decoded.orientation(), decoded.colours());
      return new Pixels(
          picture.getWidth(), picture.getHeight(), rgb(picture), decoded.damage(), width, height);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Trouble.stopped(e);
    } catch (OutOfMemoryError e) {
      throw Trouble.memory(e);
    }
  }

  private static Fit fit(IntBinaryOperator longestSide, int width, int height) {
    int longer = Math.max(width, height);
    int side = Math.min(longer, longestSide.applyAsInt(width, height));
    int shorter = (int) Math.ceil((double) Math.min(width, height) * side / longer);
    return Fit.of(
        ThumbnailSpec.of("scale", width < height ? shorter : side, width < height ? side : shorter),
        width,
        height);
  }

  private static byte[] rgb(BufferedImage bgr) {
    byte[] rgb = ((DataBufferByte) bgr.getRaster().getDataBuffer()).getData();
    for (int i = 0; i < rgb.length; i += 3) {
      byte blue = rgb[i];
      rgb[i] = rgb[i + 2];
      rgb[i + 2] = blue;
    }
    return rgb;
  }

  private record Drawn(Path file, byte[] jpeg) {}

  private record Planned(Target target, Fit upright, Fit stored) {
    double size() {
      return stored.horizontal() * stored.vertical();
    }
  }

  private Made draw(Path original, List<Target> targets, List<Drawn> drawn)
      throws IOException, InterruptedException {
    PictureHeader header = PictureHeader.read(original);
    if (!reads(header.type())) {
      throw Trouble.unsupported("A picture of the kind " + header.type());
    }
    try (Decoded photo = decoder.decode(original, header, bytesFor(targets))) {
      List<Planned> plan = plan(photo, targets);
      List<Fit> fits = plan.stream().map(Planned::stored).toList();
      SmallerCopies copies = new SmallerCopies(photo);
      for (int i = 0; i < plan.size(); i++) {
        if (Thread.interrupted()) {
          throw new InterruptedException("stopped");
        }
        BufferedImage scaled = copies.scaled(fits.get(i), fits.subList(i, fits.size()));
        BufferedImage thumbnail =
            Canvas.draw(scaled, plan.get(i).upright(), photo.orientation(), photo.colours());
        drawn.add(new Drawn(plan.get(i).target().file(), ThumbnailJpeg.encode(thumbnail, quality)));
      }
      return new Made(photo.damage());
    }
  }

  /** The largest first, so that the others can be made from smaller and smaller copies. */
  private static List<Planned> plan(Decoded photo, List<Target> targets) {
    boolean sideways = photo.orientation().sideways();
    int width = sideways ? photo.height() : photo.width();
    int height = sideways ? photo.width() : photo.height();
    return targets.stream()
        .map(
            target -> {
              Fit upright = Fit.of(target.spec(), width, height);
              return new Planned(target, upright, sideways ? upright.turned() : upright);
            })
        .sorted(Comparator.comparingDouble(Planned::size).reversed())
        .toList();
  }

  /** One thumbnail is in memory at a time: scaled, and on its canvas. */
  private static long bytesFor(List<Target> targets) {
    return targets.stream()
        .mapToLong(target -> 7L * target.spec().width() * target.spec().height())
        .max()
        .orElse(0);
  }

  /** All are drawn before the first is written: a photo that fails leaves nothing. */
  private static void publish(List<Drawn> drawn) throws IOException {
    for (Drawn each : drawn) {
      DurableFiles.createDirectories(
          Objects.requireNonNull(each.file().toAbsolutePath().getParent()));
      DurableFiles.write(each.jpeg(), each.file());
    }
  }
}
