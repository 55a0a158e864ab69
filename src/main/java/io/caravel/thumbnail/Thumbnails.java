package io.caravel.thumbnail;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.job.Failure;
import io.caravel.job.Job;
import io.caravel.photo.Disks;
import io.caravel.photo.DurableFiles;
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
  private final String extension;

  Thumbnails(
      Thumbnailer thumbnailer, Disks disks, @Value("${caravel.thumbnail.format}") String format) {
    this.thumbnailer = thumbnailer;
    this.disks = disks;
    if (!format.equals("jpeg")) {
      throw new IllegalArgumentException(
          "CARAVEL_THUMBNAIL_FORMAT=" + format + ": this version of Caravel writes jpeg only.");
    }
    this.extension = "jpg";
  }

  /**
   * Makes the thumbnails that a job asks for. Those that are there already are left alone, unless
   * the job is forced: then each is replaced in one step.
   *
   * @throws Failure undecodable, unsupported-format, disk-full, …
   */
  public void make(Job job) {
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
    List<Thumbnailer.Target> targets = new ArrayList<>();
    for (ThumbnailSpec wish : wishes(job)) {
      Path file = disks.thumbnailFile(job.photo().sha256(), wish.name(), extension);
      targets.add(new Thumbnailer.Target(wish, job.force() ? renewed(file, job) : file));
    }
    try {
      if (job.attempts() > 1) {
        discardUnfinished(targets);
      }
      thumbnailer.make(original, targets);
      for (Thumbnailer.Target target : job.force() ? targets : List.<Thumbnailer.Target>of()) {
        DurableFiles.publish(target.file(), plain(target.file(), job));
      }
    } catch (IOException e) {
      throw Failure.passing(
          "disk-unavailable",
          "The thumbnails cannot be written ("
              + e.getMessage()
              + "): look at the disk of CARAVEL_HOME.",
          e);
    } finally {
      if (job.force()) {
        targets.forEach(target -> discard(target.file()));
      }
    }
  }

  /** What an earlier start of this job, which had no end, has left behind. */
  private static void discardUnfinished(List<Thumbnailer.Target> targets) throws IOException {
    for (Thumbnailer.Target target : targets) {
      DurableFiles.discardUnfinished(target.file());
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

  /** The same at each start of a run: what one leaves behind the next takes over. */
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
