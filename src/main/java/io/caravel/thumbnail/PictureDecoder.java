package io.caravel.thumbnail;

import io.caravel.ground.Failure;
import io.caravel.photo.DisplayTags;
import io.caravel.photo.JpegScans;
import io.caravel.photo.PictureHeader;
import io.caravel.photo.PictureType;
import java.awt.Point;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.SampleModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import org.jspecify.annotations.Nullable;

/**
 * Decodes by the JDK's own ImageIO, in bounded memory and stoppable. Right where ImageIO alone is
 * not: CMYK, small GIF frames, grey with alpha, PNG's colour profile, pictures cut off.
 */
class PictureDecoder {
  static final Map<PictureType, String> READERS =
      Map.of(
          PictureType.JPEG, "jpeg",
          PictureType.PNG, "png",
          PictureType.GIF, "gif",
          PictureType.BMP, "bmp");

  /** 32 megapixels of a common JPEG; of what is larger only every second, third … pixel is kept. */
  private static final long BYTES_AT_MOST = 96L << 20;

  /**
   * libjpeg holds all coefficients of a progressive JPEG, 3 to 6 bytes a pixel, out of the heap.
   */
  private static final long PROGRESSIVE_PIXELS_AT_MOST = 100_000_000;

  /** ImageIO unpacks some kinds of BMP whole, a byte a pixel, and counts their bits in an int. */
  private static final long BMP_PIXELS_AT_MOST = 64_000_000;

  static {
    // ImageIO would else put what it reads into temporary files of its own.
    ImageIO.setUseCache(false);
  }

  private final PictureMemory memory;

  PictureDecoder(PictureMemory memory) {
    this.memory = memory;
  }

  /**
   * Decodes a photo's first picture.
   *
   * @param bytesBeside what the caller needs while it has the picture
   * @throws Failure as {@link Thumbnailer#make}
   */
  Decoded decode(Path photo, PictureHeader header, long bytesBeside)
      throws IOException, InterruptedException {
    Decoded decoded = decoded(photo, header, bytesBeside);
    String damage = decoded.damage() == null ? Trouble.unnoticed(photo, header) : null;
    return damage == null ? decoded : decoded.damaged(damage);
  }

  private Decoded decoded(Path photo, PictureHeader header, long bytesBeside)
      throws IOException, InterruptedException {
    if ((long) header.width() * header.height() > pixelsAtMost(header)) {
      throw Trouble.memory(new IOException("ImageIO needs too much for " + header));
    }
    JpegScans.limit(photo, header);
    DisplayTags tags = DisplayTags.read(photo, header.type());
    // Of a JPEG or BMP no metadata are wanted; a PNG's tRNS and a GIF's place are among them.
    boolean metadata = header.type() == PictureType.PNG || header.type() == PictureType.GIF;
    boolean progressive = header.type() == PictureType.JPEG && header.progressive();
    // Of a BMP, whose lines may go upwards, ImageIO tells their number alone.
    boolean lines = !progressive && header.type() != PictureType.BMP;
    try {
      return attempt(photo, header, tags, metadata, lines, bytesBeside);
    } catch (Failure e) {
      if (header.type() == PictureType.PNG && e.lasting()) {
        // With the metadata ImageIO wants the end chunk too: that it is missing costs no photo.
        return attempt(photo, header, tags, false, true, bytesBeside);
      }
      if (progressive && e.cause().equals("truncated")) {
        return attempt(photo, header, tags, metadata, true, bytesBeside);
      }
      throw e;
    }
  }

  private Decoded attempt(
      Path photo,
      PictureHeader header,
      DisplayTags tags,
      boolean metadata,
      boolean lines,
      long bytesBeside)
      throws IOException, InterruptedException {
    ImageReader reader = ImageIO.getImageReadersByFormatName(READERS.get(header.type())).next();
    try (PictureStream stream = new PictureStream(photo)) {
      Watch watch = watch();
      watch.over(reader, lines);
      try {
        if (header.type() == PictureType.PNG) {
          PngPixels.show(stream);
        }
        reader.setInput(stream, true, !metadata);
        Decoded decoded = pixels(reader, header, tags, bytesBeside, watch, stream);
        if (!watch.stopped() && !watch.incomplete(stream, header)) {
          return decoded;
        }
        if (!watch.stopped() && stream.exhausted() && watch.anyLine()) {
          return decoded.damaged(Trouble.cutOff(watch.missing(decoded)));
        }
        decoded.close();
        throw new IIOException("pixels are missing");
      } catch (IOException | RuntimeException e) {
        throw failure(e, stream, watch);
      }
    } finally {
      reader.dispose();
    }
  }

  private static long pixelsAtMost(PictureHeader header) {
    return switch (header.type()) {
      case JPEG -> header.progressive() ? PROGRESSIVE_PIXELS_AT_MOST : Long.MAX_VALUE;
      case BMP -> BMP_PIXELS_AT_MOST;
      default -> Long.MAX_VALUE;
    };
  }

  Watch watch() {
    return new Watch();
  }

  private static Failure failure(Exception e, PictureStream stream, Watch watch) {
    IOException trouble = stream.trouble();
    if (watch.stopped() || Thread.currentThread().isInterrupted()) {
      return Trouble.stopped(e);
    }
    if (trouble != null) {
      return Trouble.disk(trouble);
    }
    return stream.exhausted() ? Trouble.truncated(e) : Trouble.undecodable(e);
  }

  /** The picture; of one that is cut off, what there is. */
  private static BufferedImage read(
      ImageReader reader, ImageReadParam param, Watch watch, PictureStream stream)
      throws IOException {
    try {
      return reader.read(0, param);
    } catch (IOException | RuntimeException e) {
      boolean cutOff = stream.exhausted() && stream.trouble() == null && !watch.stopped();
      BufferedImage begun = cutOff ? watch.begun() : null;
      if (begun == null) {
        throw e;
      }
      return begun;
    }
  }

  private Decoded pixels(
      ImageReader reader,
      PictureHeader header,
      DisplayTags tags,
      long bytesBeside,
      Watch watch,
      PictureStream stream)
      throws IOException, InterruptedException {
    boolean cmyk = tags.components() == 4;
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    ImageTypeSpecifier type = cmyk ? null : reader.getImageTypes(0).next();
    long pixelBytes = type == null ? CmykPixels.BYTES : bytes(type);
    long pixels = (long) width * height;
    if (header.type() == PictureType.GIF) {
      pixels = Math.max(pixels, (long) header.width() * header.height());
      pixelBytes = GifCanvas.BYTES;
    }
    int step = step(pixels, pixelBytes);
    // The first of the smaller copies has a quarter of the pixels, of four bytes each.
    long bytes = pixels / ((long) step * step) * (pixelBytes + 1);
    if (header.type() == PictureType.BMP) {
      bytes += pixels;
    }
    PictureMemory.Share share = memory.take(bytes + bytesBeside);
    try {
      ImageReadParam param = reader.getDefaultReadParam();
      param.setSourceSubsampling(step, step, 0, 0);
      Orientation orientation = Orientation.of(tags.orientation());
      if (type == null) {
        Raster raster = reader.readRaster(0, param);
        return new Decoded(CmykPixels.rgb(raster, tags), width, height, orientation, null, share);
      }
      if (header.type() == PictureType.GIF) {
        return new Decoded(
            GifCanvas.draw(reader, read(reader, param, watch, stream), header, step),
            header.width(),
            header.height(),
            orientation,
            null,
            share);
      }
      ColorSpace colours =
          header.type() == PictureType.JPEG ? embedded(reader) : embedded(tags.profile());
      BufferedImage image =
          header.type() == PictureType.JPEG && colours != null
              ? readAs(
                  colours,
                  reader,
                  param,
                  (width + step - 1) / step,
                  (height + step - 1) / step,
                  watch,
                  stream)
              : PlainPixels.of(read(reader, param, watch, stream));
      return new Decoded(image, width, height, orientation, colours, share);
    } catch (IOException | RuntimeException | Error e) {
      share.close();
      throw e;
    }
  }

  /** Keeps every n-th pixel of every n-th row, so that the picture fits into its memory. */
  static int step(long pixels, long pixelBytes) {
    return (int) Math.max(1, Math.ceil(Math.sqrt((double) pixels * pixelBytes / BYTES_AT_MOST)));
  }

  private static long bytes(ImageTypeSpecifier type) {
    SampleModel model = type.getSampleModel();
    long stored =
        (long) model.getNumDataElements() * DataBuffer.getDataTypeSize(model.getDataType()) / 8;
    return PlainPixels.plain(type.getBufferedImageType()) ? stored : stored + PlainPixels.BYTES;
  }

  /** The colours of a JPEG's own profile, which ImageIO has checked. */
  private static @Nullable ColorSpace embedded(ImageReader reader) throws IOException {
    for (Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0); types.hasNext(); ) {
      ColorSpace colours = types.next().getColorModel().getColorSpace();
      if (colours.getType() == ColorSpace.TYPE_RGB && !colours.isCS_sRGB()) {
        return colours;
      }
    }
    return null;
  }

  /** The colours of a PNG's profile, which ImageIO passes over. */
  private static @Nullable ColorSpace embedded(byte @Nullable [] profile) {
    if (profile == null) {
      return null;
    }
    try {
      ICC_Profile icc = ICC_Profile.getInstance(profile);
      return icc.getColorSpaceType() == ColorSpace.TYPE_RGB ? new ICC_ColorSpace(icc) : null;
    } catch (IllegalArgumentException e) {
      return null; // a broken profile is none
    }
  }

  /**
   * Reads into a picture of the JPEG's own colours, so that ImageIO converts nothing, and in the
   * order of bytes that Java draws fastest; then calls it sRGB.
   */
  private static BufferedImage readAs(
      ColorSpace colours,
      ImageReader reader,
      ImageReadParam param,
      int width,
      int height,
      Watch watch,
      PictureStream stream)
      throws IOException {
    int[] blueFirst = {2, 1, 0};
    param.setDestination(
        ImageTypeSpecifier.createInterleaved(colours, blueFirst, DataBuffer.TYPE_BYTE, false, false)
            .createBufferedImage(width, height));
    BufferedImage read = read(reader, param, watch, stream);
    BufferedImage like = new BufferedImage(1, 1, BufferedImage.TYPE_3BYTE_BGR);
    return new BufferedImage(
        like.getColorModel(),
        Raster.createWritableRaster(
            read.getSampleModel(), read.getRaster().getDataBuffer(), new Point()),
        false,
        null);
  }
}
