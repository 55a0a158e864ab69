package io.caravel.photo;

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

/** Finds originals that lie on the disk without a row, folder by folder. */
@Component("adoption")
public class Adoption {
  private static final int FOLDERS = 256;

  private final Disks disks;
  private final Photos photos;

  Adoption(Disks disks, Photos photos) {
    this.disks = disks;
    this.photos = photos;
  }

  /** Their files; looked for as the iterator goes on, so a million originals take little memory. */
  public Iterator<Path> orphans() {
    return IntStream.range(0, FOLDERS)
        .mapToObj(number -> String.format("%02x", number))
        .flatMap(prefix -> orphans(prefix).stream())
        .iterator();
  }

  private List<Path> orphans(String prefix) {
    Path folder = disks.root(Originals.DISK).resolve(prefix);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    Set<Path> found = new HashSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, prefix + "*")) {
      files.forEach(found::add);
    } catch (IOException e) {
      throw Originals.unwritable(e);
    }
    // Read after the folder: a photo accepted meanwhile has its row by now, or admit finds it.
    photos.knownFiles(prefix).forEach(name -> found.remove(folder.resolve(name)));
    return List.copyOf(found);
  }
}
