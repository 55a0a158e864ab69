package io.caravel.metadata;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * When a photo was taken, as far as anything tells: its metadata, its name, its file. The first
 * date that can be is taken, the exposure's before the digitising's before the change's.
 *
 * @param moment null: nothing tells
 * @param from exif, xmp, iptc, png, gps, sidecar, takeout, name, modified or file
 * @param passedOver a sentence on each date that was found before it and cannot be
 */
record Taken(@Nullable Moment moment, @Nullable String from, List<String> passedOver) {
  private static final int SHOWN = 40;
  private static final int MOST_SENTENCES = 10;

  /** What a clock shows that was never set. */
  private static final LocalDate NEVER_SET = LocalDate.of(1970, 1, 1);

  /** Ahead of the clock here by so much is no other zone, but a clock that is wrong. */
  private static final Duration AHEAD = Duration.ofDays(1);

  private static final String[] XMP = {
    "XMP-exif:DateTimeOriginal",
    "XMP-photoshop:DateCreated",
    "XMP-exif:DateTimeDigitized",
    "XMP-xmp:CreateDate"
  };

  private static final String ORIGINAL = "DateTimeOriginal";
  private static final String DIGITIZED = "CreateDate";
  private static final String MODIFIED = "ModifyDate";

  static Taken of(
      Tags tags, Beside beside, String filename, @Nullable Instant fileTime, Instant now) {
    return new Search(tags, now).of(beside, filename, fileTime);
  }

  private static final class Search {
    private final Tags tags;
    private final LocalDateTime latest;
    private final Set<String> passedOver = new LinkedHashSet<>();
    private @Nullable Moment moment;
    private @Nullable String from;

    Search(Tags tags, Instant now) {
      this.tags = tags;
      this.latest = LocalDateTime.ofInstant(now.plus(AHEAD), ZoneOffset.UTC);
    }

    Taken of(Beside beside, String filename, @Nullable Instant fileTime) {
      if (tags.text("File:MIMEType").filter(type -> type.startsWith("video/")).isPresent()) {
        film();
      }
      exif(ORIGINAL, "SubSecTimeOriginal", "OffsetTimeOriginal", "ExifIFD:", "IFD0:");
      exif(DIGITIZED, "SubSecTimeDigitized", "OffsetTimeDigitized", "ExifIFD:", "IFD0:");
      written("xmp", XMP);
      iptc("IPTC:DateCreated", "IPTC:TimeCreated");
      iptc("IPTC:DigitalCreationDate", "IPTC:DigitalCreationTime");
      written("png", "PNG:CreationTime");
      // A maker's clock in groups of its own is better than what follows.
      written("exif", "*:" + ORIGINAL, "*:" + DIGITIZED);
      gps();
      beside(beside);
      if (moment == null) {
        NamedDate.read(filename).ifPresent(named -> take("name", "The file's name", "", named));
      }
      exif(MODIFIED, "SubSecTime", "OffsetTime", "ExifIFD:", "IFD0:");
      written("modified", "XMP-xmp:ModifyDate", "PNG:ModifyDate", "*:" + MODIFIED);
      if (moment == null && fileTime != null) {
        take("file", "The file's own time", "", Moment.universal(fileTime));
      }
      return new Taken(moment, from, List.copyOf(passedOver));
    }

    /**
     * What Apple's and others' cameras write by the clock there comes before QuickTime's own time,
     * which is UTC (QuickTime File Format, Movie Header Atoms), as Matroska's is (RFC 9559,
     * 5.1.2.11).
     */
    private void film() {
      written(
          "exif",
          "Keys:CreationDate",
          "ItemList:ContentCreateDate",
          "UserData:ContentCreateDate",
          "UserData:DateTimeOriginal",
          "XML:CreationDateValue");
      for (String name :
          List.of(
              "QuickTime:CreateDate",
              "Track1:MediaCreateDate",
              "Track1:TrackCreateDate",
              "Info:DateTimeOriginal",
              "Matroska:DateTimeOriginal")) {
        read("exif", name, Search::universally);
      }
    }

    private static Moment universally(Moment found) {
      return found.hasTime() && found.offsetMinutes().isEmpty()
          ? new Moment(found.at(), found.precision(), found.offsetMinutes(), true)
          : found;
    }

    private void exif(String time, String fraction, String offset, String... groups) {
      for (String group : groups) {
        read(
            time.equals(MODIFIED) ? "modified" : "exif",
            group + time,
            found -> withOffset(withFraction(found, fraction), time, offset));
      }
    }

    private void written(String source, String... names) {
      for (String name : names) {
        // XMP has the fraction and the zone in its dates; a maker's own are told beside EXIF's.
        read(
            source,
            name,
            found ->
                name.startsWith("*:")
                    ? withOffset(found, name.substring(2), "OffsetTimeOriginal")
                    : found);
      }
    }

    private void iptc(String date, String time) {
      Optional<String> day = tags.text(date);
      if (day.isPresent()) {
        String text = day.get() + tags.text(time).map(clock -> " " + clock).orElse("");
        read("iptc", date, text, found -> found);
      }
    }

    private void gps() {
      Optional<String> text = utc(tags);
      if (text.isPresent()) {
        read("gps", "GPSDateTime", text.get(), Search::universal);
      } else {
        read("gps", "GPS:GPSDateStamp", found -> found);
      }
    }

    private static Moment universal(Moment found) {
      if (!found.hasTime()) {
        return found;
      }
      return Moment.universal(found.at().minusMinutes(found.offsetMinutes().orElse(0)));
    }

    /** What lies beside the photo. */
    private void beside(Beside beside) {
      for (Tags sidecar : beside.xmp()) {
        for (String name : XMP) {
          sidecar.texts(name).forEach(text -> read("sidecar", name, text, found -> found));
        }
      }
      Instant takeout = beside.taken();
      if (moment == null && takeout != null) {
        take("takeout", "photoTakenTime", takeout.toString(), Moment.universal(takeout));
      }
    }

    private void read(String source, String name, UnaryOperator<Moment> completed) {
      for (String text : tags.texts(name)) {
        read(source, name, text, completed);
      }
    }

    private void read(String source, String name, String text, UnaryOperator<Moment> completed) {
      if (moment != null) {
        return;
      }
      String what = name.substring(name.indexOf(':') + 1);
      Optional<Moment> found = WrittenDate.read(text);
      if (found.isPresent()) {
        take(source, what, text, completed.apply(found.get()));
      } else {
        boolean empty = text.chars().noneMatch(each -> each >= '1' && each <= '9');
        pass(what, text, empty ? "names no date" : "is no date that can be");
      }
    }

    private void take(String source, String what, String text, Moment found) {
      if (found.precision().compareTo(Moment.Precision.DAY) >= 0
          && found.at().toLocalDate().equals(NEVER_SET)) {
        pass(what, text, "is 1970-01-01, which a clock shows that was never set");
      } else if (found.at().isAfter(latest)) {
        pass(what, text, "lies in the future");
      } else {
        moment = found;
        from = source;
      }
    }

    private void pass(String what, String text, String why) {
      if (passedOver.size() == MOST_SENTENCES) {
        return;
      }
      String shown = text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
      passedOver.add(
          shown.isEmpty()
              ? "%s %s: it was passed over.".formatted(what, why)
              : "%s \"%s\" %s: it was passed over.".formatted(what, shown, why));
    }

    private Moment withFraction(Moment found, String fraction) {
      return tags.text("ExifIFD:" + fraction)
          .filter(digits -> digits.matches("\\d{1,9}"))
          .filter(digits -> found.hasTime() && found.at().getNano() == 0)
          .map(digits -> Integer.parseInt((digits + "000").substring(0, 3)))
          .map(
              millis ->
                  new Moment(
                      found.at().withNano(millis * 1_000_000),
                      found.precision(),
                      found.offsetMinutes(),
                      found.universal()))
          .orElse(found);
    }

    /** The offset in the time, that beside it, else that of another time which shows the same. */
    private Moment withOffset(Moment found, String time, String offset) {
      if (!found.hasTime() || found.offsetMinutes().isPresent()) {
        return found;
      }
      OptionalInt minutes =
          Stream.of(
                  offsets(offset),
                  hours(time),
                  sameTime(found, ORIGINAL) ? offsets("OffsetTimeOriginal") : Stream.<String>of(),
                  sameTime(found, DIGITIZED) ? offsets("OffsetTimeDigitized") : Stream.<String>of(),
                  sameTime(found, MODIFIED) ? offsets("OffsetTime") : Stream.<String>of())
              .flatMap(each -> each)
              .map(WrittenDate::offset)
              .filter(OptionalInt::isPresent)
              .mapToInt(OptionalInt::getAsInt)
              .findFirst();
      return minutes.isPresent() ? found.withOffset(minutes.getAsInt()) : found;
    }

    private Stream<String> offsets(String name) {
      return Stream.of("ExifIFD:" + name, "*:" + name).flatMap(each -> tags.texts(each).stream());
    }

    /** TimeZoneOffset: hours, of DateTimeOriginal and then of ModifyDate. */
    private Stream<String> hours(String time) {
      return tags.text("ExifIFD:TimeZoneOffset", "*:TimeZoneOffset").stream()
          .map(hours -> hours.split("[ ,]+"))
          .flatMap(
              hours ->
                  !time.equals(MODIFIED)
                      ? Stream.of(hours[0])
                      : hours.length > 1 ? Stream.of(hours[1]) : Stream.of());
    }

    private boolean sameTime(Moment found, String other) {
      return Stream.of("ExifIFD:" + other, "IFD0:" + other)
          .flatMap(name -> tags.text(name).stream())
          .flatMap(text -> WrittenDate.read(text).stream())
          .anyMatch(same -> same.at().withNano(0).equals(found.at().withNano(0)));
    }
  }

  private static Optional<String> utc(Tags tags) {
    return tags.text("Composite:GPSDateTime", "XMP-exif:GPSDateTime", "XMP-exif:GPSTimeStamp")
        .filter(text -> WrittenDate.read(text).filter(Moment::hasTime).isPresent());
  }

  /** The satellites' time, UTC. */
  static Optional<LocalDateTime> satellites(Tags tags) {
    return utc(tags).flatMap(WrittenDate::read).map(Search::universal).map(Moment::at);
  }
}
