package io.caravel.photo;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** A small progressive JPEG whose last scan is repeated. */
public final class ManyScans {
  private ManyScans() {}

  /** In so many scans, ten at least. */
  public static byte[] jpeg(int scans) throws IOException {
    byte[] plain = progressive();
    int last = plain.length - 2;
    while ((plain[last] & 0xff) != 0xff || (plain[last + 1] & 0xff) != 0xda) {
      last--;
    }
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    many.write(plain, 0, plain.length - 2);
    for (int i = JpegScansTest.PLAIN; i < scans; i++) {
      many.write(plain, last, plain.length - 2 - last);
    }
    many.write(plain, plain.length - 2, 2);
    return many.toByteArray();
  }

  static byte[] progressive() throws IOException {
    BufferedImage picture = new BufferedImage(64, 48, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64 * 48; i++) {
      picture.setRGB(i % 64, i / 64, i * 83);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam how = writer.getDefaultWriteParam();
    how.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(picture, null, null), how);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
