package io.caravel.photo;

/**
 * The kinds of picture that Caravel takes in, told by content and never by a file's name. What is
 * not listed here is refused at the door: documents, archives, drawings that run scripts, videos.
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
  CR2("image/x-canon-cr2", "cr2"),
  CR3("image/x-canon-cr3", "cr3"),
  NEF("image/x-nikon-nef", "nef"),
  DNG("image/x-adobe-dng", "dng"),
  ARW("image/x-sony-arw", "arw"),
  RAF("image/x-fuji-raf", "raf"),
  ORF("image/x-olympus-orf", "orf"),
  RW2("image/x-panasonic-rw2", "rw2");

  private final String mimeType;
  private final String extension;

  PictureType(String mimeType, String extension) {
    this.mimeType = mimeType;
    this.extension = extension;
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
    return ordinal() >= CR2.ordinal();
  }
}
