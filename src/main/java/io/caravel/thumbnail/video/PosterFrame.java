package io.caravel.thumbnail.video;

import io.caravel.thumbnail.vips.Cage;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacv.FFmpegFrameGrabber;
import org.bytedeco.javacv.Frame;
import org.bytedeco.javacv.Java2DFrameConverter;
import org.jspecify.annotations.Nullable;

/**
 * Writes one frame of a video to standard output, as a JPEG: run as a program of its own, which can
 * be killed and has little to break. Exit status 0; 2: no frame can be decoded, the reason on
 * standard error; 3: no cage; 4: not enough memory.
 */
public final class PosterFrame {
  static final int UNDECODABLE = 2;
  static final int NO_CAGE = 3;
  static final int NO_MEMORY = 4;

  /** Of a thumbnail there are hardly more. */
  private static final int LONGEST_SIDE = 1920;

  /** Boxes and streams that are played: nothing that names another file, or a place elsewhere. */
  private static final String FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi";

  /** Where a frame is looked for, of the whole length: the first ones are often black. */
  private static final double[] PLACES = {0.1, 0.3, 0.6, 0};

  /** Of a frame's brightness, in levels of 255: a black one has less difference in it. */
  private static final double DIFFERENCE = 6;

  private static final long SECOND = 1_000_000;

  private PosterFrame() {}

  /** {@code PosterFrame FILE}. */
  public static void main(String[] arguments) {
    OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out));
    OutputStream errors = new FileOutputStream(FileDescriptor.err);
    int status = 0;
    try {
      status = run(Path.of(arguments[0]), out, errors);
      out.flush();
    } catch (OutOfMemoryError e) {
      status = NO_MEMORY;
    } catch (IOException e) {
      status = UNDECODABLE;
    }
    Runtime.getRuntime().halt(status); // nothing is worth tidying up
  }

  private static int run(Path file, OutputStream out, OutputStream errors) throws IOException {
    try {
      FFmpegFrameGrabber.tryLoad();
      avutil.av_log_set_level(avutil.AV_LOG_QUIET);
      ImageIO.setUseCache(false);
      write(new BufferedImage(8, 8, BufferedImage.TYPE_3BYTE_BGR), OutputStream.nullOutputStream());
      Cage.close(file);
    } catch (IOException | RuntimeException | LinkageError e) {
      say(errors, e);
      return NO_CAGE;
    }
    try {
      BufferedImage frame = frame(file);
      if (frame == null) {
        errors.write("no frame".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return UNDECODABLE;
      }
      write(frame, out);
      return 0;
    } catch (IOException | RuntimeException e) {
      say(errors, e);
      return UNDECODABLE;
    }
  }

  private static void say(OutputStream errors, Throwable e) throws IOException {
    errors.write(String.valueOf(e).getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  private static @Nullable BufferedImage frame(Path file) throws IOException {
    BufferedImage best = null;
    for (double place : PLACES) {
      try (FFmpegFrameGrabber grabber = new FFmpegFrameGrabber(file.toString())) {
        grabber.setOption("protocol_whitelist", "file");
        grabber.setOption("format_whitelist", FORMATS);
        grabber.setVideoOption("threads", "1");
        grabber.start();
        scale(grabber);
        long at = (long) (grabber.getLengthInTime() * place);
        if (at > SECOND / 10) {
          grabber.setVideoTimestamp(at);
        }
        Frame frame = grabber.grabImage();
        if (frame == null) {
          continue;
        }
        try (Java2DFrameConverter converter = new Java2DFrameConverter()) {
          BufferedImage image = upright(converter.convert(frame), grabber.getDisplayRotation());
          if (differs(image)) {
            return image;
          }
          best = best == null ? image : best;
        }
      } catch (FFmpegFrameGrabber.Exception e) {
        if (place == 0 && best == null) {
          throw e;
        }
      }
    }
    return best;
  }

  /** As large as it is shown: its pixels need not be squares. */
  private static void scale(FFmpegFrameGrabber grabber) {
    double ratio = grabber.getAspectRatio();
    double width = grabber.getImageWidth() * (ratio > 0.1 && ratio < 10 ? ratio : 1);
    double height = grabber.getImageHeight();
    double factor = Math.min(1, LONGEST_SIDE / Math.max(width, height));
    grabber.setImageWidth((int) Math.max(1, Math.round(width * factor)));
    grabber.setImageHeight((int) Math.max(1, Math.round(height * factor)));
  }

  /**
   * @param rotation degrees anticlockwise by which the frames are turned when they are shown
   */
  private static BufferedImage upright(BufferedImage image, double rotation) {
    int quarters = Math.floorMod((int) Math.round(-rotation / 90), 4); // clockwise
    int width = image.getWidth();
    int height = image.getHeight();
    boolean sideways = quarters % 2 == 1;
    BufferedImage turned =
        new BufferedImage(
            sideways ? height : width, sideways ? width : height, BufferedImage.TYPE_3BYTE_BGR);
    AffineTransform turn = new AffineTransform();
    turn.translate(turned.getWidth() / 2.0, turned.getHeight() / 2.0);
    turn.quadrantRotate(quarters);
    turn.translate(-width / 2.0, -height / 2.0);
    Graphics2D graphics = turned.createGraphics();
    graphics.drawImage(image, turn, null);
    graphics.dispose();
    return turned;
  }

  /** Whether it is more than one colour. */
  private static boolean differs(BufferedImage image) {
    double sum = 0;
    double squares = 0;
    int count = 0;
    for (int y = 0; y < image.getHeight(); y += 1 + image.getHeight() / 64) {
      for (int x = 0; x < image.getWidth(); x += 1 + image.getWidth() / 64) {
        int green = image.getRGB(x, y) >> 8 & 255;
        sum += green;
        squares += (double) green * green;
        count++;
      }
    }
    double mean = sum / count;
    return squares / count - mean * mean > DIFFERENCE * DIFFERENCE;
  }

  private static void write(BufferedImage image, OutputStream out) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam quality = writer.getDefaultWriteParam();
    quality.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    quality.setCompressionQuality(0.92f);
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.write(null, new IIOImage(image, null, null), quality);
    } finally {
      writer.dispose();
    }
  }
}
