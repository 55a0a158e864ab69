package io.caravel.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.MVStoreTool;

/**
 * A database file as H2 would find it, looked at without a change to it.
 *
 * @param created when H2 made the file, milliseconds since 1970
 * @param version the last one that is whole
 * @param tables whether it holds a table
 * @param whole whether every part that this version consists of lies in the file
 */
record StoredDatabase(long created, long version, boolean tables, boolean whole) {
  private static final int BLOCK = 4096;

  /** Another process, or another part of this one, has the file open. */
  static final class InUse extends Exception {
    private final boolean here;

    private InUse(MVStoreException cause) {
      super(cause);
      this.here = cause.getCause() instanceof OverlappingFileLockException;
    }

    /** Whether it is this process itself. */
    boolean here() {
      return here;
    }
  }

  /** There is no room for the copy by which the file is read through. */
  static final class NoRoom extends Exception {
    private NoRoom(MVStoreException cause) {
      super(cause);
    }
  }

  /** The file is of a version of H2 that this one does not read. */
  static final class OfAnotherVersion extends Exception {
    private OfAnotherVersion(MVStoreException cause) {
      super(cause);
    }
  }

  /**
   * Looks at a file that is not empty.
   *
   * @throws MVStoreException H2 cannot read it at all
   */
  static StoredDatabase look(Path file) throws InUse, OfAnotherVersion, NoRoom {
    MVStore store;
    try {
      store = new MVStore.Builder().fileName(file.toString()).readOnly().open();
    } catch (MVStoreException e) {
      switch (e.getErrorCode()) {
        case DataUtils.ERROR_FILE_LOCKED -> throw new InUse(e);
        case DataUtils.ERROR_UNSUPPORTED_FORMAT -> throw new OfAnotherVersion(e);
        default -> throw e;
      }
    }
    StoredDatabase stored;
    try {
      stored =
          new StoredDatabase(
              created(store),
              store.getCurrentVersion(),
              store.getMapNames().stream()
                  .anyMatch(name -> name.startsWith("table.") && !name.equals("table.0")),
              holdsAll(file, store.getFileStore().getLayoutMap()));
    } finally {
      store.closeImmediately();
    }
    return stored.whole || !canBeRead(file)
        ? stored
        : new StoredDatabase(stored.created, stored.version, stored.tables, true);
  }

  /** When H2 made the file of an open store. */
  static long created(MVStore store) {
    Object created = Objects.requireNonNull(store.getStoreHeader().get("created"));
    return created instanceof Number number
        ? number.longValue()
        : Long.parseLong(created.toString(), 16);
  }

  /**
   * Whether each chunk of which something is still wanted lies where the store says. H2 looks at
   * this only when the file was not closed in order.
   */
  private static boolean holdsAll(Path file, Map<String, String> layout) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      for (Map.Entry<String, String> entry : layout.entrySet()) {
        if (entry.getKey().startsWith("chunk.")) {
          Map<String, String> chunk = DataUtils.parseMap(entry.getValue());
          String head = "chunk:" + entry.getKey().substring("chunk.".length()) + ",";
          long block = Long.parseLong(chunk.getOrDefault("block", "0"), 16);
          long length = Long.parseLong(chunk.getOrDefault("len", "0"), 16);
          boolean wanted = !chunk.getOrDefault("livePages", "").equals("0");
          if (wanted
              && block > 0
              && ((block + length) * BLOCK > channel.size()
                  || !begins(channel, block * BLOCK, head))) {
            return false;
          }
        }
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether it met a disk that is full. */
  static boolean isFull(Throwable problem) {
    for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
      if (String.valueOf(cause.getMessage()).contains("No space left on device")) {
        return true; // ENOSPC, which Java tells in words alone
      }
    }
    return false;
  }

  /** Whether every page can be read: H2's count of what is wanted of a chunk is not exact. */
  private static boolean canBeRead(Path file) throws NoRoom {
    Path all = file.resolveSibling(".read.mv.db");
    try {
      MVStoreTool.compact(file.toString(), all.toString(), false);
      return true;
    } catch (MVStoreException e) {
      if (isFull(e)) {
        throw new NoRoom(e);
      }
      return false;
    } catch (IllegalStateException | IllegalArgumentException e) {
      return false;
    } finally {
      all.toFile().delete();
    }
  }

  private static boolean begins(FileChannel channel, long position, String head)
      throws IOException {
    ByteBuffer start = ByteBuffer.allocate(32);
    channel.read(start, position);
    return new String(start.array(), StandardCharsets.ISO_8859_1).startsWith(head);
  }
}
