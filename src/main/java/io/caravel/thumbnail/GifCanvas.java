package io.caravel.thumbnail;

import io.caravel.photo.PictureHeader;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadataNode;
import org.w3c.dom.Element;

/** A GIF's first frame where it belongs: it may cover but a part of the screen (GIF89a, 20). */
final class GifCanvas {
  /** Per pixel: the frame's, and four of the canvas. */
  static final int BYTES = 5;

  private GifCanvas() {}

  static BufferedImage draw(ImageReader reader, BufferedImage frame, PictureHeader screen, int step)
      throws IOException {
    Element tree =
        (IIOMetadataNode) reader.getImageMetadata(0).getAsTree("javax_imageio_gif_image_1.0");
    Element place = (Element) tree.getElementsByTagName("ImageDescriptor").item(0);
    int left = Integer.parseInt(place.getAttribute("imageLeftPosition"));
    int top = Integer.parseInt(place.getAttribute("imageTopPosition"));
    int width = (screen.width() + step - 1) / step;
    int height = (screen.height() + step - 1) / step;
    if (left == 0 && top == 0 && frame.getWidth() == width && frame.getHeight() == height) {
      return frame;
    }
    BufferedImage canvas = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    Graphics2D drawing = canvas.createGraphics();
    drawing.drawImage(frame, left / step, top / step, null);
    drawing.dispose();
    return canvas;
  }
}
