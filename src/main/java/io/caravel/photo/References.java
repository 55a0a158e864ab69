package io.caravel.photo;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.ground.DurableFiles;
import io.caravel.ground.Failure;
import io.caravel.request.Request;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Files that are taken as they lie on a disk of CARAVEL_DISKS: not copied, and never changed,
 * renamed or deleted. Thread-safe.
 */
@Component("references")
public class References {
  /** Of the columns that hold where a file lies. */
  private static final int LONGEST = 255;

  /** ENOTDIR, ELOOP, ENAMETOOLONG: nothing can lie there. */
  private static final Pattern NOWHERE =
      Pattern.compile("Not a directory|Too many levels of symbolic links.*|File name too long");

  private final Disks disks;
  private final Roots roots;
  private final Originals originals;
  private final OwnFolders own;

  References(Disks disks, Roots roots, Originals originals, OwnFolders own) {
    this.disks = disks;
    this.roots = roots;
    this.originals = originals;
    this.own = own;
  }

  /** The one file or the list of them that a request names. */
  public List<Reference> of(Request request) {
    JsonNode body = Objects.requireNonNull(request.body(), "the contract wants a body");
    Stream<JsonNode> named =
        body.isArray() ? StreamSupport.stream(body.spliterator(), false) : Stream.of(body);
    return named.map(References::reference).toList();
  }

  private static Reference reference(JsonNode named) {
    return new Reference(
        named.hasNonNull("image_id") ? named.path("image_id").asLong() : null,
        named.path("source_disk").asText(),
        named.path("source_path").asText(),
        named.path("source_filename").asText(),
        target(named.path("target")));
  }

  /**
   * Where a request wants thumbnails: {@code disk:path/filename}, as CARAVEL_THUMBNAIL_TARGET is
   * written.
   *
   * @param named null where nothing is asked for
   */
  public static @Nullable String target(JsonNode named) {
    if (!named.isObject()) {
      return null;
    }
    String path = named.path("path").asText();
    return named.path("disk").asText()
        + ":"
        + (path.isEmpty() ? "" : path + "/")
        + named.path("filename").asText();
  }

  /**
   * Looks at a file where it lies.
   *
   * @throws Failure bad-request: it lies outside of its disk, or is Caravel's own; no-such-file,
   *     not-a-picture, too-large, too-many-pixels, still-written, disk-unavailable
   */
  public Original original(Reference reference) {
    Path file = find(reference);
    try {
      Look before = Look.at(file);
      if (!before.regular()) {
        throw missing(reference, null);
      }
      PictureHeader header = originals.look(file);
      String sha256 = originals.fingerprint(file);
      sync(file);
      if (!Look.at(file).sameBytes(before)) {
        throw Failure.passing(
            "still-written",
            "The file was written to while it was read: send its name again once it is whole.");
      }
      Path named = named(reference);
      String path = Objects.requireNonNullElse(named.getParent(), Path.of("")).toString();
      String name = String.valueOf(named.getFileName());
      return new Original(
          Filenames.clean(name),
          sha256,
          header.type().mimeType(),
          before.bytes(),
          Originals.pixels(header.width()),
          Originals.pixels(header.height()),
          reference.disk(),
          path,
          name,
          !originals.isOwn(reference.disk(), path, name, sha256),
          reference.imageId(),
          reference.target(),
          null,
          null);
    } catch (IOException e) {
      throw Originals.unwritable(e);
    }
  }

  /** The real path of the file, all symbolic links resolved. */
  private Path find(Reference reference) {
    try {
      roots.requireThere(reference.disk());
      Path file = disks.resolve(reference.disk(), reference.path(), reference.file());
      Path named = named(reference);
      if (own.hold(file)) {
        throw Failure.lasting(
            "bad-request",
            "Caravel puts files of its own into that folder, and takes them away: name one elsewhere.");
      }
      if (named.toString().length() > LONGEST) {
        throw Failure.lasting(
            "bad-request",
            "The path below the storage root is longer than %d characters: it cannot be kept."
                .formatted(LONGEST));
      }
      return file;
    } catch (Failure e) {
      if (e.lasting()) {
        throw Failure.lasting("bad-request", String.valueOf(e.getMessage()), e);
      }
      boolean nowhere =
          e.getCause() instanceof FileSystemException origin
              && NOWHERE.matcher(Roots.reason(origin)).matches();
      throw nowhere || e.cause().equals("original-missing") ? missing(reference, e) : e;
    }
  }

  /** Its path below its disk, as it was named. */
  private Path named(Reference reference) {
    Path root = disks.root(reference.disk());
    return root.relativize(root.resolve(reference.path()).resolve(reference.file()).normalize());
  }

  /** What was answered outlives a power cut: its bytes may have been written a moment ago. */
  private static void sync(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
      DurableFiles.syncDirectory(file.resolveSibling(""));
    } catch (IOException e) {
      if (!isReadOnly(file)) {
        throw e;
      }
      // An optical disc, say: nothing of it waits to be written.
    }
  }

  /** Asked last: within a chroot Java finds no mount point to ask. */
  private static boolean isReadOnly(Path file) {
    try {
      return Files.getFileStore(file).isReadOnly();
    } catch (IOException e) {
      return false;
    }
  }

  private static Failure missing(Reference reference, @Nullable Failure origin) {
    String sentence =
        "There is no file '%s' on storage root '%s': look at source_path and source_filename."
            .formatted(
                Filenames.shown(reference.path() + "/" + reference.file()), reference.disk());
    return origin == null
        ? Failure.lasting("no-such-file", sentence)
        : Failure.lasting("no-such-file", sentence, origin);
  }
}
