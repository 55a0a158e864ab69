package io.caravel.door;

import io.caravel.photo.PictureType;
import io.caravel.thumbnail.Thumbnailer;
import org.springframework.boot.actuate.health.AbstractHealthIndicator;
import org.springframework.boot.actuate.health.Health;
import org.springframework.stereotype.Component;

/** Which engine makes the thumbnails, and what it cannot do. */
@Component("picturesHealthIndicator")
class PicturesHealth extends AbstractHealthIndicator {
  private final Thumbnailer thumbnailer;

  PicturesHealth(Thumbnailer thumbnailer) {
    this.thumbnailer = thumbnailer;
  }

  @Override
  protected void doHealthCheck(Health.Builder health) {
    health.up().withDetail("engine", thumbnailer.engine());
    if (!thumbnailer.reads(PictureType.HEIC)) {
      health.withDetail(
          "reason",
          "libvips is not there, so thumbnails of HEIC, AVIF, WebP, TIFF, JPEG 2000 and RAW photos fail:"
              + " install libvips42 (or libvips42t64) and g++, then start with ./caravel run.");
    }
  }
}
