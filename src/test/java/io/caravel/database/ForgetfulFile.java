package io.caravel.database;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.h2.store.fs.FileBaseDefault;
import org.h2.store.fs.FilePathWrapper;

/**
 * H2's file {@code forgetful:…}: tells what a power cut would leave of it. What was written since
 * the last sync is there or not, page by page.
 */
public final class ForgetfulFile extends FilePathWrapper {
  private static final int PAGE = 4096;
  private static final Map<String, Channel> OPEN = new ConcurrentHashMap<>();

  @Override
  public String getScheme() {
    return "forgetful";
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    Channel channel = new Channel(super.open(mode));
    OPEN.put(name.substring(name.indexOf(':') + 1), channel);
    return channel;
  }

  /** The bytes that a power cut leaves, as chance has it. */
  static byte[] afterPowerCut(String file, Random chance) {
    return channel(file).afterPowerCut(chance);
  }

  /** What a power cut leaves right after one of so many writes from now on. */
  static CompletableFuture<byte[]> powerCutWithin(String file, int writes, Random chance) {
    return channel(file).powerCutWithin(writes, chance);
  }

  private static Channel channel(String file) {
    Channel channel = OPEN.get(file);
    if (channel == null) {
      throw new IllegalStateException(file + " is not open, only " + OPEN.keySet());
    }
    return channel;
  }

  private record Write(long position, byte[] bytes) {}

  private static final class Channel extends FileBaseDefault {
    private final FileChannel file;
    private final List<Write> unsynced = new ArrayList<>();
    private byte[] synced;
    private int writesToCut;
    private Runnable cut = () -> {};

    private Channel(FileChannel file) throws IOException {
      this.file = file;
      this.synced = new byte[(int) file.size()];
    }

    private synchronized byte[] afterPowerCut(Random chance) {
      byte[] left = synced;
      for (Write write : unsynced) {
        if (chance.nextBoolean()) {
          left = with(left, write);
        }
      }
      return left.clone();
    }

    private synchronized CompletableFuture<byte[]> powerCutWithin(int writes, Random chance) {
      CompletableFuture<byte[]> left = new CompletableFuture<>();
      writesToCut = 1 + chance.nextInt(writes);
      cut = () -> left.complete(afterPowerCut(chance));
      return left;
    }

    private static byte[] with(byte[] bytes, Write write) {
      int end = (int) write.position() + write.bytes().length;
      byte[] more = Arrays.copyOf(bytes, Math.max(bytes.length, end));
      System.arraycopy(write.bytes(), 0, more, (int) write.position(), write.bytes().length);
      return more;
    }

    @Override
    public synchronized int write(ByteBuffer source, long position) throws IOException {
      ByteBuffer rest = source.duplicate();
      while (rest.hasRemaining()) {
        long at = position + rest.position() - source.position();
        byte[] bytes = new byte[(int) Math.min(PAGE - at % PAGE, rest.remaining())];
        rest.get(bytes);
        unsynced.add(new Write(at, bytes));
      }
      int written = file.write(source, position);
      if (--writesToCut == 0) {
        cut.run();
      }
      return written;
    }

    @Override
    public synchronized void force(boolean metadata) {
      unsynced.forEach(write -> synced = with(synced, write));
      unsynced.clear();
    }

    @Override
    protected synchronized void implTruncate(long size) throws IOException {
      force(true);
      synced = Arrays.copyOf(synced, (int) Math.min(synced.length, size));
      file.truncate(size);
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
