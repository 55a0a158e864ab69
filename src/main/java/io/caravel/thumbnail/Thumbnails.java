package io.caravel.thumbnail;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.job.Failure;
import io.caravel.job.Job;
import io.caravel.photo.Disks;
import io.caravel.photo.DurableFiles;
import io.caravel.photo.Photos;
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
  private final ObjectMapper json = new ObjectMapper();
  private final Thumbnailer thumbnailer;
  private final Disks disks;
  private final Photos photos;
  private final String extension;

  Thumbnails(
      Thumbnailer thumbnailer,
      Disks disks,
      Photos photos,
      @Value("${caravel.thumbnail.format}") String format) {
    this.thumbnailer = thumbnailer;
    this.disks = disks;
    this.photos = photos;
    if (!format.equals("jpeg")) {
      throw new IllegalArgumentException(
          "CARAVEL_THUMBNAIL_FORMAT=" + format + ": this version of Caravel writes jpeg only.");
    }
    this.extension = "jpg";
  }

  /**
   * Makes the thumbnails that a job asks for. Those that are there already are left alone, unless
   * the job is forced: then each is replaced in one step. So they are at a second start, since the
   * first may have made them and ended before it could tell of a damage.
   *
   * @return what was seen of the photo, for {@link #keep}
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
    for (ThumbnailSpec wish : wishes(job)) {
      Path file = disks.thumbnailFile(job.photo().sha256(), wish.name(), extension);
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

  /**
   * Notes whether the photo is damaged; where nothing was decoded, nothing is known and it stays as
   * it was. To be called in the transaction that ends the job.
   */
  public void keep(Job job, Thumbnailer.Made made) {
    if (made.decoded()) {
      photos.damage(job.photo().id(), made.damage());
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
    for (PictureType type : PictureType.values()) {
      if (type.mimeType().equals(job.photo().mimeType())) {
        return type;
      }
    }
    throw new IllegalStateException("Photo " + job.photo().id() + " is of no known type");
  }

  private List<ThumbnailSpec> wishes(Job job) {
    try {
      JsonNode data = json.readTree(job.data());
      if (data.has("target")) {
        return List.of(ThumbnailSpec.parse(data.get("target").asText()));
      }
      List<ThumbnailSpec> wishes = new ArrayList<>();
      data.get("targets").forEach(wish -> wishes.add(ThumbnailSpec.parse(wish.asText())));
      return wishes;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Job " + job.id() + " has unreadable data", e);
    }
  }

  private static Path renewed(Path file, Job job) {
    return file.resolveSibling(file.getFileName() + suffix(job));
  }

  private static Path plain(Path renewed, Job job) {
    String name = String.valueOf(renewed.getFileName());
    return renewed.resolveSibling(name.substring(0, name.length() - suffix(job).length()));
  }

  /** The same at each start of a run: what one leaves behind the next finds. */
  private static String suffix(Job job) {
    return "." + job.id() + "-" + job.run() + ".new";
  }

  private static void discard(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
