package io.caravel.metadata;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.iakovlev.timeshape.TimeZoneEngine;
import net.iakovlev.timeshape.proto.Geojson;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.springframework.stereotype.Component;

/**
 * Which time zone's law holds at a place, offline. The outlines are those of
 * timezone-boundary-builder, oceans included, as the timeshape library ships them; they are read at
 * the first question (about a second) and kept rounded to 1/10,000 degree (11 m), as differences
 * from point to point, because the library's own objects take 213 MB of heap. Thread-safe.
 */
@Component
class ZoneMap {
  private static final String DATA = "/data.tar.zstd";
  private static final double STEPS_PER_DEGREE = 10_000;

  private static final class Outlines {
    static final List<Outline> ALL = read();
  }

  /**
   * The zone at a WGS 84 position in degrees; where two zones claim a place, the first by name;
   * none when this JDK does not know the zone.
   */
  Optional<ZoneId> at(double latitude, double longitude) {
    // The pole and the date line are the outlines' last edges, on which no point lies inside.
    int y = Math.min(steps(latitude), steps(90) - 1);
    int x = Math.min(steps(longitude), steps(180) - 1);
    for (Outline outline : Outlines.ALL) {
      if (outline.holds(x, y)) {
        return known(outline.zone());
      }
    }
    return Optional.empty();
  }

  private static Optional<ZoneId> known(String zone) {
    try {
      return Optional.of(ZoneId.of(zone));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static int steps(double degrees) {
    return (int) Math.round(degrees * STEPS_PER_DEGREE);
  }

  private static List<Outline> read() {
    List<Outline> outlines = new ArrayList<>();
    try (InputStream packed = TimeZoneEngine.class.getResourceAsStream(DATA)) {
      if (packed == null) {
        throw new FileNotFoundException(DATA + " is not in the timeshape jar");
      }
      TarArchiveInputStream tar =
          new TarArchiveInputStream(new ZstdInputStream(new BufferedInputStream(packed, 1 << 16)));
      for (TarArchiveEntry zone = tar.getNextEntry(); zone != null; zone = tar.getNextEntry()) {
        Geojson.Geometry shape = Geojson.Feature.parseFrom(tar.readAllBytes()).getGeometry();
        for (Geojson.Polygon polygon : polygons(shape)) {
          outlines.add(outline(zone.getName(), polygon));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(outlines);
  }

  private static List<Geojson.Polygon> polygons(Geojson.Geometry shape) {
    return shape.hasPolygon()
        ? List.of(shape.getPolygon())
        : shape.getMultiPolygon().getCoordinatesList();
  }

  private static Outline outline(String zone, Geojson.Polygon polygon) {
    ByteArrayOutputStream rings = new ByteArrayOutputStream();
    int west = Integer.MAX_VALUE;
    int east = Integer.MIN_VALUE;
    int south = Integer.MAX_VALUE;
    int north = Integer.MIN_VALUE;
    for (Geojson.LineString ring : polygon.getCoordinatesList()) {
      Varints.write(rings, ring.getCoordinatesCount());
      int x = 0;
      int y = 0;
      for (Geojson.Position point : ring.getCoordinatesList()) {
        int nextX = steps(point.getLon());
        int nextY = steps(point.getLat());
        Varints.write(rings, nextX - x);
        Varints.write(rings, nextY - y);
        x = nextX;
        y = nextY;
        west = Math.min(west, x);
        east = Math.max(east, x);
        south = Math.min(south, y);
        north = Math.max(north, y);
      }
    }
    return new Outline(zone, west, east, south, north, rings.toByteArray());
  }
}
