package io.caravel.thumbnail;

import io.caravel.photo.PictureHeader;
import io.caravel.photo.PictureType;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadProgressListener;
import javax.imageio.event.IIOReadUpdateListener;
import javax.imageio.event.IIOReadWarningListener;
import org.jspecify.annotations.Nullable;

/**
 * Stops a decoder whose thread is interrupted, hears what it says of cut data, and sees which lines
 * of pixels were decoded before that.
 */
class Watch implements IIOReadProgressListener, IIOReadWarningListener, IIOReadUpdateListener {
  private boolean stopped;
  private boolean cut;
  private boolean scattered;
  private int lines;
  private @Nullable BufferedImage begun;

  /**
   * Watches this reader, which must not read yet.
   *
   * @param lines whether to count them: the reader then paints a progressive JPEG once a scan
   */
  void over(ImageReader reader, boolean lines) {
    if (lines) {
      reader.addIIOReadUpdateListener(this);
    }
    reader.addIIOReadProgressListener(this);
    reader.addIIOReadWarningListener(this);
  }

  boolean stopped() {
    return stopped;
  }

  /**
   * Whether pixels are missing. A baseline JPEG that lacks but its end marker is whole; of a
   * progressive one the last, finest scan is gone then.
   */
  boolean incomplete(PictureStream stream, PictureHeader header) {
    return cut || header.type() == PictureType.JPEG && header.progressive() && stream.exhausted();
  }

  /** Whether the lines from the top down to some are known to have been decoded before the cut. */
  boolean anyLine() {
    return lines > 0 && !scattered;
  }

  /**
   * The picture of a decoder that gave up at the end of the data, its missing lines grey; null when
   * it had no line yet, or does not go line by line.
   */
  @Nullable BufferedImage begun() {
    BufferedImage image = begun;
    if (image == null || !anyLine()) {
      return null;
    }
    cut = true;
    Graphics2D drawing = image.createGraphics();
    drawing.setColor(Color.GRAY); // as libjpeg has it
    drawing.fillRect(0, lines, image.getWidth(), image.getHeight() - lines);
    drawing.dispose();
    return image;
  }

  /** What is missing, for {@link Trouble#cutOff}. */
  String missing(Decoded decoded) {
    return lines < decoded.image().getHeight()
        ? "its " + decoded.orientation().lastLines() + " part is"
        : "its finer details are";
  }

  /** Told of each line of a picture or of a part of it: the periods say how far they lie apart. */
  @Override
  public void imageUpdate(
      ImageReader source,
      @Nullable BufferedImage image,
      int minX,
      int minY,
      int width,
      int height,
      int periodX,
      int periodY,
      int[] bands) {
    if (!cut) {
      begun = image;
      lines = Math.max(lines, minY + height);
      scattered |= periodX > 1 || periodY > 1;
    }
  }

  @Override
  public void imageProgress(ImageReader source, float percentageDone) {
    if (Thread.currentThread().isInterrupted()) {
      stopped = true;
      source.abort();
    }
  }

  /** libjpeg makes up the rest in grey and only says so (its jerror.h, JWRN_HIT_MARKER). */
  @Override
  public void warningOccurred(ImageReader source, String warning) {
    cut |= warning.contains("premature end of data segment");
  }

  @Override
  public void passStarted(
      ImageReader source,
      @Nullable BufferedImage image,
      int pass,
      int minPass,
      int maxPass,
      int minX,
      int minY,
      int periodX,
      int periodY,
      int[] bands) {}

  @Override
  public void passComplete(ImageReader source, @Nullable BufferedImage image) {}

  @Override
  public void thumbnailPassStarted(
      ImageReader source,
      BufferedImage thumbnail,
      int pass,
      int minPass,
      int maxPass,
      int minX,
      int minY,
      int periodX,
      int periodY,
      int[] bands) {}

  @Override
  public void thumbnailUpdate(
      ImageReader source,
      BufferedImage thumbnail,
      int minX,
      int minY,
      int width,
      int height,
      int periodX,
      int periodY,
      int[] bands) {}

  @Override
  public void thumbnailPassComplete(ImageReader source, BufferedImage thumbnail) {}

  @Override
  public void sequenceStarted(ImageReader source, int minIndex) {}

  @Override
  public void sequenceComplete(ImageReader source) {}

  @Override
  public void imageStarted(ImageReader source, int imageIndex) {}

  @Override
  public void imageComplete(ImageReader source) {}

  @Override
  public void thumbnailStarted(ImageReader source, int imageIndex, int thumbnailIndex) {}

  @Override
  public void thumbnailProgress(ImageReader source, float percentageDone) {}

  @Override
  public void thumbnailComplete(ImageReader source) {}

  @Override
  public void readAborted(ImageReader source) {
    stopped = true;
  }
}
