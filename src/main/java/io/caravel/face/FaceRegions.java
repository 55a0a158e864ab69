package io.caravel.face;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.ground.Failure;
import io.caravel.photo.Photo;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * The faces that metadata name. A region that overlaps a found face names it, by a decision of
 * "metadata" that can be undone like any other; a face about which somebody has decided, or of
 * which that was undone, is left alone. A region without a found face becomes one, of its own box.
 */
@Component("faceRegions")
public class FaceRegions {
  private static final Logger LOG = LoggerFactory.getLogger(FaceRegions.class);

  /** Intersection over union from which on a region and a found face are one. */
  static final double SAME = 0.3;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final JdbcClient database;
  private final Decisions decisions;
  private final boolean on;

  FaceRegions(
      JdbcClient database, Decisions decisions, @Value("${caravel.face.regions}") boolean on) {
    this.database = database;
    this.decisions = decisions;
    this.on = on;
  }

  /**
   * Where metadata say that a face is, in parts of the upright photo.
   *
   * @param name null: nobody's
   */
  public record Region(
      @Nullable String name, double left, double top, double width, double height) {
    double overlap(double otherLeft, double otherTop, double otherWidth, double otherHeight) {
      double across = Math.min(left + width, otherLeft + otherWidth) - Math.max(left, otherLeft);
      double down = Math.min(top + height, otherTop + otherHeight) - Math.max(top, otherTop);
      double common = Math.max(0, across) * Math.max(0, down);
      return common / (width * height + otherWidth * otherHeight - common);
    }
  }

  /** Those of a photo, as far as its metadata have been read; none where they are off. */
  public List<Region> of(Photo photo) {
    if (!on) {
      return List.of();
    }
    return database
        .sql(
            """
            select json from image_metadata where image_id = :id and json like '%Caravel:FaceRegions%'
            """)
        .param("id", photo.id())
        .query(String.class)
        .optional()
        .map(FaceRegions::read)
        .orElse(List.of());
  }

  private static List<Region> read(String metadata) {
    List<Region> regions = new ArrayList<>();
    try {
      for (JsonNode each : JSON.readTree(metadata).path("Caravel:FaceRegions")) {
        regions.add(
            new Region(
                each.hasNonNull("name") ? each.path("name").asText() : null,
                each.path("left").asDouble(),
                each.path("top").asDouble(),
                each.path("width").asDouble(),
                each.path("height").asDouble()));
      }
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
    return regions;
  }

  /** A face of a photo, its box in parts of it. */
  private record Known(
      long id, String status, double left, double top, double width, double height) {
    private static Known of(ResultSet row, int number) throws SQLException {
      double width = row.getDouble("width");
      double height = row.getDouble("height");
      return new Known(
          row.getLong("id"),
          row.getString("status"),
          row.getInt("box_left") / width,
          row.getInt("box_top") / height,
          row.getInt("box_width") / width,
          row.getInt("box_height") / height);
    }
  }

  /**
   * Names the photo's faces, in transactions of its own.
   *
   * @return whether a region has no face yet: the photo is to be searched, with its regions
   */
  public boolean name(Photo photo) {
    List<Region> regions = of(photo);
    if (regions.isEmpty()) {
      return false;
    }
    List<Known> faces =
        database
            .sql(
                """
                select f.id, f.status, f.box_left, f.box_top, f.box_width, f.box_height, i.width, i.height
                from faces f join images i on i.id = f.image_id
                where f.image_id = :photo and f.deleted_at is null and f.status <> 'undrawn' and f.box_left is not null
                  and i.width > 0 and i.height > 0
                order by f.id
                """)
            .param("photo", photo.id())
            .query(Known::of)
            .list();
    boolean missing = false;
    Set<Long> taken = new HashSet<>();
    for (Region region : regions) {
      Optional<Known> face =
          faces.stream()
              .filter(each -> !taken.contains(each.id()) && overlap(region, each) >= SAME)
              .max((one, other) -> Double.compare(overlap(region, one), overlap(region, other)));
      face.ifPresent(each -> taken.add(each.id()));
      missing |= face.isEmpty();
      String name = region.name();
      if (face.isPresent() && name != null) {
        name(face.get(), name);
      }
    }
    return missing;
  }

  private static double overlap(Region region, Known face) {
    return region.overlap(face.left(), face.top(), face.width(), face.height());
  }

  private void name(Known face, String name) {
    if (!face.status().equals(FaceState.PROCESS) || isDecided(face.id())) {
      return;
    }
    try {
      decisions.byMetadata(face.id(), name);
    } catch (Failure e) {
      LOG.info("Face {} is not named by its photo's metadata: {}", face.id(), e.getMessage());
    }
  }

  private boolean isDecided(long face) {
    return database
        .sql("select 1 from decision_faces where face_id = :face and kind = 'decided' limit 1")
        .param("face", face)
        .query(Integer.class)
        .optional()
        .isPresent();
  }
}
