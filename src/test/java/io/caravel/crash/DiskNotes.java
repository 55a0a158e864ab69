package io.caravel.crash;

import io.caravel.crash.Disk.Loss;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The notes that power_cut.cpp took of a directory: what each change takes back, and what was
 * synced. Their format stands in its header.
 */
final class DiskNotes {
  private static final int PAGE = 4096;

  private final Path root;
  private final Map<Long, Path> files = new HashMap<>(); // by inode
  private final Map<Long, Path> directories = new HashMap<>();
  private final Map<Long, Long> identities = new HashMap<>(); // as noted -> the first of the inode
  private final Map<Long, Long> ofInode = new HashMap<>();
  private final Map<Long, Long> inodes = new HashMap<>();
  private final Map<Long, Changes> changes = new TreeMap<>();
  private final Map<Long, Operation> operations = new TreeMap<>();
  private final Map<Long, Long> syncedNames = new HashMap<>();
  private final List<String> beyond = new ArrayList<>();

  private record Name(long directory, String name) {}

  private record Entry(Name name, long before, long after) {}

  private record Operation(List<Entry> entries) {}

  /** One file's sizes and pages before its changes, by epoch. */
  private static final class Changes {
    private final Map<Long, Long> sizes = new TreeMap<>();
    private final Map<Long, Map<Long, byte[]>> pages = new TreeMap<>();
    private long synced;
  }

  DiskNotes(Path journal, Path root, Path graves) throws IOException {
    this.root = root;
    find(root);
    find(graves);
    read(ByteBuffer.wrap(Files.readAllBytes(journal)).order(ByteOrder.LITTLE_ENDIAN));
  }

  /** What happened that such notes cannot take back. */
  List<String> beyond() {
    return beyond;
  }

  private void find(Path directory) throws IOException {
    directories.put(inode(directory), directory);
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      for (Path each : all) {
        if (Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
          find(each);
        } else {
          files.put(inode(each), each);
        }
      }
    }
  }

  private static long inode(Path path) throws IOException {
    return (Long) Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS);
  }

  private void read(ByteBuffer notes) {
    while (notes.remaining() >= 5) {
      char type = (char) notes.get();
      int length = notes.getInt();
      if (length > notes.remaining()) {
        return; // killed while it wrote
      }
      ByteBuffer note = notes.slice().order(ByteOrder.LITTLE_ENDIAN).limit(length);
      notes.position(notes.position() + length);
      switch (type) {
        case 'I' -> identity(note.getLong(), note.getLong(), note.get() != 0);
        case 'G' -> gone(same(note.getLong()));
        case 'O' -> operation(note);
        case 'C' -> operations.remove(note.getLong());
        case 'S' -> changes(note.getLong()).sizes.putIfAbsent(note.getLong(), note.getLong());
        case 'P' -> page(note);
        case 'F' -> synced(changes(note.getLong()), note.getLong());
        case 'D' -> syncedNames.merge(same(note.getLong()), note.getLong(), Math::max);
        case 'X' -> beyond.add(StandardCharsets.UTF_8.decode(note).toString());
        default -> throw new IllegalStateException("no such note: " + type);
      }
    }
  }

  private void identity(long identity, long inode, boolean fresh) {
    Long before = ofInode.get(inode);
    long same = fresh || before == null ? identity : before;
    identities.put(identity, same);
    ofInode.put(inode, same);
    inodes.put(same, inode);
  }

  /** A directory's inode is given to another, which a program beside may make. */
  private void gone(long identity) {
    ofInode.remove(Objects.requireNonNull(inodes.get(identity)), identity);
  }

  /** A program that was started again names the same inode anew. */
  private long same(long identity) {
    return identities.getOrDefault(identity, identity);
  }

  private Changes changes(long identity) {
    return changes.computeIfAbsent(same(identity), any -> new Changes());
  }

  private void operation(ByteBuffer note) {
    long sequence = note.getLong();
    List<Entry> entries = new ArrayList<>();
    for (int count = note.get(); count > 0; count--) {
      long directory = same(note.getLong());
      long before = note.getLong();
      long after = note.getLong();
      byte[] name = new byte[note.getShort()];
      note.get(name);
      entries.add(
          new Entry(
              new Name(directory, new String(name, StandardCharsets.UTF_8)),
              same(before),
              after)); // is known by its inode only later
    }
    operations.put(sequence, new Operation(entries));
  }

  private void page(ByteBuffer note) {
    Changes file = changes(note.getLong());
    Map<Long, byte[]> pages = file.pages.computeIfAbsent(note.getLong(), epoch -> new TreeMap<>());
    long page = note.getLong();
    byte[] bytes = new byte[note.remaining()];
    note.get(bytes);
    pages.putIfAbsent(page, bytes);
  }

  private static void synced(Changes file, long epoch) {
    file.synced = Math.max(file.synced, epoch);
  }

  /** Builds what the disk would have held, as links to the files there are. */
  String restore(Path target, Loss loss, Random random) throws IOException {
    int pages = 0;
    for (Map.Entry<Long, Changes> each : changes.entrySet()) {
      Path file = files.get(inodes.get(each.getKey()));
      if (file != null) {
        pages += forget(file, each.getValue(), loss, random);
      }
    }
    Map<Long, Map<String, Long>> names = new HashMap<>();
    int lost = names(names, loss, random);
    build(ofInode.getOrDefault(inode(root), 0L), root, target, names);
    return lost + " names and " + pages + " pages lost";
  }

  /** What the names that changed stand for now; 0: nothing. Returns how many changes are lost. */
  private int names(Map<Long, Map<String, Long>> names, Loss loss, Random random) {
    Map<Long, List<Long>> pending = new TreeMap<>();
    operations.forEach(
        (sequence, operation) -> {
          for (Entry entry : operation.entries()) {
            pending
                .computeIfAbsent(entry.name().directory(), any -> new ArrayList<>())
                .add(sequence);
          }
        });
    Map<Long, Long> kept = new HashMap<>(syncedNames);
    if (loss == Loss.SOME) {
      pending.forEach(
          (directory, sequences) ->
              kept.merge(
                  directory,
                  sequences.get(random.nextInt(sequences.size())) - random.nextInt(2),
                  Math::max));
    }
    Set<Long> lucky = loss == Loss.SOME ? lucky(kept) : Set.of();
    int lost = 0;
    for (Map.Entry<Long, Operation> each : operations.entrySet()) {
      List<Entry> entries = each.getValue().entries();
      boolean durable =
          (lucky.contains(each.getKey()) || durable(each.getKey(), entries, syncedNames))
              && entries.stream()
                  .allMatch(entry -> entry.after() == 0 || identities.containsKey(entry.after()));
      lost += durable ? 0 : 1;
      for (Entry entry : entries) {
        Map<String, Long> directory =
            names.computeIfAbsent(entry.name().directory(), any -> new HashMap<>());
        directory.putIfAbsent(entry.name().name(), entry.before());
        if (durable) {
          directory.put(entry.name().name(), same(entry.after()));
        }
      }
    }
    return lost;
  }

  private static boolean durable(long sequence, List<Entry> entries, Map<Long, Long> kept) {
    return entries.stream()
        .anyMatch(entry -> sequence <= kept.getOrDefault(entry.name().directory(), 0L));
  }

  /**
   * What a disk may have kept without a sync: never a name in a directory whose own name it has
   * lost, since file systems write such changes in their order.
   */
  private Set<Long> lucky(Map<Long, Long> kept) {
    Map<Long, Long> made = new HashMap<>(); // directory -> the operation that named it last
    Set<Long> lucky = new HashSet<>();
    operations.forEach(
        (sequence, operation) -> {
          if (durable(sequence, operation.entries(), kept)) {
            for (Entry entry : operation.entries()) {
              keepNames(entry.name().directory(), made, lucky);
            }
            lucky.add(sequence);
          }
          for (Entry entry : operation.entries()) {
            if (entry.after() != 0) {
              made.put(same(entry.after()), sequence);
            }
          }
        });
    return lucky;
  }

  private void keepNames(long directory, Map<Long, Long> made, Set<Long> lucky) {
    Long sequence = made.get(directory);
    if (sequence != null && lucky.add(sequence)) {
      Objects.requireNonNull(operations.get(sequence))
          .entries()
          .forEach(entry -> keepNames(entry.name().directory(), made, lucky));
    }
  }

  private void build(
      long identity, @Nullable Path from, Path to, Map<Long, Map<String, Long>> names)
      throws IOException {
    Files.createDirectory(to);
    Map<String, Long> changed = names.getOrDefault(identity, Map.of());
    if (from != null) {
      try (DirectoryStream<Path> all = Files.newDirectoryStream(from)) {
        for (Path each : all) {
          String name = each.getFileName().toString();
          if (changed.containsKey(name)) {
            continue;
          }
          if (Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
            build(ofInode.getOrDefault(inode(each), 0L), each, to.resolve(name), names);
          } else {
            Files.createLink(to.resolve(name), each);
          }
        }
      }
    }
    for (Map.Entry<String, Long> each : changed.entrySet()) {
      long child = each.getValue();
      if (child == 0) {
        continue;
      }
      Path place = to.resolve(each.getKey());
      Long inode = inodes.get(child);
      boolean alive = inode != null && Objects.equals(ofInode.get(inode), child);
      Path file = alive ? files.get(inode) : null;
      if (file != null) {
        Files.createLink(place, file);
      } else {
        build(child, alive ? directories.get(inode) : null, place, names);
      }
    }
  }

  /** Takes back what was written and not synced. Returns how many pages are lost. */
  private static int forget(Path file, Changes changes, Loss loss, Random random)
      throws IOException {
    changes.sizes.keySet().removeIf(epoch -> epoch <= changes.synced);
    changes.pages.keySet().removeIf(epoch -> epoch <= changes.synced);
    if (changes.sizes.isEmpty()) {
      return 0;
    }
    long before = changes.sizes.values().iterator().next();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long now = channel.size();
      Set<Long> touched = new TreeSet<>();
      changes.pages.values().forEach(pages -> touched.addAll(pages.keySet()));
      for (long page = before / PAGE; page * PAGE < now; page++) {
        touched.add(page);
      }
      double luck = loss == Loss.ALL ? 0 : List.of(0.1, 0.5, 0.9).get(random.nextInt(3));
      long size = loss == Loss.SOME && random.nextBoolean() ? now : before;
      int lost = 0;
      for (long page : touched) {
        if (loss == Loss.ALL || random.nextDouble() >= luck) {
          write(channel, page, version(changes, page, loss, random));
          lost++;
        }
      }
      resize(channel, size);
      return lost;
    }
  }

  /** The page as it was when one of the epochs began, the first if all is lost. */
  private static byte[] version(Changes changes, long page, Loss loss, Random random) {
    List<byte[]> versions = new ArrayList<>();
    changes
        .pages
        .values()
        .forEach(
            pages -> {
              byte[] bytes = pages.get(page);
              if (bytes != null) {
                versions.add(bytes);
              }
            });
    long first = changes.sizes.values().iterator().next();
    if (versions.isEmpty() || page * PAGE >= first && (loss == Loss.ALL || random.nextBoolean())) {
      return new byte[0]; // never written
    }
    return versions.get(loss == Loss.ALL ? 0 : random.nextInt(versions.size()));
  }

  /** Zeros behind the bytes, to the end of the page. */
  private static void write(FileChannel channel, long page, byte[] bytes) throws IOException {
    ByteBuffer whole = ByteBuffer.allocate(PAGE).put(bytes).clear();
    while (whole.hasRemaining()) {
      channel.write(whole, page * PAGE + whole.position());
    }
  }

  private static void resize(FileChannel channel, long size) throws IOException {
    if (channel.size() > size) {
      channel.truncate(size);
    } else if (channel.size() < size) {
      channel.write(ByteBuffer.wrap(new byte[1]), size - 1);
    }
  }
}
