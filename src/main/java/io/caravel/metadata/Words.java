package io.caravel.metadata;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What people and programs wrote about a photo; null and empty are what nobody wrote. Where EXIF,
 * XMP and IPTC say different things EXIF goes first, then XMP; IPTC before XMP where its digest
 * tells that it was changed afterwards.
 *
 * @param caption what is to be seen: the description
 * @param keywords each once; of hierarchical ones the whole path, {@code Places|Austria|Vienna}
 * @param creator several by {@code ; }
 * @param rating -1 (rejected), 0 (none) to 5
 * @param label a colour or its meaning, as the program calls it
 * @param persons by name
 * @see <a
 *     href="https://web.archive.org/web/20180919181934/http://www.metadataworkinggroup.org/pdf/mwg_guidance.pdf">Metadata
 *     Working Group: Guidelines for Handling Image Metadata 2.0, chapter 5</a>
 */
public record Words(
    @Nullable String title,
    @Nullable String headline,
    @Nullable String caption,
    List<String> keywords,
    @Nullable String creator,
    @Nullable String copyright,
    @Nullable Integer rating,
    @Nullable String label,
    List<String> persons) {
  private static final int LONGEST_LINE = 1024;
  private static final int LONGEST_CAPTION = 8000;
  private static final int LONGEST_NAME = 255;
  private static final int MOST_NAMES = 500;
  private static final int DEEPEST = 20;

  /** What cameras write where a description belongs. */
  private static final Pattern NO_DESCRIPTION =
      Pattern.compile(
          "(?i)(OLYMPUS|MINOLTA|KODAK|SONY|SAMSUNG|KONICA|CASIO|EPSON|Digital|LEAD)?\\s*(DIGITAL (STILL )?CAMERA|DSC|PICTURE|Technologies.*)"
              + "|Exif_JPEG_PICTURE|DCIM\\\\.*|default|untitled|binary comment|charset=\"?\\w+\"?|.*_cuva|maker:.*|date:.*");

  private static final String[] KEYWORD_PATHS = {
    "XMP-lr:HierarchicalSubject",
    "XMP-digiKam:TagsList",
    "XMP-microsoft:LastKeywordXMP",
    "XMP-MicrosoftPhoto:LastKeywordXMP",
    "XMP-mediapro:CatalogSets"
  };

  static Words of(Tags tags) {
    boolean iptcFirst = isIptcNewer(tags);
    return new Words(
        line(
            ordered(
                tags,
                iptcFirst,
                "XMP-dc:Title",
                "IPTC:ObjectName",
                "",
                "IFD0:XPTitle",
                "PNG:Title")),
        line(ordered(tags, iptcFirst, "XMP-photoshop:Headline", "IPTC:Headline", "")),
        caption(tags, iptcFirst),
        keywords(tags, iptcFirst),
        creators(tags, iptcFirst),
        line(ordered(tags, iptcFirst, "XMP-dc:Rights", "IPTC:CopyrightNotice", "IFD0:Copyright")),
        rating(tags),
        tags.text("XMP-xmp:Label").map(label -> cut(label, LONGEST_NAME)).orElse(null),
        persons(tags));
  }

  /** What Google Takeout tells. */
  static Words ofTakeout(@Nullable String description, List<String> people) {
    return new Words(
        null,
        null,
        description == null ? null : cut(description, LONGEST_CAPTION),
        List.of(),
        null,
        null,
        null,
        null,
        names(people.stream()));
  }

  /** What is searched. */
  Stream<@Nullable String> texts() {
    return Stream.of(
            Stream.of(title, headline, caption, creator, copyright, label),
            keywords.stream(),
            persons.stream())
        .flatMap(each -> each);
  }

  /** Each keyword and each part of a hierarchical one. */
  Set<String> keywordParts() {
    return keywords.stream()
        .flatMap(each -> Stream.concat(Stream.of(each), Stream.of(each.split("\\|"))))
        .map(String::strip)
        .filter(part -> !part.isEmpty())
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static boolean isIptcNewer(Tags tags) {
    Optional<String> then = tags.text("Photoshop:IPTCDigest");
    Optional<String> now = tags.text("File:CurrentIPTCDigest");
    return then.isPresent() && now.isPresent() && !then.equals(now);
  }

  /** The first that is there of EXIF, XMP and IPTC, each in its charset, and then others. */
  private static Optional<String> ordered(
      Tags tags, boolean iptcFirst, String xmp, String iptc, String exif, String... others) {
    Optional<String> exifs = exif.isEmpty() ? Optional.empty() : tags.text(exif);
    Optional<String> xmps = Optional.of(joined(tags.list(xmp))).filter(text -> !text.isEmpty());
    Optional<String> iptcs =
        Optional.of(joined(iptcList(tags, iptc))).filter(text -> !text.isEmpty());
    Optional<String> first = iptcFirst ? iptcs.or(() -> xmps) : xmps.or(() -> iptcs);
    // EXIF has no charset: what is not ASCII or UTF-8 comes as question marks.
    boolean exifIsLegible = exifs.filter(text -> !text.contains("?")).isPresent();
    Optional<String> chosen = exifIsLegible ? exifs.or(() -> first) : first.or(() -> exifs);
    return chosen.or(() -> Stream.of(others).flatMap(name -> tags.text(name).stream()).findFirst());
  }

  private static String joined(List<String> texts) {
    return String.join("; ", texts);
  }

  private static @Nullable String line(Optional<String> text) {
    return text.map(each -> cut(each, LONGEST_LINE)).orElse(null);
  }

  private static @Nullable String caption(Tags tags, boolean iptcFirst) {
    String exif = "IFD0:ImageDescription";
    boolean isDescription =
        tags.text(exif).filter(text -> !NO_DESCRIPTION.matcher(text).matches()).isPresent();
    return ordered(
            tags,
            iptcFirst,
            "XMP-dc:Description",
            "IPTC:Caption-Abstract",
            isDescription ? exif : "",
            "IFD0:XPComment",
            "IFD0:XPSubject",
            "PNG:Description",
            "ExifIFD:UserComment")
        .filter(text -> !NO_DESCRIPTION.matcher(text).matches())
        .map(text -> cut(text, LONGEST_CAPTION))
        .orElse(null);
  }

  private static @Nullable String creators(Tags tags, boolean iptcFirst) {
    return line(
        ordered(tags, iptcFirst, "XMP-dc:Creator", "IPTC:By-line", "IFD0:Artist", "IFD0:XPAuthor"));
  }

  private static @Nullable Integer rating(Tags tags) {
    for (String name : List.of("XMP-xmp:Rating", "IFD0:Rating")) {
      Optional<Integer> rating =
          tags.number(name).stream()
              .filter(stars -> stars >= -1 && stars <= 5)
              .mapToObj(stars -> (int) Math.floor(stars))
              .findFirst();
      if (rating.isPresent()) {
        return rating.get();
      }
    }
    // Windows: 1, 25, 50, 75 and 99 per cent are one to five stars.
    return tags
        .number("XMP-microsoft:RatingPercent", "XMP-MicrosoftPhoto:Rating", "IFD0:RatingPercent")
        .stream()
        .filter(percent -> percent >= 0 && percent <= 100)
        .mapToObj(percent -> percent < 1 ? 0 : Math.min(5, 1 + (int) Math.round(percent / 25)))
        .findFirst()
        .orElse(null);
  }

  private static List<String> keywords(Tags tags, boolean iptcFirst) {
    List<String> xmp = tags.list("XMP-dc:Subject");
    List<String> iptc = iptcList(tags, "IPTC:Keywords");
    boolean byIptc = xmp.isEmpty() || iptcFirst && !iptc.isEmpty();
    List<String> flat = byIptc ? iptc : xmp;
    if (flat.isEmpty()) {
      flat =
          tags.text("IFD0:XPKeywords").stream()
              .flatMap(each -> Stream.of(each.split("[;,]")))
              .toList();
    }
    List<String> paths = new ArrayList<>();
    for (String name : KEYWORD_PATHS) {
      // Lightroom parts by |, the others by /; a path of one part is a keyword like any other.
      tags.list(name)
          .forEach(path -> paths.add(path.contains("|") ? path : path.replace('/', '|')));
    }
    tags.node("XMP-mwg-kw:KeywordInfo")
        .map(info -> info.path("Hierarchy"))
        .ifPresent(hierarchy -> descend(hierarchy, "", paths, 0));
    return names(Stream.concat(flat.stream(), paths.stream()));
  }

  private static void descend(JsonNode keywords, String above, List<String> paths, int depth) {
    if (depth == DEEPEST || paths.size() >= MOST_NAMES) {
      return;
    }
    Iterable<JsonNode> each = keywords.isArray() ? keywords : List.of(keywords);
    for (JsonNode keyword : each) {
      Optional<String> name = Tags.text(keyword.path("Keyword"));
      if (name.isPresent()) {
        String path = above + name.get().replace('|', ' ');
        JsonNode children = keyword.path("Children");
        if (children.isContainerNode() && !children.isEmpty()) {
          descend(children, path + "|", paths, depth + 1);
        } else {
          paths.add(path);
        }
      }
    }
  }

  private static List<String> persons(Tags tags) {
    Stream<String> listed = tags.list("XMP-iptcExt:PersonInImage").stream();
    Stream<String> detailed =
        named(tags, "XMP-iptcExt:PersonInImageWDetails", "", "PersonName").stream();
    Stream<String> faces = named(tags, "XMP-mwg-rs:RegionInfo", "RegionList", "Name").stream();
    Stream<String> microsoft =
        named(tags, "XMP-MP:RegionInfoMP", "Regions", "PersonDisplayName").stream();
    return names(Stream.of(listed, detailed, faces, microsoft).flatMap(each -> each));
  }

  /** The names of regions that are faces, or do not say what they are. */
  private static List<String> named(Tags tags, String tag, String list, String name) {
    List<String> names = new ArrayList<>();
    tags.node(tag)
        .map(node -> list.isEmpty() ? node : node.path(list))
        .ifPresent(
            regions -> {
              Iterable<JsonNode> each = regions.isArray() ? regions : List.of(regions);
              for (JsonNode region : each) {
                String type = region.path("Type").asText("Face");
                if (type.equalsIgnoreCase("Face")) {
                  Tags.text(region.path(name)).ifPresent(names::add);
                }
              }
            });
    return names;
  }

  private static List<String> names(Stream<String> names) {
    return names
        .map(name -> cut(name.strip(), LONGEST_NAME))
        .filter(name -> !name.isEmpty())
        .distinct()
        .limit(MOST_NAMES)
        .toList();
  }

  private static List<String> iptcList(Tags tags, String name) {
    boolean told = tags.has("IPTC:CodedCharacterSet");
    return tags.list(name).stream().map(text -> told ? text : decoded(text)).toList();
  }

  /**
   * IPTC that does not name its charset is read as Windows' Latin; what was UTF-8 all the same is
   * valid as that, which other text beyond ASCII hardly ever is.
   */
  static String decoded(String latin) {
    if (latin.chars().allMatch(each -> each < 0x80)) {
      return latin;
    }
    Charset windows = Charset.forName("windows-1252");
    byte[] bytes = new byte[latin.length()];
    for (int i = 0; i < bytes.length; i++) {
      char each = latin.charAt(i);
      if (each < 0x100) {
        bytes[i] = (byte) each;
      } else if (windows.newEncoder().canEncode(each)) {
        bytes[i] = String.valueOf(each).getBytes(windows)[0];
      } else {
        return latin;
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      return latin;
    }
  }

  private static String cut(String text, int longest) {
    return text.codePointCount(0, text.length()) <= longest
        ? text
        : text.substring(0, text.offsetByCodePoints(0, longest));
  }
}
