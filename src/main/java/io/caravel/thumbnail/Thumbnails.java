package io.caravel.thumbnail;

import io.caravel.ground.DurableFiles;
import io.caravel.ground.Failure;
import io.caravel.job.Job;
import io.caravel.photo.Disks;
import io.caravel.photo.PictureType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** The thumbnails of a photo: which are wanted, where they lie, and that they are made. */
@Component("thumbnails")
public class Thumbnails {
  private final Thumbnailer thumbnailer;
  private final Disks disks;
  private final ThumbnailFormat format;

  Thumbnails(
      Thumbnailer thumbnailer, Disks disks, @Value("${caravel.thumbnail.format}") String format) {
    this.thumbnailer = thumbnailer;
    this.disks = disks;
    this.format = set(format);
    if (!thumbnailer.writes(this.format)) {
      throw new IllegalArgumentException(
          "CARAVEL_THUMBNAIL_FORMAT is %s, which the engine %s cannot write: set it to jpeg."
              .formatted(format, thumbnailer.engine()));
    }
  }

  private static ThumbnailFormat set(String format) {
    try {
      return ThumbnailFormat.parse(format);
    } catch (Failure e) {
      throw new IllegalArgumentException(
          "CARAVEL_THUMBNAIL_FORMAT is \"%s\": set it to %s."
              .formatted(format, ThumbnailFormat.all()),
          e);
    }
  }

  /** CARAVEL_THUMBNAIL_FORMAT. */
  public ThumbnailFormat format() {
    return format;
  }

  /**
   * The format that a caller asks for.
   *
   * @param asked {@code jpeg} or {@code webp}; empty: CARAVEL_THUMBNAIL_FORMAT
   * @throws Failure {@code bad-request} for any other, and for one that the engine cannot write
   */
  public ThumbnailFormat format(String asked) {
    ThumbnailFormat wanted = asked.isEmpty() ? format : ThumbnailFormat.parse(asked);
    if (!thumbnailer.writes(wanted)) {
      throw Failure.lasting("bad-request", unwritable(wanted) + ": ask for jpeg.");
    }
    return wanted;
  }

  private String unwritable(ThumbnailFormat wanted) {
    return "Thumbnails as %s cannot be written by the engine %s"
        .formatted(wanted, thumbnailer.engine());
  }

  /**
   * Makes the thumbnails that a job asks for. Those that are there already are left alone, unless
   * the job is forced: then each is replaced in one step. So they are at a second start, since the
   * first may have made them and ended before it could tell of a damage.
   *
   * @return what was seen of the photo, to be kept with the job's end
   * @throws Failure undecodable, unsupported-format, disk-full, …
   */
  public Thumbnailer.Made make(Job job) {
    Path original = disks.resolve(job.photo().disk(), job.photo().path(), job.photo().file());
    if (!thumbnailer.reads(type(job))) {
      throw Failure.lasting(
          "unsupported-format",
          "Thumbnails of "
              + job.photo().mimeType()
              + " cannot be made by the engine "
              + thumbnailer.engine()
              + ": the original is kept, and the job can be replayed with a version that reads it.");
    }
    boolean anew = job.force() || job.attempts() > 1;
    List<Thumbnailer.Target> targets = new ArrayList<>();
    Wanted asked = Wanted.of(job);
    ThumbnailFormat wanted = asked.format();
    if (!thumbnailer.writes(wanted)) {
      throw Failure.lasting(
          "unsupported-format",
          unwritable(wanted) + ": replay the job with an engine that writes it, or ask for jpeg.");
    }
    for (ThumbnailSpec wish : asked.thumbnails()) {
      Path file = disks.thumbnailFile(job.photo().sha256(), wish.name(), wanted.extension());
      targets.add(new Thumbnailer.Target(wish, anew ? renewed(file, job) : file));
    }
    try {
      if (job.attempts() > 1) {
        discardUnfinished(targets, job);
      }
      Thumbnailer.Made made = thumbnailer.make(original, targets, job.suspect());
      for (Thumbnailer.Target target : anew ? targets : List.<Thumbnailer.Target>of()) {
        DurableFiles.publish(target.file(), plain(target.file(), job));
      }
      return made;
    } catch (IOException e) {
      throw Failure.passing(
          "disk-unavailable",
          "The thumbnails cannot be written ("
              + e.getMessage()
              + "): look at the disk of CARAVEL_HOME.",
          e);
    } finally {
      if (anew) {
        targets.forEach(target -> discard(target.file()));
      }
    }
  }

  /** What an earlier start of this job, which had no end, has left behind. */
  private static void discardUnfinished(List<Thumbnailer.Target> targets, Job job)
      throws IOException {
    for (Thumbnailer.Target target : targets) {
      DurableFiles.discardUnfinished(plain(target.file(), job));
      DurableFiles.discardUnfinished(target.file());
      discard(target.file());
    }
  }

  private static PictureType type(Job job) {
    PictureType type = PictureType.of(job.photo().mimeType());
    if (type == null) {
      throw new IllegalStateException("Photo " + job.photo().id() + " is of no known type");
    }
    return type;
  }

  private static Path renewed(Path file, Job job) {
    return file.resolveSibling(prefix(job) + file.getFileName());
  }

  private static Path plain(Path file, Job job) {
    String name = String.valueOf(file.getFileName());
    return name.startsWith(prefix(job))
        ? file.resolveSibling(name.substring(prefix(job).length()))
        : file;
  }

  /** The same at each start of a run: what one leaves behind the next finds. */
  private static String prefix(Job job) {
    return ".new-" + job.id() + "-" + job.run() + ".";
  }

  private static void discard(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
