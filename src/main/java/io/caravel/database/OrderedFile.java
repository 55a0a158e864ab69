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
 * is used again, and the rest of a chunk before its first block.
 *
 * <p>H2 frees the room of a chunk once newer ones hold all of its pages, whether or not those have
 * reached the disk, and asks the age of the freed chunk alone (FileStore.isSeasonedChunk, 2.3.232).
 * A power cut could then leave the newer ones unwritten and the old one overwritten. It writes some
 * chunks a second, most of them into used room, and what was answered was synced before: so this
 * costs a sync or two a second.
 *
 * <p>When it opens a file, H2 takes a chunk for whole that has its header and its footer
 * (FileStore.readChunkHeaderAndFooter), and never looks at what is between; a disk writes the
 * blocks of a file in any order. So the header, which lies in the first block, is written when the
 * others are on the disk. A block of 4,096 bytes counts as written at once, as in H2.
 *
 * <p>A write that finds no room has the {@link Reserve}.
 */
public final class OrderedFile extends FilePathWrapper {
  private static final String SCHEME = "ordered";
  private static final String ENDING = ".mv.db";
  private static final int BLOCK = 4096; // bytes: H2's FileStore.BLOCK_SIZE, not public

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
      int length = source.remaining();
      ByteBuffer all = source.duplicate();
      if (length > BLOCK) {
        all.position(source.position() + BLOCK);
        writeAll(all, position + BLOCK);
        syncEarlierWrites();
        all.limit(source.position() + BLOCK).position(source.position());
      }
      writeAll(all, position);
      source.position(source.limit());
      return length;
    }

    private void writeAll(ByteBuffer source, long position) throws IOException {
      long at = position;
      while (source.hasRemaining()) {
        at += writeInReserve(source, at);
        unsynced = true; // afterwards: a sync that began meanwhile need not have had it
      }
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
