package io.caravel.metadata;

import java.time.LocalDateTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is kept and searched of a photo's metadata; null is what the photo does not tell.
 *
 * @param takenAt local time where the photo was taken, to the millisecond; the beginning of the
 *     year, month or day where the rest is not told
 * @param takenPrecision year, month, day or time: how far takenAt is told
 * @param takenFrom exif, xmp, iptc, png, gps, sidecar, takeout, name, modified or file
 * @param datesPassedOver a sentence on each date that was found and cannot be
 * @param takenOffsetMinutes east of UTC, at takenAt; with takenZone and takenZoneFrom null only
 *     when takenAt is, or has no time
 * @param takenZone IANA name, or the offset as written (+02:00)
 * @param takenZoneFrom offset-tag, gps-time, position or setting
 * @param exposureSeconds of the shutter
 * @param aperture f-number
 * @param orientation EXIF 1..8: how the stored picture is to be turned; 1 when not told. For HEIF
 *     and AVIF the container's own rotation is that, when it is there (ISO/IEC 23008-12)
 * @param storedWidth pixels, as the header says, before orientation
 * @param width pixels, upright
 * @param latitude WGS 84 degrees, north positive; null unless position is valid
 * @param longitude east positive
 * @param position valid, invalid (0,0, out of range, empty or without hemisphere) or none
 * @param words what people and programs wrote about it
 * @param sidecars the ids of those that were beside it; null: it was not looked for them
 * @param json all that ExifTool said, at most {@link StoredJson#MOST_BYTES}
 */
public record PhotoMetadata(
    @Nullable LocalDateTime takenAt,
    @Nullable String takenPrecision,
    @Nullable String takenFrom,
    List<String> datesPassedOver,
    @Nullable Integer takenOffsetMinutes,
    @Nullable String takenZone,
    @Nullable String takenZoneFrom,
    @Nullable String cameraMake,
    @Nullable String cameraModel,
    @Nullable String lens,
    @Nullable Double exposureSeconds,
    @Nullable Double aperture,
    @Nullable Integer iso,
    @Nullable Double focalLengthMm,
    int orientation,
    @Nullable Integer storedWidth,
    @Nullable Integer storedHeight,
    @Nullable Integer width,
    @Nullable Integer height,
    @Nullable Double latitude,
    @Nullable Double longitude,
    String position,
    Words words,
    @Nullable List<Long> sidecars,
    String json) {

  /** Whether it can be asked where the photo was taken. */
  public boolean hasPosition() {
    return position.equals(Position.VALID);
  }
}
