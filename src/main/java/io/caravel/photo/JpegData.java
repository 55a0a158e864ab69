package io.caravel.photo;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads through a JPEG's coded data (ITU-T T.81) without making pixels of them: whether they are
 * all there, and whether zeros stand in place of some. Of the sequential kinds each block is
 * decoded; of the progressive ones, whose blocks hang on earlier scans, the zeros alone are looked
 * at.
 */
public final class JpegData {
  /** Bytes between the last block and the next marker: coders write none, or some fill bits. */
  private static final int REST = 64;

  /** In place of a marker: the file is over. */
  private static final int END = -1;

  private final InputStream in;
  private final Table[] dc = new Table[4];
  private final Table[] ac = new Table[4];
  private @Nullable Frame frame;
  private int interval;
  private long position;
  private int marker; // at which the coded data have ended; 0: none yet
  private long zeros; // in a row, up to here
  private long run; // the longest row of zeros of the scan
  private boolean runAligned;
  private int bits;
  private int buffered;
  private boolean hole;
  private int wholeScans; // the components of the scans of which every block is there
  private boolean cut;

  private JpegData(InputStream in) {
    this.in = in;
  }

  /** A Huffman table in the order of its codes: T.81, C and F.2.2.3. */
  private record Table(int[] last, int[] offset, int[] values) {
    /** What bits that are all zero mean, and how many of them; null: the table is empty. */
    int zero() {
      return values.length == 0 ? -1 : values[0];
    }

    int zeroBits() {
      for (int length = 1; length <= 16; length++) {
        if (last[length] >= 0) {
          return length;
        }
      }
      return 16;
    }
  }

  private record Component(int id, int across, int down) {}

  private record Frame(int kind, int width, int height, Component[] components) {
    boolean sequential() {
      return kind == 0xc0 || kind == 0xc1;
    }

    boolean progressive() {
      return kind == 0xc2;
    }

    int across() {
      int most = 1;
      for (Component each : components) {
        most = Math.max(most, each.across());
      }
      return most;
    }

    int down() {
      int most = 1;
      for (Component each : components) {
        most = Math.max(most, each.down());
      }
      return most;
    }
  }

  /** What one scan holds of one component. */
  private record Part(Component component, @Nullable Table dc, @Nullable Table ac) {}

  /**
   * @throws IOException the file cannot be read
   */
  public static JpegData read(Path photo) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(photo), 1 << 16)) {
      JpegData data = new JpegData(in);
      try {
        data.segments();
      } catch (HeaderBytes.Unreadable e) {
        data.cut = true;
      }
      return data;
    }
  }

  /** Whether zeros stand in place of a part of the data. */
  boolean hole() {
    return hole;
  }

  /** Whether every block of every component is there, though the end marker may not be. */
  public boolean complete() {
    return !cut && !hole && frame != null && wholeScans == frame.components().length;
  }

  private int next() throws IOException {
    int each = in.read();
    position += each < 0 ? 0 : 1;
    return each;
  }

  private int u8() throws IOException {
    int each = next();
    if (each < 0) {
      throw new HeaderBytes.Unreadable("ends too early");
    }
    return each;
  }

  private int u16() throws IOException {
    return u8() << 8 | u8();
  }

  private void segments() throws IOException {
    u16();
    while (true) {
      if (marker == 0) {
        int each = next();
        if (each < 0) {
          return;
        }
        if (each != 0xff) {
          continue;
        }
        do {
          marker = u8();
        } while (marker == 0xff);
      }
      int now = marker;
      marker = 0;
      if (now == END || now == 0xd9) {
        return; // what lies behind the end marker is another picture, or padding
      }
      if (now == 0 || now == 1 || now >= 0xd0 && now <= 0xd8) {
        continue;
      }
      int length = u16() - 2;
      switch (now) {
        case 0xc4 -> tables(length);
        case 0xdd -> {
          interval = u16();
          skip(length - 2);
        }
        case 0xda -> scan(length);
        default -> {
          if (now >= 0xc0 && now <= 0xcf && now != 0xc8 && now != 0xcc) {
            frame(now, length);
          } else {
            skip(length);
          }
        }
      }
    }
  }

  private void skip(int count) throws IOException {
    for (int each = 0; each < count; each++) {
      u8();
    }
  }

  private void frame(int kind, int length) throws IOException {
    u8(); // bits of a sample
    int height = u16();
    int width = u16();
    Component[] components = new Component[u8()];
    for (int each = 0; each < components.length; each++) {
      int id = u8();
      int factors = u8();
      u8(); // its quantisation
      components[each] = new Component(id, Math.max(1, factors >> 4), Math.max(1, factors & 15));
    }
    skip(length - 6 - 3 * components.length);
    frame = new Frame(kind, width, height, components);
  }

  private void tables(int length) throws IOException {
    int left = length;
    while (left > 17) {
      int which = u8();
      int[] counts = new int[17];
      int sum = 0;
      for (int bits = 1; bits <= 16; bits++) {
        counts[bits] = u8();
        sum += counts[bits];
      }
      int[] values = new int[sum];
      for (int each = 0; each < sum; each++) {
        values[each] = u8();
      }
      int[] last = new int[17];
      int[] offset = new int[17];
      int code = 0;
      int index = 0;
      for (int bits = 1; bits <= 16; bits++) {
        offset[bits] = index - code;
        code += counts[bits];
        index += counts[bits];
        last[bits] = counts[bits] == 0 ? -1 : code - 1;
        code <<= 1;
      }
      (which >> 4 == 0 ? dc : ac)[which & 3] = new Table(last, offset, values);
      left -= 17 + sum;
    }
    skip(left);
  }

  private void scan(int length) throws IOException {
    Frame of = frame;
    if (of == null) {
      throw new HeaderBytes.Unreadable("a scan before its frame");
    }
    Part[] parts = new Part[u8()];
    for (int each = 0; each < parts.length; each++) {
      int id = u8();
      int which = u8();
      Component found = null;
      for (Component component : of.components()) {
        found = component.id() == id ? component : found;
      }
      if (found == null) {
        throw new HeaderBytes.Unreadable("a scan of what is not in its frame");
      }
      parts[each] = new Part(found, dc[which >> 4 & 3], ac[which & 3]);
    }
    int first = u8();
    u8(); // the last coefficient
    int approximation = u8();
    skip(length - 4 - 2 * parts.length);
    run = 0;
    runAligned = false;
    zeros = 0;
    long blocks = blocks(of, parts);
    long rest = of.sequential() && blocks > 0 ? decode(of, parts) : 0;
    long skipped = 0;
    while (marker == 0) {
      coded();
      skipped++;
    }
    noteRun(marker == END);
    if (run >= Holes.LEAST) {
      boolean refined = approximation >> 4 != 0;
      hole |=
          of.sequential()
              ? !isFlat(parts) || rest + skipped > REST
              : isHoleOfProgressive(of, parts, first == 0, refined, blocks);
    }
  }

  /** Whether all bits zero are blocks without any difference: a flat area may be written so. */
  private static boolean isFlat(Part[] parts) {
    for (Part part : parts) {
      if (part.dc() == null
          || part.dc().zero() != 0
          || part.ac() == null
          || part.ac().zero() != 0) {
        return false;
      }
    }
    return true;
  }

  /** Whether no flat area writes this row of zeros: it would be larger than the picture. */
  private boolean isHoleOfProgressive(
      Frame of, Part[] parts, boolean dcScan, boolean refined, long blocks) {
    if (!of.progressive()) {
      return runAligned; // arithmetic or lossless
    }
    double perBit = 1; // blocks
    if (!(dcScan && refined)) {
      perBit = Double.MAX_VALUE;
      for (Part part : parts) {
        Table table = dcScan ? part.dc() : part.ac();
        if (table == null) {
          return false;
        }
        int length = table.zero() >> 4; // of a run of blocks, as a power of 2
        boolean flat = dcScan ? table.zero() == 0 : (table.zero() & 15) == 0 && length < 15;
        if (!flat) {
          return true;
        }
        double here =
            dcScan ? 1.0 / table.zeroBits() : (1 << length) / (double) (table.zeroBits() + length);
        perBit = Math.min(perBit, here);
      }
    }
    return runAligned || run * 8 * perBit > blocks;
  }

  /** The blocks of a scan; of several components together all of their MCUs'. */
  private static long blocks(Frame of, Part[] parts) {
    long all = 0;
    for (Part part : parts) {
      all += mcus(of, parts) * perMcu(part, parts);
    }
    return all;
  }

  private static long perMcu(Part part, Part[] parts) {
    return parts.length == 1 ? 1 : (long) part.component().across() * part.component().down();
  }

  /** T.81, A.2: of one component alone each block is one. */
  private static long mcus(Frame of, Part[] parts) {
    if (parts.length == 1) {
      Component only = parts[0].component();
      return ceil(ceil((long) of.width() * only.across(), of.across()), 8)
          * ceil(ceil((long) of.height() * only.down(), of.down()), 8);
    }
    return ceil(of.width(), 8L * of.across()) * ceil(of.height(), 8L * of.down());
  }

  private static long ceil(long number, long by) {
    return (number + by - 1) / by;
  }

  /**
   * Decodes the blocks of a sequential scan.
   *
   * @return bytes that were left over before the markers within it
   */
  private long decode(Frame of, Part[] parts) throws IOException {
    long mcus = mcus(of, parts);
    long rest = 0;
    buffered = 0;
    boolean whole = true;
    for (long done = 0; done < mcus; done++) {
      if (interval > 0 && done > 0 && done % interval == 0) {
        buffered = 0;
        while (marker == 0) {
          coded();
          rest++;
        }
        if (marker < 0xd0 || marker > 0xd7) {
          cut = true;
          return rest;
        }
        marker = 0;
      }
      for (Part part : parts) {
        for (long each = perMcu(part, parts); each > 0 && marker == 0; each--) {
          block(part);
        }
      }
      if (marker != 0 && buffered < 0) {
        whole = false; // its last bits were not there
        if (interval == 0 || marker < 0xd0 || marker > 0xd7) {
          cut = true;
          return rest;
        }
        done += interval - 1 - done % interval;
      }
    }
    buffered = 0;
    wholeScans += whole ? parts.length : 0;
    return rest;
  }

  private void block(Part part) throws IOException {
    if (part.dc() == null || part.ac() == null) {
      throw new HeaderBytes.Unreadable("no table");
    }
    receive(symbol(part.dc()) & 15);
    for (int coefficient = 1; coefficient < 64 && buffered >= 0; ) {
      int symbol = symbol(part.ac());
      int length = symbol & 15;
      if (length == 0 && symbol != 0xf0) {
        return;
      }
      coefficient += (symbol >> 4) + 1;
      receive(length);
    }
  }

  private int symbol(Table table) throws IOException {
    int code = 0;
    for (int length = 1; length <= 16; length++) {
      code = code << 1 | bit();
      if (code <= table.last()[length]) {
        return table.values()[table.offset()[length] + code];
      }
    }
    return 0; // no such code: what was decoded is none
  }

  private void receive(int count) throws IOException {
    for (int each = 0; each < count; each++) {
      bit();
    }
  }

  /** The next bit; from a marker on zeros, and {@code buffered} is negative. */
  private int bit() throws IOException {
    if (buffered <= 0) {
      if (marker != 0 || (bits = coded()) < 0) {
        buffered = -1;
        return 0;
      }
      buffered = 8;
    }
    return bits >> --buffered & 1;
  }

  /** The next byte of coded data; negative where a marker stands, or the file ends. */
  private int coded() throws IOException {
    int each = next();
    if (each == 0xff) {
      int behind = next();
      while (behind == 0xff) {
        behind = next();
      }
      if (behind > 0) {
        marker = behind;
        return -1;
      }
      each = behind < 0 ? -1 : 0xff;
    }
    if (each < 0) {
      marker = END;
      return -1;
    }
    if (each == 0) {
      zeros++;
    } else if (zeros > 0) {
      noteRun(false);
    }
    return each;
  }

  private void noteRun(boolean atEnd) {
    if (zeros >= Holes.LEAST) {
      long to = atEnd ? position : position - 1;
      Holes.Run here = new Holes.Run(to - zeros, to);
      run = Math.max(run, here.length());
      runAligned |= atEnd || here.aligned(-1);
    }
    zeros = 0;
  }
}
