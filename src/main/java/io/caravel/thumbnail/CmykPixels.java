package io.caravel.thumbnail;

import io.caravel.photo.DisplayTags;
import java.awt.color.CMMException;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ColorConvertOp;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import org.jspecify.annotations.Nullable;

/**
 * The four inks of a JPEG as sRGB, by its own profile where it has one. ImageIO hands the
 * components out as they are stored: perhaps as YCCK, and with Adobe's marker upside down, 255 for
 * no ink (Adobe Technical Note 5116, 18; libjpeg's libjpeg.txt, "Special color spaces").
 */
final class CmykPixels {
  /** Per pixel: the four components, and the three of the result. */
  static final int BYTES = 7;

  private static final int ROWS = 16;

  private CmykPixels() {}

  static BufferedImage rgb(Raster stored, DisplayTags tags) throws java.io.IOException {
    int width = stored.getWidth();
    int height = stored.getHeight();
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    ColorConvertOp byProfile = byProfile(tags.profile());
    for (int y = 0; y < height; y += ROWS) {
      int rows = Math.min(ROWS, height - y);
      int[] inks = stored.getPixels(0, y, width, rows, (int[]) null);
      toInk(inks, tags.adobeTransform());
      WritableRaster part = image.getRaster().createWritableChild(0, y, width, rows, 0, 0, null);
      if (byProfile != null) {
        WritableRaster ink = Raster.createInterleavedRaster(0, width, rows, 4, null);
        ink.setPixels(0, 0, width, rows, inks);
        try {
          byProfile.filter(ink, part);
          continue;
        } catch (CMMException | IllegalArgumentException e) {
          byProfile = null; // a broken profile is none
        }
      }
      part.setPixels(0, 0, width, rows, plain(inks));
      if (Thread.currentThread().isInterrupted()) {
        throw new java.io.InterruptedIOException("stopped");
      }
    }
    return image;
  }

  private static @Nullable ColorConvertOp byProfile(byte @Nullable [] profile) {
    if (profile == null) {
      return null;
    }
    try {
      ICC_Profile icc = ICC_Profile.getInstance(profile);
      return icc.getColorSpaceType() == ColorSpace.TYPE_CMYK
          ? new ColorConvertOp(
              new ICC_ColorSpace(icc), ColorSpace.getInstance(ColorSpace.CS_sRGB), null)
          : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** 255 for all of an ink. */
  private static void toInk(int[] pixels, int adobeTransform) {
    if (adobeTransform == 2) {
      for (int at = 0; at < pixels.length; at += 4) {
        double luma = pixels[at];
        double blueness = pixels[at + 1] - 128;
        double redness = pixels[at + 2] - 128;
        pixels[at] = 255 - clamp(luma + 1.402 * redness);
        pixels[at + 1] = 255 - clamp(luma - 0.344136 * blueness - 0.714136 * redness);
        pixels[at + 2] = 255 - clamp(luma + 1.772 * blueness);
      }
    }
    if (adobeTransform >= 0) {
      for (int at = 0; at < pixels.length; at++) {
        pixels[at] = 255 - pixels[at];
      }
    }
  }

  /** Without a profile: each ink takes its part of the light. */
  private static int[] plain(int[] inks) {
    int[] light = new int[inks.length / 4 * 3];
    for (int from = 0, to = 0; from < inks.length; from += 4) {
      int left = 255 - inks[from + 3];
      for (int i = 0; i < 3; i++) {
        light[to++] = ((255 - inks[from + i]) * left + 127) / 255;
      }
    }
    return light;
  }

  private static int clamp(double value) {
    return (int) Math.max(0, Math.min(255, Math.round(value)));
  }
}
