package io.caravel.photo;

import io.caravel.ground.Failure;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a picture's first bytes say of it. Nothing is decoded, and only a bounded part of the file
 * is read whatever lengths it claims, so this is safe on any bytes and quick enough for every
 * upload.
 *
 * <p>What the door lets in: a file whose content is of a known kind <em>and</em> whose header gives
 * the picture's size. Where there is no size there is nothing to show, and no limit could be held
 * against it, so such a file is {@code not-a-picture}. Two exceptions: a raw kind may hide its size
 * in the maker's own structures, and a JPEG may tell its height only at its end (DNL). Whether the
 * pixels behind a good header can be decoded is for the thumbnails to find out.
 *
 * @param width stored pixels, before any orientation; 0 where the header does not say
 * @param height stored pixels, before any orientation; 0 where the header does not say
 * @param progressive stored in several passes or pictures (progressive JPEG, interlaced PNG,
 *     animated WebP): a decoder must hold all of it
 * @param page of a TIFF, counted from 0: the first that is the picture itself, not a smaller copy
 *     or a mask
 * @param odd stored in a way that libvips reads wrongly or not at all: a TIFF of numbers that are
 *     no bytes or 16 bits, a GIF whose first frame is not its screen
 */
public record PictureHeader(
    PictureType type, int width, int height, boolean progressive, int page, boolean odd) {

  PictureHeader(PictureType type, int width, int height) {
    this(type, width, height, false);
  }

  /** The first page, stored in a usual way. */
  public PictureHeader(PictureType type, int width, int height, boolean progressive) {
    this(type, width, height, progressive, 0, false);
  }

  /**
   * Reads a file's header.
   *
   * @throws Failure {@code not-a-picture}: of no allowed kind, or with a header that gives no size
   * @throws IOException when the file cannot be read
   */
  public static PictureHeader read(Path file) throws IOException {
    try (HeaderBytes bytes = HeaderBytes.of(file)) {
      if (bytes.size() == 0) {
        throw Failure.lasting("not-a-picture", "The file is empty: send it again.");
      }
      PictureHeader header = read(bytes);
      if (header == null) {
        throw Failure.lasting(
            "not-a-picture",
            "The file is not a picture or film that Caravel takes, whatever its name says: send a JPEG, PNG,"
                + " GIF, BMP, WebP, TIFF, HEIC, AVIF, JPEG 2000, JPEG XL or camera raw file, or an MP4,"
                + " QuickTime, 3GP, Matroska, WebM or AVI film.");
      }
      if (!header.type().raw() && !header.hasSize() && header.type() != PictureType.JPEG) {
        throw unreadable(null);
      }
      return header;
    } catch (HeaderBytes.Unreadable e) {
      throw unreadable(e);
    }
  }

  /**
   * Holds the picture against the limit of pixels.
   *
   * @param maxMegapixels in millions of pixels
   * @throws Failure {@code too-many-pixels}
   */
  public void limit(int maxMegapixels) {
    if ((long) width * height > maxMegapixels * 1_000_000L) {
      throw Failure.lasting(
          "too-many-pixels",
          "The picture says it has "
              + width
              + " x "
              + height
              + " pixels, more than the "
              + maxMegapixels
              + " million that CARAVEL_MAX_MEGAPIXELS allows: raise that setting, or send a smaller copy.");
    }
  }

  private boolean hasSize() {
    return width > 0 && height > 0;
  }

  private static @Nullable PictureHeader read(HeaderBytes bytes) throws IOException {
    PictureHeader header = WebHeaders.read(bytes);
    if (header == null) {
      header = GifHeaders.read(bytes);
    }
    if (header == null) {
      header = TiffHeaders.read(bytes);
    }
    if (header == null) {
      header = JxlHeaders.read(bytes);
    }
    if (header == null) {
      header = BoxHeaders.read(bytes);
    }
    return header != null ? header : VideoHeaders.read(bytes);
  }

  private static Failure unreadable(HeaderBytes.@Nullable Unreadable e) {
    String sentence =
        "The file begins like a picture or film, but its header is damaged or cut off: send the whole original again.";
    return e == null
        ? Failure.lasting("not-a-picture", sentence)
        : Failure.lasting("not-a-picture", sentence, e);
  }
}
