package io.caravel.database;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * H2's file {@code ordered:…}: what was written before is on the disk before room within the file
 * is used again.
 *
 * <p>H2 frees the room of a chunk once newer ones hold all of its pages, whether or not those have
 * reached the disk, and asks the age of the freed chunk alone (FileStore.isSeasonedChunk, 2.3.232).
 * A power cut could then leave the newer ones unwritten and the old one overwritten. It writes some
 * chunks a second, most of them into used room, and what was answered was synced before: so this
 * costs a sync or two a second.
 *
 * <p>A write that finds no room has the {@link Reserve}.
 */
public final class OrderedFile extends FilePathWrapper {
  private static final String SCHEME = "ordered";
  private static final String ENDING = ".mv.db";

  /** For H2, which makes one for each file. */
  public OrderedFile() {}

  /** The name of the same file, written in order. */
  static String of(String file) {
    FilePath.register(new OrderedFile());
    return SCHEME + ":" + file;
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    FileChannel file = super.open(mode);
    return name.endsWith(ENDING) ? new OrderedChannel(file, Reserve.of(database())) : file;
  }

  private String database() {
    String path = name.replaceFirst("^(?:[A-Za-z]+:)+", "");
    return path.substring(0, path.length() - ENDING.length());
  }

  private static final class OrderedChannel extends FileBaseDefault {
    private final FileChannel file;
    private final Path reserve;
    private final Object syncing = new Object();
    private volatile boolean unsynced;

    private OrderedChannel(FileChannel file, Path reserve) {
      this.file = file;
      this.reserve = reserve;
    }

    @Override
    public int write(ByteBuffer source, long position) throws IOException {
      if (position < file.size()) {
        syncEarlierWrites();
      }
      int written = writeInReserve(source, position);
      unsynced = true; // afterwards: a sync that began meanwhile need not have had it
      return written;
    }

    private int writeInReserve(ByteBuffer source, long position) throws IOException {
      try {
        return file.write(source, position);
      } catch (IOException e) {
        if (Reserve.release(reserve)) {
          return file.write(source, position);
        }
        throw e;
      }
    }

    @Override
    protected void implTruncate(long size) throws IOException {
      syncEarlierWrites();
      file.truncate(size);
    }

    /** Waits for a sync under way: it may be the one that has them. */
    private void syncEarlierWrites() throws IOException {
      synchronized (syncing) {
        if (unsynced) {
          force(true);
        }
      }
    }

    @Override
    public void force(boolean metadata) throws IOException {
      synchronized (syncing) {
        unsynced = false;
        try {
          file.force(metadata);
        } catch (IOException e) {
          unsynced = true;
          throw e;
        }
      }
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
      return file.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      file.close();
    }
  }
}
