package io.caravel.duplicate;

import io.caravel.gallery.PhotoViews;
import io.caravel.request.Request;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Photos that look the same, in groups around the best one of each. Thread-safe. */
@Component("duplicates")
public class Duplicates {
  private static final int ASKED_AT_ONCE = 1000;
  private static final int READ_AT_ONCE = 20_000;
  private static final int LATE = 2000;

  /** A part of a picture is not the picture: by so much the ratios of the sides may differ. */
  private static final double RATIO = 0.03;

  private final JdbcClient database;
  private final int bits;
  private final HashIndex index;
  private long seen;

  /** The numbers of the rows that were read, as far as a transaction may end after a later one. */
  private final Set<Long> recent = new HashSet<>();

  Duplicates(JdbcClient database, @Value("${caravel.duplicate.bits}") int bits) {
    if (bits < 0 || bits > 14) {
      throw new IllegalArgumentException(
          "CARAVEL_DUPLICATE_BITS is %d: set it to 0 to 14, of 64; 4 is usual.".formatted(bits));
    }
    this.database = database;
    this.bits = bits;
    this.index = new HashIndex(bits);
  }

  /**
   * A photo of a group.
   *
   * @param width pixels, upright
   * @param takenAt as of a photo
   * @param distance in how many of 64 bits it differs from the best one
   */
  public record Member(
      long id,
      String filename,
      String mimeType,
      long bytes,
      @Nullable Integer width,
      @Nullable Integer height,
      @Nullable String takenAt,
      int distance) {}

  /**
   * Photos that look the same.
   *
   * @param id of the best one
   * @param photos the best first, then the nearest
   */
  public record Group(long id, List<Member> photos) {}

  /** One page of groups, and how many there are in all. */
  public record Page(List<Group> items, long total) {}

  /** A page of the groups, the largest first. */
  public Page page(Request request) {
    List<Group> groups = groups();
    int first = (int) Math.min(groups.size(), request.offset());
    int end = Math.min(groups.size(), first + request.size());
    return new Page(List.copyOf(groups.subList(first, end)), groups.size());
  }

  private record Candidate(
      long id,
      long hash,
      String filename,
      String mimeType,
      long bytes,
      @Nullable Integer width,
      @Nullable Integer height,
      boolean damaged,
      boolean dated,
      boolean placed,
      @Nullable String takenAt) {
    long pixels() {
      return width == null || height == null ? 0 : (long) width * height;
    }

    /** Of two whose size is not known it is not known either. */
    boolean isOfShape(Candidate other) {
      if (pixels() == 0 || other.pixels() == 0) {
        return true;
      }
      double ratio = (double) Objects.requireNonNull(width) / Objects.requireNonNull(height);
      double others =
          (double) Objects.requireNonNull(other.width) / Objects.requireNonNull(other.height);
      // The sides of a small one are rounded.
      double rounded = 1.0 / Math.min(least(), other.least());
      return Math.abs(Math.log(ratio / others)) <= RATIO + rounded;
    }

    private int least() {
      return Math.min(Objects.requireNonNull(width), Objects.requireNonNull(height));
    }
  }

  /** Whole before damaged, of more pixels, that says when and where, of more bytes, the older. */
  private static final Comparator<Candidate> BEST_FIRST =
      Comparator.comparing(Candidate::damaged)
          .thenComparing(Comparator.comparingLong(Candidate::pixels).reversed())
          .thenComparing(Comparator.comparing(Candidate::dated).reversed())
          .thenComparing(Comparator.comparing(Candidate::placed).reversed())
          .thenComparing(Comparator.comparingLong(Candidate::bytes).reversed())
          .thenComparing(Candidate::id);

  private List<Group> groups() {
    HashIndex.Alike alike = alike();
    List<Candidate> candidates = candidates(alike.photos());
    candidates.sort(BEST_FIRST);
    Map<Long, List<Candidate>> byHash = new HashMap<>();
    candidates.forEach(
        each -> byHash.computeIfAbsent(each.hash(), hash -> new ArrayList<>()).add(each));
    Set<Long> taken = new HashSet<>();
    List<Group> groups = new ArrayList<>();
    for (Candidate best : candidates) {
      if (!taken.add(best.id())) {
        continue;
      }
      List<Member> members = new ArrayList<>(List.of(member(best, best)));
      List<Long> hashes = new ArrayList<>(List.of(best.hash()));
      hashes.addAll(alike.near().getOrDefault(best.hash(), List.of()));
      for (long hash : hashes) {
        for (Candidate other : byHash.getOrDefault(hash, List.of())) {
          if (!taken.contains(other.id()) && other.isOfShape(best)) {
            taken.add(other.id());
            members.add(member(other, best));
          }
        }
      }
      if (members.size() > 1) {
        members.subList(1, members.size()).sort(Comparator.comparingInt(Member::distance));
        groups.add(new Group(best.id(), members));
      }
    }
    groups.sort(
        Comparator.comparingInt((Group group) -> group.photos().size())
            .reversed()
            .thenComparing(Comparator.comparingLong(Group::id).reversed()));
    return groups;
  }

  private static Member member(Candidate photo, Candidate best) {
    return new Member(
        photo.id(),
        photo.filename(),
        photo.mimeType(),
        photo.bytes(),
        photo.width(),
        photo.height(),
        photo.takenAt(),
        Long.bitCount(photo.hash() ^ best.hash()));
  }

  /** What the index says of all hashes that there are, those that came since the last look too. */
  private synchronized HashIndex.Alike alike() {
    long from = Math.max(0, seen - LATE);
    recent.removeIf(each -> each <= from);
    for (long after = from, more = 1; more > 0; ) {
      List<long[]> rows =
          database
              .sql(
                  """
                  select seq, image_id, hash from picture_hashes
                  where seq > :after and hash is not null order by seq limit :most
                  """)
              .param("after", after)
              .param("most", READ_AT_ONCE)
              .query((row, number) -> new long[] {row.getLong(1), row.getLong(2), row.getLong(3)})
              .list();
      for (long[] row : rows) {
        after = row[0];
        if (recent.add(after)) {
          index.add(row[1], row[2]);
        }
      }
      more = rows.size() == READ_AT_ONCE ? 1 : 0;
      seen = Math.max(seen, after);
      long window = seen - LATE;
      recent.removeIf(each -> each <= window);
    }
    return index.alike();
  }

  /** Those that are not in the trash, by the hash that they have now. */
  private List<Candidate> candidates(Set<Long> photos) {
    List<Long> ids = new ArrayList<>(photos);
    Collections.sort(ids);
    List<Candidate> candidates = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += ASKED_AT_ONCE) {
      candidates.addAll(
          database
              .sql(
                  """
                  select i.*, h.hash from images i join picture_hashes h on h.image_id = i.id
                  where i.id in (:ids) and i.deleted_at is null and h.hash is not null
                  """)
              .param("ids", ids.subList(from, Math.min(ids.size(), from + ASKED_AT_ONCE)))
              .query(Duplicates::candidate)
              .list());
    }
    return candidates;
  }

  private static Candidate candidate(ResultSet row, int number) throws SQLException {
    return new Candidate(
        row.getLong("id"),
        row.getLong("hash"),
        row.getString("filename"),
        row.getString("mime_type"),
        row.getLong("bytes"),
        row.getObject("width", Integer.class),
        row.getObject("height", Integer.class),
        row.getBoolean("damaged"),
        "exif".equals(row.getString("taken_from")),
        "valid".equals(row.getString("position")),
        PhotoViews.takenAt(row));
  }
}
