package io.caravel.thumbnail;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The chunks of a PNG that make its pixels, without the others: ImageIO unpacks every compressed
 * text it meets, and a text of a few kilobytes can be one of gigabytes.
 */
final class PngPixels {
  private static final int SIGNATURE = 8;
  private static final int LENGTH_TYPE_AND_CHECKSUM = 12;
  private static final int PARTS_AT_MOST = 100_000;
  private static final Set<Integer> WANTED =
      Set.of(type("IHDR"), type("PLTE"), type("tRNS"), type("IDAT"), type("IEND"));

  private PngPixels() {}

  /** Hides all other chunks of this PNG from who reads on. */
  static void show(PictureStream png) throws IOException {
    List<PictureStream.Part> parts = new ArrayList<>();
    long from = 0; // of the wanted chunks that stand side by side
    long at = SIGNATURE;
    try {
      while (parts.size() < PARTS_AT_MOST) {
        png.seek(at);
        long next = at + png.readUnsignedInt() + LENGTH_TYPE_AND_CHECKSUM;
        int type = png.readInt();
        if (!WANTED.contains(type)) {
          keep(parts, from, at);
          from = next;
        }
        at = next;
        if (type == type("IEND")) {
          break;
        }
      }
    } catch (EOFException e) {
      at = png.length(); // what there is: the decoder will see that it is cut off
    }
    keep(parts, from, Math.min(at, png.length()));
    png.show(parts);
  }

  private static void keep(List<PictureStream.Part> parts, long from, long to) {
    if (from < to) {
      parts.add(new PictureStream.Part(from, to));
    }
  }

  private static int type(String name) {
    return name.charAt(0) << 24 | name.charAt(1) << 16 | name.charAt(2) << 8 | name.charAt(3);
  }
}
