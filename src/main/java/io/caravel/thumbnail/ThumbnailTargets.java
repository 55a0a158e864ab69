package io.caravel.thumbnail;

import io.caravel.database.DatabaseFile;
import io.caravel.ground.DurableFiles;
import io.caravel.ground.Failure;
import io.caravel.job.Job;
import io.caravel.photo.Disks;
import io.caravel.photo.Originals;
import io.caravel.photo.OwnFolders;
import io.caravel.photo.Photo;
import io.caravel.photo.Reference;
import io.caravel.photo.Roots;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Copies of thumbnails that are laid where another program looks for them. Which photo wrote which
 * is in the table {@code thumbnail_targets}, and there before the file is. Thread-safe.
 */
@Component("thumbnailTargets")
public class ThumbnailTargets {
  private final JdbcClient database;
  private final DatabaseFile databaseFile;
  private final Disks disks;
  private final Roots roots;
  private final OwnFolders own;
  private final List<ThumbnailSpec> thumbnails;

  /** A copy to be laid. */
  private record Copy(
      String key,
      String disk,
      Path file,
      String below,
      long photo,
      String thumbnail,
      byte[] bytes) {
    private String sha256() {
      return Originals.fingerprint(bytes);
    }

    private boolean isThere() {
      return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }
  }

  /**
   * What is known of a file that was laid.
   *
   * @param sha256 of the bytes that were written last
   */
  private record Laid(long photo, String thumbnail, String sha256) {}

  ThumbnailTargets(
      JdbcClient database,
      DatabaseFile databaseFile,
      Disks disks,
      Roots roots,
      OwnFolders own,
      @Value("${caravel.thumbnails}") String thumbnails,
      @Value("${caravel.thumbnail.target}") String target) {
    this.database = database;
    this.databaseFile = databaseFile;
    this.disks = disks;
    this.roots = roots;
    this.own = own;
    this.thumbnails = ThumbnailSpec.setting(thumbnails);
    if (!target.isBlank()) {
      set(target);
    }
  }

  /** CARAVEL_THUMBNAIL_TARGET must name a storage root, and a file for each photo and size. */
  private void set(String target) {
    try {
      if (!known(target).apart(thumbnails).file().contains("{stem}")) {
        throw Failure.lasting(
            "bad-request", "All photos would have one file there: put {stem} into it.");
      }
    } catch (Failure e) {
      throw new IllegalArgumentException(
          "CARAVEL_THUMBNAIL_TARGET is \"%s\": %s".formatted(target, e.getMessage()), e);
    }
  }

  private TargetPattern known(String written) {
    TargetPattern target = TargetPattern.parse(written);
    if (!disks.names().contains(target.disk())) {
      throw Failure.lasting(
          "bad-request",
          "No storage root is named '%s': add it to CARAVEL_DISKS.".formatted(target.disk()));
    }
    return target;
  }

  /**
   * Refuses what a reference asks for where it can never be laid.
   *
   * @throws Failure {@code bad-request}
   */
  public void require(Reference reference) {
    if (reference.target() != null) {
      askedForAll(reference.target());
    }
  }

  /**
   * The target that a caller asks for, for one thumbnail.
   *
   * @throws Failure {@code bad-request}
   */
  public TargetPattern asked(String written) {
    return known(written);
  }

  /**
   * The target that a caller asks for, for all thumbnails of a photo.
   *
   * @throws Failure {@code bad-request}
   */
  public TargetPattern askedForAll(String written) {
    return known(written).apart(thumbnails);
  }

  /**
   * Lays a copy of each thumbnail of a job where it is wanted. A file that lies there is left
   * alone, unless the job is forced and it is as Caravel wrote it.
   *
   * @throws Failure lasting: {@code target-taken}: another photo's lies there, {@code
   *     target-refused}: it may not lie there; passing: {@code target-unavailable}: its disk is
   *     full or away, or disk-full, disk-unavailable where that is the disk of the originals
   */
  public void lay(Job job) {
    Wanted wanted = Wanted.of(job);
    TargetPattern target = wanted.target();
    if (target == null) {
      return;
    }
    try {
      roots.ready(target.disk());
      lay(job, wanted, target);
    } catch (Failure e) {
      throw ofItsDisk(target, e);
    }
  }

  /** Another program's disk is no weather of the queue: other photos want nothing of it. */
  private Failure ofItsDisk(TargetPattern target, Failure e) {
    return target.disk().equals(disks.uploads()) || e.lasting()
        ? e
        : Failure.passing(
            "target-unavailable",
            "The thumbnails are made, but copies cannot be laid on the disk '%s': %s"
                .formatted(target.disk(), e.getMessage()),
            e);
  }

  private void lay(Job job, Wanted wanted, TargetPattern target) {
    try {
      List<Copy> copies = new ArrayList<>();
      for (ThumbnailSpec thumbnail : wanted.thumbnails()) {
        copies.add(copy(job, target, thumbnail, wanted.format()));
      }
      boolean reserved = false;
      for (Copy copy : copies) {
        reserved |= reserve(copy);
      }
      if (reserved) {
        databaseFile.sync();
      }
      for (Copy copy : copies) {
        lay(copy, job);
      }
    } catch (IOException e) {
      throw Originals.unwritable(e);
    }
  }

  private Copy copy(Job job, TargetPattern target, ThumbnailSpec spec, ThumbnailFormat format)
      throws IOException {
    Photo photo = job.photo();
    String path = photo.referenced() ? photo.path() : month(photo.id());
    String name = photo.referenced() ? photo.file() : photo.filename();
    String wanted = target.file(spec, format, path, TargetPattern.stem(name));
    Path file = place(target.disk(), wanted);
    Path thumbnail = disks.thumbnailFile(photo.sha256(), spec.name(), format.extension());
    String below = disks.root(target.disk()).toRealPath().relativize(file).toString();
    return new Copy(
        Originals.fingerprint((target.disk() + ":" + below).getBytes(StandardCharsets.UTF_8)),
        target.disk(),
        file,
        below,
        photo.id(),
        String.valueOf(thumbnail.getFileName()),
        Files.readAllBytes(thumbnail));
  }

  /** Its real path; the folders are made. */
  private Path place(String disk, String below) throws IOException {
    Path named = placed(disk, below);
    Path folder = named.resolveSibling("");
    Path name = Objects.requireNonNull(named.getFileName());
    require(disk, below, !own.keepOut(Disks.real(folder).resolve(name)));
    try {
      DurableFiles.createSharedDirectories(folder, disks.root(disk));
    } catch (FileAlreadyExistsException e) {
      require(disk, below, false); // a file has a folder's name
    }
    Path file = placed(disk, below).resolveSibling("").toRealPath().resolve(name);
    require(disk, below, !own.keepOut(file));
    boolean free = !Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    require(disk, below, free || Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS));
    return file;
  }

  private Path placed(String disk, String below) {
    try {
      return disks.place(disk, "", below);
    } catch (Failure e) {
      throw e.lasting() ? Failure.lasting("target-refused", String.valueOf(e.getMessage()), e) : e;
    }
  }

  private static void require(String disk, String below, boolean allowed) {
    if (!allowed) {
      throw Failure.lasting(
          "target-refused",
          "'%s' on storage root '%s' is a folder of Caravel's own, or no plain file: name a target elsewhere."
              .formatted(below, disk));
    }
  }

  /** When an upload came in: 2026/11. */
  private String month(long photo) {
    return database
        .sql(
            "select extract(year from created_at), extract(month from created_at) from images where id = :id")
        .param("id", photo)
        .query((row, number) -> "%04d/%02d".formatted(row.getInt(1), row.getInt(2)))
        .single();
  }

  /**
   * @return whether this call noted who writes it
   */
  private boolean reserve(Copy copy) {
    Laid laid = laid(copy);
    boolean reserved = false;
    if (laid == null && !copy.isThere()) {
      reserved = insert(copy);
      laid = laid(copy);
    }
    if (laid != null
        && ((laid.photo() != copy.photo() && !isFormer(laid.photo(), copy.photo()))
            || !laid.thumbnail().equals(copy.thumbnail()))) {
      throw Failure.lasting(
          "target-taken",
          "'%s' on storage root '%s' is %s of photo %d already: rename one of the files, or name another target."
              .formatted(copy.below(), copy.disk(), laid.thumbnail(), laid.photo()));
    }
    return reserved;
  }

  /** Whether a photo lies in the trash since its file was changed in place and is another's now. */
  private boolean isFormer(long photo, long now) {
    return database
        .sql(
            """
            select 1 from images f join images n on n.id = :now
            where f.id = :photo and f.deleted_at is not null and f.referenced and n.source_disk = f.source_disk
              and n.source_path = f.source_path and n.source_filename = f.source_filename
            """)
        .param("now", now)
        .param("photo", photo)
        .query(Integer.class)
        .optional()
        .isPresent();
  }

  private @Nullable Laid laid(Copy copy) {
    return database
        .sql("select image_id, thumbnail, sha256 from thumbnail_targets where target_key = :key")
        .param("key", copy.key())
        .query((row, number) -> new Laid(row.getLong(1), row.getString(2), row.getString(3)))
        .optional()
        .orElse(null);
  }

  private boolean insert(Copy copy) {
    try {
      database
          .sql(
              """
              insert into thumbnail_targets (target_key, disk, path, image_id, thumbnail, sha256)
              values (:key, :disk, :path, :photo, :thumbnail, :sha256)
              """)
          .param("key", copy.key())
          .param("disk", copy.disk())
          .param("path", copy.below())
          .param("photo", copy.photo())
          .param("thumbnail", copy.thumbnail())
          .param("sha256", copy.sha256())
          .update();
      return true;
    } catch (DuplicateKeyException e) {
      return false; // another job was faster: it is looked at again
    }
  }

  private void lay(Copy copy, Job job) throws IOException {
    if (job.attempts() > 1) {
      DurableFiles.discardUnfinished(copy.file());
    }
    Laid laid = laid(copy);
    if (laid == null) {
      return; // another program's
    }
    boolean inherited = laid.photo() != copy.photo();
    if (!copy.isThere()) {
      note(copy, laid);
      add(copy);
    } else if (is(copy.file(), copy.sha256())) {
      note(copy, laid); // a start that was killed has replaced it
    } else if ((job.force() || inherited) && is(copy.file(), laid.sha256())) {
      DurableFiles.writeShared(copy.bytes(), copy.file());
      note(copy, laid);
    } else if (inherited) {
      giveUp(copy);
    }
  }

  private void note(Copy copy, Laid laid) {
    if (!laid.sha256().equals(copy.sha256()) || laid.photo() != copy.photo()) {
      database
          .sql(
              "update thumbnail_targets set sha256 = :sha256, image_id = :photo where target_key = :key")
          .param("sha256", copy.sha256())
          .param("photo", copy.photo())
          .param("key", copy.key())
          .update();
    }
  }

  private void add(Copy copy) throws IOException {
    try {
      DurableFiles.addShared(copy.bytes(), copy.file());
    } catch (FileAlreadyExistsException e) {
      if (!is(copy.file(), copy.sha256())) {
        giveUp(copy);
      }
    }
  }

  /** Another program was faster, or has written over it: it is its own. */
  private void giveUp(Copy copy) {
    database
        .sql("delete from thumbnail_targets where target_key = :key")
        .param("key", copy.key())
        .update();
  }

  private static boolean is(Path file, String sha256) throws IOException {
    return Originals.fingerprint(Files.readAllBytes(file)).equals(sha256);
  }
}
