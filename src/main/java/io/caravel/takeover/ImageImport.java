package io.caravel.takeover;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.ground.Failure;
import io.caravel.ground.Journey;
import io.caravel.job.JobRequest;
import io.caravel.job.JobRequests;
import io.caravel.job.Lane;
import io.caravel.photo.Original;
import io.caravel.photo.Photo;
import io.caravel.photo.Photos;
import io.caravel.photo.Reference;
import io.caravel.photo.References;
import io.caravel.place.PhotoPlace;
import io.caravel.thumbnail.ThumbnailSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Brings the rows of the old table images over: each file is looked at where it lies and taken by
 * reference, under its old id where that is free, with the jobs that are due.
 */
final class ImageImport {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final JdbcClient database;
  private final JdbcTemplate batches;
  private final TransactionTemplate transaction;
  private final Photos photos;
  private final References references;
  private final JobRequests requests;
  private final Journey journey;
  private final PhotoPlace places;
  private final ImportIds ids;
  private final Remarks remarks;
  private final Counts counts;
  private final OldColumns columns;
  private final List<ThumbnailSpec> thumbnails;
  private final Map<String, String> disks;
  private final ExecutorService readers;

  /** Images with faces there: they are not searched again. */
  private final Set<Long> searched;

  /** Whether all others were searched, too, and held none. */
  private final boolean allSearched;

  /** The open rows of the queue table, by key. */
  private final Map<String, Long> open;

  private final Map<Long, Long> here;
  private final Set<Long> deleted = new HashSet<>();
  private final Set<Long> seen = new HashSet<>();

  ImageImport(
      Rooms rooms,
      OldColumns columns,
      Map<String, String> disks,
      Set<Long> searched,
      boolean allSearched,
      Map<String, Long> open,
      ExecutorService readers) {
    this.database = rooms.database();
    this.batches = rooms.batches();
    this.transaction = rooms.transaction();
    this.photos = rooms.photos();
    this.references = rooms.references();
    this.requests = rooms.requests();
    this.journey = rooms.journey();
    this.places = rooms.places();
    this.ids = rooms.ids();
    this.remarks = rooms.remarks();
    this.counts = rooms.counts();
    this.columns = columns;
    this.thumbnails = rooms.thumbnails();
    this.disks = disks;
    this.searched = searched;
    this.allSearched = allSearched;
    this.open = open;
    this.readers = readers;
    this.here = ids.all(ImportIds.IMAGES);
  }

  /** Of all images that came over, the ids there and here. */
  Map<Long, Long> here() {
    return here;
  }

  /** A row to bring over. */
  private record Image(
      long id, Reference reference, OldRow row, boolean deleted, Future<Original> original) {}

  /** The greatest number of an image there that a counter may have drawn; 0: there is none. */
  long highest() {
    return seen.stream().filter(id -> id < Counters.HIGHEST).max(Long::compare).orElse(0L);
  }

  /** Notes that an image is there, and whether it is marked as deleted. */
  void see(OldRow row) {
    Long id = row.number("id");
    if (id == null) {
      return;
    }
    seen.add(id);
    if (row.time("deleted_at") == null) {
      deleted.remove(id);
    } else {
      deleted.add(id);
    }
  }

  /** Brings some rows over, in one transaction. */
  void take(List<OldRow> rows) {
    List<Image> fresh = new ArrayList<>();
    Map<Long, Reference> known = new HashMap<>();
    for (OldRow row : rows) {
      Long id = row.number("id");
      if (id == null) {
        String said = String.valueOf(row.text("id"));
        remarks.tell(
            OldTables.IMAGES, said, "Its id is none from 1 to 2^63-1: it cannot come over.");
        continue;
      }
      see(row);
      Reference reference = reference(id, row);
      if (reference == null) {
        continue;
      }
      if (here.containsKey(id)) {
        known.put(id, reference);
        if (!open.isEmpty()) { // its jobs came with it
          OldKeys.of(id, row, columns, thumbnails).keySet().forEach(open::remove);
        }
      } else {
        fresh.add(image(id, reference, row));
      }
    }
    counts.existing += known.size();
    moved(known).forEach((id, reference) -> fresh.add(image(id, reference, row(rows, id))));
    Map<Image, Original> looked = looked(fresh);
    if (!looked.isEmpty()) {
      transaction.executeWithoutResult(status -> take(looked));
    }
  }

  private static OldRow row(List<OldRow> rows, long id) {
    return rows.stream()
        .filter(row -> Long.toString(id).equals(row.text("id")))
        .findFirst()
        .orElseThrow();
  }

  private Image image(long id, Reference reference, OldRow row) {
    return new Image(
        id,
        reference,
        row,
        deleted.contains(id),
        readers.submit(() -> references.original(reference)));
  }

  private @Nullable Reference reference(long id, OldRow row) {
    String disk = columns.of(row, "disk", "private");
    String name = disks.get(disk);
    String file = columns.of(row, "file");
    if (name == null) {
      remarks.tell(
          OldTables.IMAGES,
          id,
          "It lies on disk \"%s\": name its folder by --disk.".formatted(disk));
      return null;
    }
    if (file == null || file.isBlank()) {
      remarks.tell(OldTables.IMAGES, id, "The row names no file.");
      return null;
    }
    String path = columns.of(row, "path", "").replaceAll("^/+|/+$", "");
    return new Reference(id, name, path, file, null);
  }

  /** Those of the images that came over whose file is called otherwise now. */
  private Map<Long, Reference> moved(Map<Long, Reference> known) {
    Map<Long, Reference> moved = new TreeMap<>();
    if (known.isEmpty()) {
      return moved;
    }
    List<Long> photoIds = known.keySet().stream().map(here::get).distinct().toList();
    Map<Long, Photo> now = new HashMap<>();
    photos.photos(photoIds).forEach(photo -> now.put(photo.id(), photo));
    Map<Long, Long> firsts = new HashMap<>();
    here.forEach((old, photo) -> firsts.merge(photo, 1L, Long::sum));
    known.forEach(
        (id, reference) -> {
          Photo photo = now.get(here.get(id));
          if (photo != null
              && photo.referenced()
              && Long.valueOf(1).equals(firsts.get(photo.id()))
              && !(photo.disk() + "/" + photo.path() + "/" + photo.file())
                  .equals(reference.disk() + "/" + reference.path() + "/" + reference.file())) {
            moved.put(id, reference);
          }
        });
    return moved;
  }

  private Map<Image, Original> looked(List<Image> fresh) {
    Map<Image, Original> looked = new LinkedHashMap<>();
    for (Image image : fresh) {
      try {
        Original original = image.original().get();
        String name = columns.of(image.row(), "name");
        looked.put(image, name == null || name.isBlank() ? original : original.called(name));
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof Failure failure)) {
          throw new IllegalStateException(e.getCause());
        }
        if (failure.weather()) {
          throw failure; // a disk that is away is no reason to leave its files out
        }
        counts.left++;
        remarks.tell(OldTables.IMAGES, image.id(), String.valueOf(failure.getMessage()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw Failure.passing("interrupted", "The import was ended: start it again.", e);
      }
    }
    return looked;
  }

  private void take(Map<Image, Original> looked) {
    Map<String, Long> bySha = known(looked.values().stream().map(Original::sha256).toList());
    Map<Long, Long> came = new TreeMap<>();
    Map<Long, Long> wishes = new TreeMap<>();
    List<Object[]> jobs = new ArrayList<>();
    List<Object[]> times = new ArrayList<>();
    for (Map.Entry<Image, Original> each : looked.entrySet()) {
      Image image = each.getKey();
      Original original = each.getValue();
      Long photo = bySha.get(original.sha256());
      Set<String> wished = wished(image, wishes);
      if (photo == null) {
        photo = accept(image, original, wished, jobs, times);
        bySha.put(original.sha256(), photo);
      } else {
        counts.joined++;
        if (!image.deleted()) {
          photos.again(original);
        }
      }
      came.put(image.id(), photo);
      long here = photo;
      wishes.replaceAll((row, none) -> none == 0 ? here : none);
    }
    batches.batchUpdate(
        """
        insert ignore into jobs (image_id, queue, job_key, data, lane, state, ended_at)
        values (?, ?, ?, ?, ?, ?, case when ? = 'done' then current_timestamp(3) end)
        """,
        jobs);
    batches.batchUpdate(
        """
        update images set created_at = coalesce(?, created_at), dated_at = coalesce(?, dated_at),
          updated_at = coalesce(?, updated_at) where id = ?
        """,
        times);
    ids.note(ImportIds.IMAGES, came);
    ids.note(ImportIds.QUEUES, wishes);
    here.putAll(came);
  }

  private Map<String, Long> known(List<String> sha256) {
    Map<String, Long> known = new HashMap<>();
    database
        .sql("select sha256, id from images where sha256 in (:sha256)")
        .param("sha256", sha256)
        .query(
            row -> {
              known.put(row.getString(1), row.getLong(2));
            });
    return known;
  }

  private long accept(
      Image image,
      Original original,
      Set<String> wished,
      List<Object[]> jobs,
      List<Object[]> times) {
    // As the route does that takes uploads in: the same bytes are this photo from now on.
    database
        .sql(
            """
            insert ignore into idempotent_keys (processorName, messageId, createdAt)
            values ('intake', :sha256, current_timestamp(3))
            """)
        .param("sha256", original.sha256())
        .update();
    long photo = photos.accept(original);
    counts.photos++;
    if (photo != image.id()) {
      counts.renumbered++;
    }
    boolean wasSearched = searched.contains(image.id()) || allSearched && !wished.contains("faces");
    for (String queue : List.of("thumbnails", "metadata", "faces")) {
      JobRequest request = requests.of(queue, photo, original);
      boolean done = queue.equals("faces") && wasSearched;
      Lane lane = wished.contains(queue) ? Lane.ASKED : Lane.LIBRARY;
      String state = done ? "done" : "queued";
      jobs.add(
          new Object[] {photo, queue, request.key(), request.data(), lane.ordinal(), state, state});
    }
    if (wasSearched) {
      journey.note(photo, "faces", "done", "Searched by the site that it was taken over from.");
    }
    String created = Times.text(image.row().time("created_at"));
    times.add(new Object[] {created, created, Times.text(image.row().time("updated_at")), photo});
    address(image, photo);
    return photo;
  }

  /** The queues of which open rows are this image's; their ids are noted, with 0. */
  private Set<String> wished(Image image, Map<Long, Long> rows) {
    Set<String> wished = new HashSet<>();
    if (open.isEmpty()) {
      return wished;
    }
    OldKeys.of(image.id(), image.row(), columns, thumbnails)
        .forEach(
            (key, queue) -> {
              Long row = open.remove(key);
              if (row != null) {
                rows.put(row, 0L);
                counts.wishes++;
                // A place is looked for once the position is known.
                wished.addAll(
                    queue.isEmpty()
                        ? List.of("thumbnails", "metadata", "faces")
                        : List.of(queue.equals("geolocation") ? "metadata" : queue));
              }
            });
    return wished;
  }

  private void address(Image image, long photo) {
    String address = columns.of(image.row(), "address");
    String metadata = columns.of(image.row(), "metadata");
    if (address == null || address.isBlank()) {
      return;
    }
    JsonNode read;
    try {
      read = metadata == null ? JSON.nullNode() : JSON.readTree(metadata);
    } catch (JsonProcessingException e) {
      read = JSON.nullNode();
    }
    JsonNode latitude = read.path("GPSLatitude");
    JsonNode longitude = read.path("GPSLongitude");
    if (latitude.isNumber()
        && longitude.isNumber()
        && Math.abs(latitude.asDouble()) <= 90
        && Math.abs(longitude.asDouble()) <= 180) {
      String name = address.length() > 1024 ? address.substring(0, 1024) : address;
      places.know(photo, latitude.asDouble(), longitude.asDouble(), name);
    } else {
      remarks.tell(
          OldTables.IMAGES,
          image.id(),
          "It has an address but no position: its place is looked up anew, should its file hold one.");
    }
  }

  /** Puts what is deleted there into the trash, and takes out what is there again. */
  void settleTrash() {
    Set<Long> gone = new HashSet<>(deleted);
    here.keySet().stream().filter(id -> !seen.contains(id)).forEach(gone::add);
    Map<Long, Long> trashed = ids.all(ImportIds.TRASHED);
    Map<Long, Set<Long>> living = new HashMap<>();
    here.forEach(
        (id, photo) -> {
          if (!gone.contains(id)) {
            living.computeIfAbsent(photo, none -> new HashSet<>()).add(id);
          }
        });
    for (long id : gone) {
      Long photo = here.get(id);
      if (photo != null && !living.containsKey(photo) && !trashed.containsKey(id)) {
        transaction.executeWithoutResult(status -> trash(id, photo));
      }
    }
    trashed.forEach(
        (id, photo) -> {
          if (living.getOrDefault(photo, Set.of()).contains(id) && seen.contains(id)) {
            transaction.executeWithoutResult(
                status -> {
                  photos.restore(photo);
                  ids.forget(ImportIds.TRASHED, id);
                  counts.changed++;
                });
          }
        });
  }

  private void trash(long id, long photo) {
    ids.note(ImportIds.TRASHED, Map.of(id, photo));
    try {
      photos.replaced(photo, "It is deleted in the site that it was taken over from.");
      counts.trashed++;
    } catch (Failure e) {
      if (!e.cause().equals("no-such-photo")) {
        throw e;
      }
      // It lies in the trash here, or is gone.
    }
  }
}
