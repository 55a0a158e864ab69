package io.caravel.photo;

import io.caravel.ground.Failure;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.springframework.stereotype.Component;

/** Finds originals that lie on the disk without a row, folder by folder. Thread-safe. */
@Component("adoption")
public class Adoption {
  private static final int FOLDERS = 256;

  private final Disks disks;
  private final Photos photos;
  private final Roots roots;
  private volatile boolean due = true;
  private volatile boolean hindered;

  Adoption(Disks disks, Photos photos, Roots roots) {
    this.disks = disks;
    this.photos = photos;
    this.roots = roots;
  }

  /** Whether it is to be looked for them: not {@link #done} yet, and their root is there. */
  public boolean isDue() {
    if (roots.isAway(disks.uploads())) {
      due = true;
      return false;
    }
    return due;
  }

  /** It was looked for them while their root was there, unless it has gone meanwhile. */
  public void done() {
    due = hindered || roots.isAway(disks.uploads());
    hindered = false;
  }

  /** One of them could not be adopted: if that may pass, they are looked for again. */
  public void failed(Exception problem) {
    hindered |= !Failure.of(problem).lasting();
  }

  /** Their files; looked for as the iterator goes on, so a million originals take little memory. */
  public Iterator<Path> orphans() {
    return IntStream.range(0, FOLDERS)
        .mapToObj(number -> String.format("%02x", number))
        .flatMap(prefix -> orphans(prefix).stream())
        .iterator();
  }

  private List<Path> orphans(String prefix) {
    Path folder = disks.root(disks.uploads()).resolve(prefix);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    Set<Path> found = new HashSet<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(folder, file -> isOriginal(prefix, file))) {
      files.forEach(found::add);
    } catch (IOException e) {
      throw Originals.unwritable(e);
    }
    // Read after the folder: a photo accepted meanwhile has its row by now, or admit finds it.
    photos.knownFiles(prefix).forEach(name -> found.remove(folder.resolve(name)));
    return List.copyOf(found);
  }

  /** Whether it is called as uploads are put there: what else lies there is not Caravel's. */
  private static boolean isOriginal(String prefix, Path file) {
    String name = String.valueOf(file.getFileName());
    return name.startsWith(prefix) && name.matches("[0-9a-f]{64}\\.[a-z0-9]+");
  }
}
