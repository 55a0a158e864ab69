package io.caravel.photo;

import io.caravel.ground.Nodes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import org.springframework.util.FileSystemUtils;

/**
 * Files that nobody will ask for again: a job was still drawing a photo that was deleted for good,
 * or a node is gone. They are deleted once they are old enough to be nobody's work in hand.
 */
@Component("leftovers")
public class Leftovers {
  private static final Duration OLD = Duration.ofDays(1);

  private final Path home;
  private final Photos photos;
  private final Nodes nodes;

  Leftovers(@Value("${caravel.home}") Path home, Photos photos, Nodes nodes) {
    this.home = home;
    this.photos = photos;
    this.nodes = nodes;
  }

  /**
   * Deletes debug images and thumbnails of photos that are gone, and what nodes that are gone left.
   */
  public void sweep() {
    try {
      for (String made : List.of("debug", "thumbnails")) {
        for (Path folder : old(home.resolve(made), Duration.ZERO)) {
          sweepFolder(folder);
        }
      }
      Set<String> living = nodes.names();
      for (Path node : old(home.resolve("native"), OLD)) {
        if (!living.contains(String.valueOf(node.getFileName()))) {
          FileSystemUtils.deleteRecursively(node);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("What deleted photos left cannot be swept", e);
    }
  }

  /** A folder of the first two digits, in which names begin with a photo's SHA-256. */
  private void sweepFolder(Path folder) throws IOException {
    List<Path> files = new ArrayList<>(old(folder, OLD));
    files.removeIf(file -> !sha256(file).matches("[0-9a-f]{64}"));
    if (files.isEmpty()) {
      return;
    }
    Set<String> known = photos.known(files.stream().map(Leftovers::sha256).toList());
    for (Path file : files) {
      if (!known.contains(sha256(file)) && !photos.isKnown(sha256(file))) {
        FileSystemUtils.deleteRecursively(file);
      }
    }
  }

  private static String sha256(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.substring(0, Math.min(64, name.length()));
  }

  /** What lies in a folder and was not changed for this long; nothing where there is none. */
  private static List<Path> old(Path folder, Duration age) throws IOException {
    List<Path> old = new ArrayList<>();
    Instant before = Instant.now().minus(age);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (!Files.getLastModifiedTime(file).toInstant().isAfter(before)) {
          old.add(file);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
    return old;
  }
}
