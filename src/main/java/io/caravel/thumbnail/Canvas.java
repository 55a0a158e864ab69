package io.caravel.thumbnail;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.color.CMMException;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorConvertOp;
import java.awt.image.WritableRaster;
import org.jspecify.annotations.Nullable;

/** The finished thumbnail: upright, on white, in sRGB. */
final class Canvas {
  private Canvas() {}

  /**
   * @param scaled as stored
   * @param fit of the upright picture
   */
  static BufferedImage draw(
      BufferedImage scaled, Fit fit, Orientation orientation, @Nullable ColorSpace colours) {
    BufferedImage canvas =
        new BufferedImage(fit.canvasWidth(), fit.canvasHeight(), BufferedImage.TYPE_3BYTE_BGR);
    Graphics2D drawing = canvas.createGraphics();
    drawing.setColor(Color.WHITE);
    drawing.fillRect(0, 0, fit.canvasWidth(), fit.canvasHeight());
    drawing.translate(
        (fit.canvasWidth() - fit.width()) / 2, (fit.canvasHeight() - fit.height()) / 2);
    drawing.drawImage(scaled, orientation.upright(fit.width(), fit.height()), null);
    drawing.dispose();
    if (colours != null) {
      toSrgb(canvas.getRaster(), colours);
    }
    return canvas;
  }

  private static void toSrgb(WritableRaster pixels, ColorSpace colours) {
    try {
      new ColorConvertOp(colours, ColorSpace.getInstance(ColorSpace.CS_sRGB), null)
          .filter(pixels, pixels);
    } catch (CMMException | IllegalArgumentException e) {
      // A broken profile is none: the colours stay as they are.
    }
  }
}
