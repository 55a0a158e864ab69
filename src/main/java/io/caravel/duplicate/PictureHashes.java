package io.caravel.duplicate;

import io.caravel.ground.Failure;
import io.caravel.photo.Disks;
import io.caravel.photo.Photo;
import io.caravel.photo.Photos;
import io.caravel.thumbnail.Pictures;
import io.caravel.thumbnail.ThumbnailSpec;
import io.caravel.thumbnail.Thumbnails;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What each photo looks like, in 64 bits: taken from its smallest thumbnail, kept in its row. */
@Component("pictureHashes")
public class PictureHashes {
  private static final Logger LOG = LoggerFactory.getLogger(PictureHashes.class);

  /** Photos that a look for older ones goes through. */
  private static final int WINDOW = 5000;

  private static final int PHOTOS_AT_ONCE = 50;

  private final JdbcClient database;
  private final Photos photos;
  private final Disks disks;
  private final Pictures pictures;
  private final Thumbnails thumbnails;
  private final ThumbnailSpec smallest;
  private long lookedUpTo;

  PictureHashes(
      JdbcClient database,
      Photos photos,
      Disks disks,
      Pictures pictures,
      Thumbnails thumbnails,
      @Value("${caravel.thumbnails}") String specs) {
    this.database = database;
    this.photos = photos;
    this.disks = disks;
    this.pictures = pictures;
    this.thumbnails = thumbnails;
    this.smallest =
        ThumbnailSpec.setting(specs).stream()
            .min(Comparator.comparingLong(each -> (long) each.width() * each.height()))
            .orElse(new ThumbnailSpec(ThumbnailSpec.Method.COVER, 300, 300));
  }

  /**
   * What was seen of a photo.
   *
   * @param hash null: a picture without structure, which is like no other
   */
  public record Look(@Nullable Long hash) {}

  /** Looks at a photo's smallest thumbnail; no database in here. Null: it is not there. */
  public @Nullable Look look(Photo photo) {
    Path file =
        disks.thumbnailFile(photo.sha256(), smallest.name(), thumbnails.format().extension());
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try {
      int side = Math.max(smallest.width(), smallest.height());
      Pictures.Pixels pixels = pictures.decode(file, side, false);
      return new Look(PictureHash.of(pixels.width(), pixels.height(), pixels.rgb()));
    } catch (Failure e) {
      if (e.cause().equals("interrupted")) {
        throw e;
      }
      LOG.warn("The thumbnail {} cannot be looked at: {}", file, e.getMessage());
      return null;
    } catch (IOException e) {
      LOG.warn("The thumbnail {} cannot be looked at: {}", file, e.toString());
      return null;
    }
  }

  /** Keeps a look in place of the former one; null changes nothing. */
  public void keep(long photo, @Nullable Look look) {
    if (look == null) {
      return;
    }
    database.sql("delete from picture_hashes where image_id = :id").param("id", photo).update();
    database
        .sql("insert into picture_hashes (image_id, hash) values (:id, :hash)")
        .param("id", photo)
        .param("hash", look.hash())
        .update();
  }

  /**
   * Looks at some of the photos whose thumbnails were made before hashes were: all of them, once in
   * the life of this program, a few at each call.
   */
  public void lookAtOlder() {
    // By photos and not by numbers, of which those of another site may leave out billions.
    long end =
        database
            .sql(
                """
                select coalesce(max(id), 0) from (select id from images where id > :from order by id limit :window) w
                """)
            .param("from", lookedUpTo)
            .param("window", WINDOW)
            .query(Long.class)
            .single();
    if (end == 0) {
      return;
    }
    List<Long> ids =
        database
            .sql(
                """
                select i.id from images i left join picture_hashes h on h.image_id = i.id
                where i.id > :from and i.id <= :to and h.seq is null order by i.id limit :most
                """)
            .param("from", lookedUpTo)
            .param("to", end)
            .param("most", PHOTOS_AT_ONCE)
            .query(Long.class)
            .list();
    for (Photo photo : photos.photos(ids)) {
      try {
        keep(photo.id(), look(photo));
      } catch (DuplicateKeyException e) {
        // its thumbnails' job has kept one meanwhile
      }
    }
    lookedUpTo = ids.size() < PHOTOS_AT_ONCE ? end : ids.get(ids.size() - 1);
  }
}
