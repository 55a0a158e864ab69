package io.caravel.metadata;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the metadata of a photo say that faces are: the regions of the Metadata Working Group
 * (digiKam, Lightroom, Picasa, Apple) and of Microsoft (digiKam, too). They are told of the picture
 * as it is stored; here they are turned as it is shown.
 *
 * @see <a
 *     href="https://web.archive.org/web/20180919181934/http://www.metadataworkinggroup.org/pdf/mwg_guidance.pdf">Metadata
 *     Working Group: Guidelines for Handling Image Metadata 2.0, 5.9</a>
 */
final class Regions {
  /** Under which they are kept with what ExifTool said, for whoever seeks faces. */
  static final String NAME = "Caravel:FaceRegions";

  private static final int MOST = 200;
  private static final int LONGEST_NAME = 255;

  /** Of the picture's side; what is smaller is a point somebody clicked on. */
  private static final double SMALLEST = 0.001;

  private Regions() {}

  /** In parts of the upright picture, from its left upper corner. */
  record Region(@Nullable String name, double left, double top, double width, double height) {
    private Region turned(int orientation) {
      double right = 1 - left - width;
      double bottom = 1 - top - height;
      return switch (orientation) {
        case 2 -> new Region(name, right, top, width, height);
        case 3 -> new Region(name, right, bottom, width, height);
        case 4 -> new Region(name, left, bottom, width, height);
        case 5 -> new Region(name, top, left, height, width);
        case 6 -> new Region(name, bottom, left, height, width);
        case 7 -> new Region(name, bottom, right, height, width);
        case 8 -> new Region(name, top, right, height, width);
        default -> this;
      };
    }

    private boolean isWithin() {
      double least = Math.min(width, height);
      return least >= SMALLEST
          && left > -0.5
          && top > -0.5
          && left + width < 1.5
          && top + height < 1.5
          && left + width > 0
          && top + height > 0
          && left < 1
          && top < 1;
    }

    private boolean isLike(Region other) {
      double across = Math.min(left + width, other.left + other.width) - Math.max(left, other.left);
      double down = Math.min(top + height, other.top + other.height) - Math.max(top, other.top);
      double common = Math.max(0, across) * Math.max(0, down);
      return common / (width * height + other.width * other.height - common) > 0.5;
    }
  }

  /**
   * Of the first of these that has any; both kinds, each face once.
   *
   * @param orientation EXIF's, of the stored picture
   */
  static List<Region> of(List<Tags> sources, int orientation) {
    for (Tags tags : sources) {
      List<Region> found = new ArrayList<>();
      tags.node("XMP-mwg-rs:RegionInfo").ifPresent(info -> workingGroup(info, found));
      tags.node("XMP-MP:RegionInfoMP").ifPresent(info -> microsoft(info, found));
      List<Region> regions = new ArrayList<>();
      for (Region region : found) {
        Region upright = region.turned(orientation);
        if (upright.isWithin() && regions.stream().noneMatch(upright::isLike)) {
          regions.add(upright);
        }
      }
      if (!regions.isEmpty()) {
        return regions;
      }
    }
    return List.of();
  }

  /** Lays them beside what ExifTool said. */
  static void lay(List<Region> regions, ObjectNode said) {
    if (!regions.isEmpty()) {
      ArrayNode kept = said.putArray(NAME);
      for (Region region : regions) {
        ObjectNode each = kept.addObject();
        each.put("name", region.name());
        each.put("left", region.left());
        each.put("top", region.top());
        each.put("width", region.width());
        each.put("height", region.height());
      }
    }
  }

  private static Iterable<JsonNode> each(JsonNode list) {
    return list.isArray() ? list : List.of(list);
  }

  /** The middle and the sides of each area, in parts of the picture or in pixels. */
  private static void workingGroup(JsonNode info, List<Region> found) {
    JsonNode dimensions = info.path("AppliedToDimensions");
    for (JsonNode region : each(info.path("RegionList"))) {
      JsonNode area = region.path("Area");
      boolean isFace = region.path("Type").asText("Face").equalsIgnoreCase("Face");
      boolean pixels = area.path("Unit").asText().equalsIgnoreCase("pixel");
      double across = pixels ? number(dimensions.path("W")) : 1;
      double down = pixels ? number(dimensions.path("H")) : 1;
      double width = number(area.path("W")) / across;
      double height = number(area.path("H")) / down;
      double left = number(area.path("X")) / across - width / 2;
      double top = number(area.path("Y")) / down - height / 2;
      add(isFace, region.path("Name"), new double[] {left, top, width, height}, found);
    }
  }

  /** Left, top, width and height in parts of the picture, parted by commas. */
  private static void microsoft(JsonNode info, List<Region> found) {
    for (JsonNode region : each(info.path("Regions"))) {
      double[] box =
          Arrays.stream(region.path("Rectangle").asText().split(",", 5))
              .mapToDouble(part -> Tags.parsed(part.strip()))
              .toArray();
      add(box.length == 4, region.path("PersonDisplayName"), box, found);
    }
  }

  private static void add(boolean isFace, JsonNode name, double[] box, List<Region> found) {
    if (isFace && found.size() < MOST && Arrays.stream(box).allMatch(Double::isFinite)) {
      Optional<String> called = Tags.text(name).filter(text -> text.length() <= LONGEST_NAME);
      found.add(new Region(called.orElse(null), box[0], box[1], box[2], box[3]));
    }
  }

  /** NaN: it is none. */
  private static double number(JsonNode node) {
    return node.isNumber() ? node.asDouble() : Tags.parsed(node.asText().strip());
  }
}
