package io.caravel.photo;

import io.caravel.ground.DurableFiles;
import io.caravel.ground.Failure;
import io.caravel.ground.Utc;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Files that lie beside photos and belong to them, whichever came first. Of the photos of a fitting
 * name that came in from the same folder it is the one that came nearest in time. Their bytes lie
 * with the originals, under their own SHA-256, and are never changed.
 *
 * <p>Which belongs to which is found out where both are committed, by {@link #settle}: after a
 * sidecar or a known photo came in, and when a photo's metadata are about to be read. Under the
 * lock of the photo's row, so that no reading of it ends without its last sidecar.
 */
@Component("sidecars")
public class Sidecars {
  private static final Logger LOG = LoggerFactory.getLogger(Sidecars.class);

  /** Bytes of a JSON that is looked at whether it is Takeout's. */
  private static final int LOOKED_AT = 1 << 16;

  /** Bytes beyond which one is kept and not read: ExifTool reads it within the photo's time. */
  private static final long MOST_READ = 4L << 20;

  /** Photos of one shot come in within that time of each other. */
  private static final Duration ONE_COMING = Duration.ofDays(1);

  private final JdbcClient database;
  private final Disks disks;
  private final Roots roots;
  private final Photos photos;

  Sidecars(JdbcClient database, Disks disks, Roots roots, Photos photos) {
    this.database = database;
    this.disks = disks;
    this.roots = roots;
    this.photos = photos;
  }

  /** A sidecar that lies durably in its place, ready to be accepted. */
  public record Put(
      SidecarName name,
      String folder,
      String filename,
      String sha256,
      long bytes,
      String disk,
      String path,
      String file) {}

  /** Whether a staged file is one: by its name, and its content does not belie that. */
  public boolean is(Staged staged) {
    Optional<SidecarName> name = SidecarName.of(staged.filename());
    if (name.isEmpty() || staged.folder() == null) {
      return false;
    }
    try (InputStream in = Files.newInputStream(staged.file())) {
      String text = new String(in.readNBytes(LOOKED_AT), StandardCharsets.ISO_8859_1);
      // Without byte order marks, and the zeros of UTF-16.
      String begin = text.replaceAll("[\\x00-\\x20\\xBB\\xBF\\xEF\\xFE\\xFF]", "");
      return switch (name.get().kind()) {
        case XMP -> begin.isEmpty() || begin.startsWith("<");
        case AAE -> begin.isEmpty() || begin.startsWith("<") || begin.startsWith("bplist");
        case TAKEOUT -> begin.startsWith("{") && begin.contains("\"photoTakenTime\"");
      };
    } catch (IOException e) {
      throw Originals.unwritable(e);
    }
  }

  /** Puts a staged one durably in its place. */
  public Put publish(Staged staged) {
    try {
      String disk = disks.uploads();
      roots.ready(disk);
      SidecarName name = SidecarName.of(staged.filename()).orElseThrow();
      long bytes = Files.size(staged.file());
      String sha256 = Originals.sha256(staged.file());
      String path = sha256.substring(0, 2);
      String file = sha256 + ".sidecar." + name.kind().ending;
      Path folder = disks.root(disk).resolve(path);
      Path target = folder.resolve(file);
      DurableFiles.createDirectories(folder);
      if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)
          && Files.mismatch(staged.file(), target) == -1) {
        DurableFiles.syncDirectory(folder);
      } else {
        DurableFiles.publish(staged.file(), target);
      }
      return new Put(
          name,
          folder(String.valueOf(staged.folder())),
          staged.filename(),
          sha256,
          bytes,
          disk,
          path,
          file);
    } catch (IOException e) {
      throw Originals.unwritable(e);
    } finally {
      Originals.discard(staged.file());
    }
  }

  /** The key of a folder's name, whatever its length. */
  static String folder(String name) {
    return Originals.fingerprint(name.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes the row of a new one, within the caller's transaction. */
  public Outcome accept(Put put) {
    Optional<Row> before = row(put);
    if (before.isPresent() && isOlder(before.get())) {
      database.sql("delete from sidecars where id = :id").param("id", before.get().id()).update();
      before = Optional.empty(); // as it was once, and is again
    }
    boolean known = before.isPresent();
    if (!known) {
      database
          .sql(
              """
              insert into sidecars (kind, folder, stem, filename, sha256, source_disk, source_path, source_filename, bytes)
              values (:kind, :folder, :stem, :filename, :sha256, :disk, :path, :file, :bytes)
              """)
          .param("kind", put.name().kind().name().toLowerCase(Locale.ROOT))
          .param("folder", put.folder())
          .param("stem", put.name().stem())
          .param("filename", put.filename())
          .param("sha256", put.sha256())
          .param("disk", put.disk())
          .param("path", put.path())
          .param("file", put.file())
          .param("bytes", put.bytes())
          .update();
    }
    if (!Files.exists(disks.root(put.disk()).resolve(put.path()).resolve(put.file()))) {
      throw Failure.passing(
          "disk-unavailable",
          "%s was deleted at the moment it came again: send it once more."
              .formatted(put.filename()));
    }
    return Outcome.sidecar(put.filename(), put.sha256(), !known);
  }

  /** Whether another of its name came after it. */
  private boolean isOlder(Row row) {
    return database
        .sql(
            """
            select 1 from sidecars where folder = :folder and stem = :stem and filename = :filename and id > :id limit 1
            """)
        .param("folder", row.folder())
        .param("stem", row.stem())
        .param("filename", row.filename())
        .param("id", row.id())
        .query(Integer.class)
        .optional()
        .isPresent();
  }

  /** A row of the table. */
  public record Row(long id, String folder, String stem, String filename, Instant arrivedAt) {
    private static Row of(ResultSet row, int number) throws SQLException {
      return new Row(
          row.getLong("id"),
          row.getString("folder"),
          row.getString("stem"),
          row.getString("filename"),
          Objects.requireNonNull(Utc.instant(row, "arrived_at")));
    }

    private SidecarName name() {
      return SidecarName.of(filename).orElseThrow();
    }
  }

  private Optional<Row> row(Put put) {
    return database
        .sql(
            "select * from sidecars where folder = :folder and sha256 = :sha256 and stem = :stem for update")
        .param("folder", put.folder())
        .param("sha256", put.sha256())
        .param("stem", put.name().stem())
        .query(Row::of)
        .optional();
  }

  /** What was accepted, for {@link #settle}. */
  public List<Row> accepted(Put put) {
    return row(put).stream().toList();
  }

  /** Those of fitting names that came from a folder from which the photo came. */
  public List<Row> beside(long photo) {
    record Arrival(String folder, String stem, String shortStem, String filename) {}
    List<Row> found = new ArrayList<>();
    for (Arrival arrival :
        database
            .sql("select folder, stem, short_stem, filename from arrivals where image_id = :photo")
            .param("photo", photo)
            .query(
                (row, n) ->
                    new Arrival(
                        row.getString(1), row.getString(2), row.getString(3), row.getString(4)))
            .list()) {
      database
          .sql("select * from sidecars where folder = :folder and stem in (:stem, :short)")
          .param("folder", arrival.folder())
          .param("stem", arrival.stem())
          .param("short", arrival.shortStem())
          .query(Row::of)
          .list()
          .stream()
          .filter(row -> row.name().belongsTo(arrival.filename()))
          .forEach(found::add);
    }
    return found;
  }

  /**
   * Gives these to the photos that they belong to, and to no others. In a transaction of its own,
   * after the one that accepted a sidecar or a photo.
   *
   * @return the photos whose metadata are to be read anew
   */
  public List<Photo> settle(List<Row> some) {
    Map<Long, Set<Long>> wanted = new LinkedHashMap<>();
    Set<Long> touched = new TreeSet<>(); // in this order their rows are held
    for (Row sidecar : some) {
      Set<Long> owners = owners(sidecar);
      Set<Long> present = present(sidecar.id());
      if (!owners.equals(present)) {
        wanted.put(sidecar.id(), owners);
        touched.addAll(owners);
        touched.addAll(present);
      }
    }
    Set<Long> changed = new HashSet<>();
    touched.forEach(this::hold);
    wanted.forEach(
        (sidecar, owners) -> {
          Set<Long> present = present(sidecar);
          for (long photo : touched) {
            boolean has = present.contains(photo);
            boolean is = owners.contains(photo);
            if (is != has) {
              database
                  .sql(
                      is
                          ? "insert ignore into image_sidecars (image_id, sidecar_id) values (:photo, :sidecar)"
                          : "delete from image_sidecars where image_id = :photo and sidecar_id = :sidecar")
                  .param("photo", photo)
                  .param("sidecar", sidecar)
                  .update();
              changed.add(photo);
            }
          }
        });
    return photos.photos(changed);
  }

  /** Of each fitting name in its folder the photo that came nearest in time. */
  private Set<Long> owners(Row sidecar) {
    SidecarName name = sidecar.name();
    record Arrival(long photo, String filename, Duration apart) {}
    Map<String, Arrival> nearest = new HashMap<>();
    database
        .sql(
            "select image_id, filename, arrived_at from arrivals where folder = :folder and %s = :stem"
                .formatted(name.isShort() ? "short_stem" : "stem"))
        .param("folder", sidecar.folder())
        .param("stem", sidecar.stem())
        .query(
            (row, n) ->
                new Arrival(
                    row.getLong(1),
                    row.getString(2),
                    Duration.between(
                            Objects.requireNonNull(Utc.instant(row, "arrived_at")),
                            sidecar.arrivedAt())
                        .abs()))
        .list()
        .stream()
        .filter(arrival -> name.belongsTo(arrival.filename()))
        .forEach(
            arrival ->
                nearest.merge(
                    arrival.filename(),
                    arrival,
                    (one, other) ->
                        Comparator.comparing(Arrival::apart)
                                    .thenComparing(Arrival::photo, Comparator.reverseOrder())
                                    .compare(one, other)
                                <= 0
                            ? one
                            : other));
    Duration least =
        nearest.values().stream()
            .map(Arrival::apart)
            .min(Duration::compareTo)
            .orElse(Duration.ZERO);
    // IMG_0001.CR2 and IMG_0001.JPG of one shot, and not of another year.
    nearest.values().removeIf(each -> each.apart().compareTo(least.plus(ONE_COMING)) > 0);
    Set<Long> owners = new HashSet<>();
    nearest.values().forEach(arrival -> owners.add(arrival.photo()));
    return owners;
  }

  private Set<Long> present(long sidecar) {
    return new HashSet<>(
        database
            .sql("select image_id from image_sidecars where sidecar_id = :sidecar")
            .param("sidecar", sidecar)
            .query(Long.class)
            .list());
  }

  private void hold(long photo) {
    database
        .sql("select id from images where id = :photo for update")
        .param("photo", photo)
        .query(Long.class)
        .optional();
  }

  /**
   * Those that a photo has: the most telling first, that is of {@code NAME.EXT.xmp} before {@code
   * NAME.xmp}, XMP before Takeout, and of one name the last that came.
   */
  public List<Sidecar> of(Photo photo) {
    Map<String, Sidecar> last = new LinkedHashMap<>();
    database
        .sql(
            """
            select s.* from sidecars s join image_sidecars i on i.sidecar_id = s.id
            where i.image_id = :photo order by s.id desc
            """)
        .param("photo", photo.id())
        .query((row, n) -> sidecar(row))
        .list()
        .forEach(sidecar -> last.putIfAbsent(sidecar.filename(), sidecar));
    return last.values().stream()
        .sorted(
            Comparator.comparing((Sidecar sidecar) -> !sidecar.isXmp())
                .thenComparing(sidecar -> -sidecar.filename().length()))
        .toList();
  }

  private Sidecar sidecar(ResultSet row) throws SQLException {
    return new Sidecar(
        row.getLong("id"),
        row.getString("kind"),
        row.getString("filename"),
        disks
            .root(row.getString("source_disk"))
            .resolve(row.getString("source_path"))
            .resolve(row.getString("source_filename")));
  }

  /**
   * A photo's original, and those of its sidecars that ExifTool reads, as a command's arguments.
   */
  public List<String> arguments(Photo photo, List<Sidecar> beside) {
    List<String> files = new ArrayList<>(disks.argument(photo));
    beside.stream()
        .filter(Sidecar::isXmp)
        .filter(Sidecars::isReadable)
        .forEach(sidecar -> files.add(sidecar.file().toString()));
    return files;
  }

  /** One that is lost or large hinders no photo. */
  private static boolean isReadable(Sidecar sidecar) {
    try {
      return Files.size(sidecar.file()) <= MOST_READ;
    } catch (IOException e) {
      LOG.warn("The sidecar {} cannot be read: {}", sidecar.file(), e.toString());
      return false;
    }
  }
}
