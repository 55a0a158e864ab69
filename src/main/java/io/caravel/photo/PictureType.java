package io.caravel.photo;

import org.jspecify.annotations.Nullable;

/**
 * The kinds of picture and film that Caravel takes in, told by content and never by a file's name.
 * What is not listed here is refused at the door: documents, archives, drawings that run scripts.
 */
public enum PictureType {
  JPEG("image/jpeg", "jpg"),
  PNG("image/png", "png"),
  GIF("image/gif", "gif"),
  BMP("image/bmp", "bmp"),
  WEBP("image/webp", "webp"),
  TIFF("image/tiff", "tif"),
  HEIC("image/heic", "heic"),
  HEIF("image/heif", "heif"),
  AVIF("image/avif", "avif"),
  JP2("image/jp2", "jp2"),
  /** A bare JPEG 2000 codestream, without the boxes of a JP2 file around it. */
  J2C("image/j2c", "j2c"),
  JXL("image/jxl", "jxl"),
  CR2("image/x-canon-cr2", "cr2"),
  CR3("image/x-canon-cr3", "cr3"),
  NEF("image/x-nikon-nef", "nef"),
  DNG("image/x-adobe-dng", "dng"),
  ARW("image/x-sony-arw", "arw"),
  RAF("image/x-fuji-raf", "raf"),
  ORF("image/x-olympus-orf", "orf"),
  RW2("image/x-panasonic-rw2", "rw2"),
  PEF("image/x-pentax-pef", "pef"),
  SRW("image/x-samsung-srw", "srw"),
  ERF("image/x-epson-erf", "erf"),
  IIQ("image/x-phaseone-iiq", "iiq"),
  MRW("image/x-minolta-mrw", "mrw"),
  CRW("image/x-canon-crw", "crw"),
  X3F("image/x-sigma-x3f", "x3f"),
  KDC("image/x-kodak-kdc", "kdc"),
  MEF("image/x-mamiya-mef", "mef"),
  MOS("image/x-leaf-mos", "mos"),
  THREE_FR("image/x-hasselblad-3fr", "3fr"),
  /** A sensor's readings in a TIFF of a maker that is none of these. */
  RAW("image/x-raw", "raw"),
  MP4("video/mp4", "mp4"),
  MOV("video/quicktime", "mov"),
  M4V("video/x-m4v", "m4v"),
  THREE_GP("video/3gpp", "3gp"),
  AVI("video/x-msvideo", "avi"),
  MKV("video/x-matroska", "mkv"),
  WEBM("video/webm", "webm");

  private final String mimeType;
  private final String extension;

  PictureType(String mimeType, String extension) {
    this.mimeType = mimeType;
    this.extension = extension;
  }

  /** The kind of a media type; null: none that is taken. */
  public static @Nullable PictureType of(String mimeType) {
    for (PictureType type : values()) {
      if (type.mimeType.equals(mimeType)) {
        return type;
      }
    }
    return null;
  }

  /** The media type, such as {@code image/jpeg}. */
  public String mimeType() {
    return mimeType;
  }

  /** The usual extension of a file's name, without a dot. */
  public String extension() {
    return extension;
  }

  /** Whether it holds a sensor's readings; then a picture to look at is only embedded in it. */
  public boolean raw() {
    return ordinal() >= CR2.ordinal() && ordinal() <= RAW.ordinal();
  }

  /** Whether it is a film: a picture to look at is one of its frames. */
  public boolean video() {
    return ordinal() >= MP4.ordinal();
  }
}
