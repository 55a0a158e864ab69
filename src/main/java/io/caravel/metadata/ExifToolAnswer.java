package io.caravel.metadata;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What ExifTool says of one photo, taken in piece by piece in bounded memory. ExifTool's JSON has a
 * line for each tag, whatever is in it: one that is too long is left out alone, and where all
 * together are too much the longest are, until the others fit. {@link StoredJson#MARKER} then names
 * them.
 */
final class ExifToolAnswer {
  private static final int NAMED = 50;
  private static final int LONGEST_NAME = 100;

  /** Lines shorter than this are not worth leaving out: who has so many has made them up. */
  private static final int SHORTEST = 64;

  private static final byte[] OPENING = "[{\n".getBytes(StandardCharsets.US_ASCII);

  private final byte[] mark;
  private final int most;
  private int longest;
  private byte[] kept = new byte[1 << 16];
  private int size;
  private int line;
  private long dropped;
  private String name = "";
  private final List<String> leftOut = new ArrayList<>();
  private int leftOutMore;
  private boolean complete;

  /**
   * @param mark the line that ends the answer, without its line end
   * @param longest bytes of a line; one tag beyond is left out
   * @param most bytes of all lines together
   */
  ExifToolAnswer(String mark, int longest, int most) {
    this.mark = mark.getBytes(StandardCharsets.US_ASCII);
    this.longest = longest;
    this.most = most;
  }

  /** ExifTool has more to say about a file than anyone wants to hear, and all of it short. */
  static final class TooLong extends IOException {
    TooLong(int most) {
      super("more than " + most + " bytes");
    }
  }

  /**
   * Takes the next bytes.
   *
   * @return whether the answer is complete
   */
  boolean take(byte[] bytes, int length) throws TooLong {
    for (int i = 0; i < length; i++) {
      take(bytes[i]);
    }
    return complete;
  }

  /** The answer without its mark, once it is complete. */
  String text() {
    String text = new String(kept, 0, size, StandardCharsets.UTF_8);
    int begin = OPENING.length;
    if (leftOut.isEmpty() || text.length() < begin) {
      return text;
    }
    if (leftOutMore > 0) {
      leftOut.add("\"and %d more\"".formatted(leftOutMore));
      leftOutMore = 0;
    }
    return text.substring(0, begin)
        + "  \"%s\": [%s],\n".formatted(StoredJson.MARKER, String.join(", ", leftOut))
        + text.substring(begin);
  }

  private void take(byte next) throws TooLong {
    if (dropped > 0) {
      dropped++;
      if (next == '\n') {
        note(name, dropped);
        dropped = 0;
      }
      return;
    }
    if (size == kept.length) {
      kept = Arrays.copyOf(kept, Math.min(2 * size, most + longest + 1));
    }
    kept[size++] = next;
    if (next == '\n') {
      end();
    } else if (size - line > longest) {
      name = nameOf(line, size);
      dropped = size - line;
      size = line;
    }
  }

  private void end() throws TooLong {
    if (size - line == mark.length + 1
        && Arrays.equals(kept, line, size - 1, mark, 0, mark.length)) {
      size = line;
      complete = true;
      return;
    }
    line = size;
    while (size > most) {
      longest /= 2;
      if (longest < SHORTEST) {
        throw new TooLong(most);
      }
      leaveOutTheLongest();
    }
  }

  private void leaveOutTheLongest() {
    int to = 0;
    int from = 0;
    for (int at = 0; at < size; at++) {
      if (kept[at] == '\n') {
        int length = at + 1 - from;
        if (length > longest) {
          note(nameOf(from, at), length);
        } else {
          System.arraycopy(kept, from, kept, to, length);
          to += length;
        }
        from = at + 1;
      }
    }
    size = to;
    line = to;
  }

  /** As JSON text, with its quotes: {@code "group:tag (1048576 bytes)"}. */
  private void note(String tag, long bytes) {
    if (leftOut.size() < NAMED) {
      leftOut.add("\"%s (%d bytes)\"".formatted(tag, bytes));
    } else {
      leftOutMore++;
    }
  }

  /** What stands between the line's first two quotes: letters, digits, - and : alone. */
  private String nameOf(int from, int to) {
    String begin =
        new String(kept, from, Math.min(to - from, LONGEST_NAME), StandardCharsets.US_ASCII);
    String[] parts = begin.split("\"", 3);
    return (parts.length > 1 ? parts[1] : begin).replaceAll("[^A-Za-z0-9:_.-]", "?");
  }
}
