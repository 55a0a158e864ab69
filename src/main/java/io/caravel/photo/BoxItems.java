package io.caravel.photo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Where the coded pictures lie in a HEIC or AVIF: ISO/IEC 14496-12, 8.11.3 and 8.11.6. */
final class BoxItems {
  private static final Set<String> CODED = Set.of("hvc1", "av01");
  private static final int READS = 4096;
  private static final int BOXES_AT_MOST = 1 << 16;

  private final HeaderBytes bytes;
  private final List<Holes.Run> runs;
  private final Set<Long> coded = new HashSet<>();
  private final List<Extent> extents = new ArrayList<>();
  private int boxes;

  private record Extent(long item, long from, long to) {}

  private BoxItems(HeaderBytes bytes, List<Holes.Run> runs) {
    this.bytes = bytes;
    this.runs = runs;
  }

  /**
   * Whether one of these rows of zeros lies in a coded picture. HEVC allows no more than two zeros
   * in a row (ISO/IEC 23008-2, 7.4.2); AV1 needs some bytes for the largest flat picture.
   */
  static boolean hole(Path photo, List<Holes.Run> runs) throws IOException {
    if (runs.isEmpty()) {
      return false;
    }
    try (HeaderBytes bytes = HeaderBytes.of(photo, READS)) {
      BoxItems items = new BoxItems(bytes, runs);
      items.walk(0, bytes.size());
      return items.isHole();
    } catch (HeaderBytes.Unreadable e) {
      return false; // what cannot be read so was decoded all the same
    }
  }

  private boolean isHole() {
    for (Extent extent : extents) {
      for (Holes.Run run : runs) {
        if (coded.contains(extent.item())
            && run.within(extent.from(), extent.to()).length() >= Holes.LEAST) {
          return true;
        }
      }
    }
    return false;
  }

  private void walk(long from, long to) throws IOException {
    for (long at = from; at + 8 <= to; ) {
      if (boxes++ == BOXES_AT_MOST) {
        throw new HeaderBytes.Unreadable("boxes without end");
      }
      long size = bytes.u32(at, false);
      long content = at + 8;
      if (size == 1) {
        size = bytes.u64(content, false);
        content += 8;
      }
      long end = size == 0 ? to : Math.min(to, at + size);
      if (end < content) {
        return;
      }
      switch (bytes.text(at + 4, 4)) {
        case "meta" -> walk(content + 4, end);
        case "iinf" -> walk(content + (bytes.u8(content) == 0 ? 6 : 8), end);
        case "infe" -> item(content);
        case "iloc" -> locations(content);
        default -> {
          // properties, names and the pictures themselves
        }
      }
      at = end;
    }
  }

  private void item(long at) throws IOException {
    int version = bytes.u8(at);
    if (version >= 2) {
      long id = version == 2 ? bytes.u16(at + 4, false) : bytes.u32(at + 4, false);
      if (CODED.contains(bytes.text(at + (version == 2 ? 8 : 10), 4))) {
        coded.add(id);
      }
    }
  }

  private void locations(long box) throws IOException {
    int version = bytes.u8(box);
    int offsetBytes = bytes.u8(box + 4) >> 4;
    int lengthBytes = bytes.u8(box + 4) & 15;
    int baseBytes = bytes.u8(box + 5) >> 4;
    int indexBytes = version == 0 ? 0 : bytes.u8(box + 5) & 15;
    int idBytes = version < 2 ? 2 : 4;
    long items = number(box + 6, idBytes);
    long at = box + 6 + idBytes;
    for (long each = 0; each < items; each++) {
      long id = number(at, idBytes);
      at += idBytes;
      boolean inFile = version == 0 || (bytes.u16(at, false) & 15) == 0;
      at += version == 0 ? 2 : 4; // the way it is stored, and which file
      long base = number(at, baseBytes);
      at += baseBytes;
      int parts = bytes.u16(at, false);
      at += 2;
      for (int part = 0; part < parts; part++) {
        long from = base + number(at + indexBytes, offsetBytes);
        long length = number(at + indexBytes + offsetBytes, lengthBytes);
        at += indexBytes + offsetBytes + lengthBytes;
        if (inFile && extents.size() < BOXES_AT_MOST) {
          extents.add(new Extent(id, from, length == 0 ? bytes.size() : from + length));
        }
      }
    }
  }

  private long number(long at, int count) throws IOException {
    return switch (count) {
      case 0 -> 0;
      case 2 -> bytes.u16(at, false);
      case 4 -> bytes.u32(at, false);
      case 8 -> bytes.u64(at, false);
      default -> throw new HeaderBytes.Unreadable("a number of " + count + " bytes");
    };
  }
}
