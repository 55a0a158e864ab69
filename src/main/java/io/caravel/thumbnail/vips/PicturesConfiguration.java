package io.caravel.thumbnail.vips;

import io.caravel.photo.RawPreviews;
import io.caravel.thumbnail.ThumbnailatorThumbnailer;
import io.caravel.thumbnail.Thumbnailer;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Chooses the picture engine: libvips where it is, else pure Java. */
@Configuration
class PicturesConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(PicturesConfiguration.class);

  /**
   * @param engine {@code auto}, or {@code java} to leave libvips out
   * @param children caged decoders at a time
   * @param childMegabytes memory of each
   */
  @Bean
  Thumbnailer thumbnailer(
      RawPreviews previews,
      @Value("${caravel.max-megapixels}") int maxMegapixels,
      @Value("${caravel.home}") Path home,
      @Value("${caravel.node}") String node,
      @Value("${caravel.thumbnail.engine}") String engine,
      @Value("${caravel.thumbnail.children}") int children,
      @Value("${caravel.thumbnail.child-mb}") int childMegabytes,
      @Value("${caravel.thumbnail.quality}") int quality) {
    Thumbnailer java = new ThumbnailatorThumbnailer(quality);
    VipsPictures pictures =
        engine.equals("java")
            ? null
            : VipsPictures.load(
                home.resolve("native").resolve(node),
                previews,
                maxMegapixels,
                children,
                childMegabytes);
    Thumbnailer chosen = pictures == null ? java : new VipsThumbnailer(pictures, java, quality);
    LOG.info("Thumbnails are made by {}.", chosen.engine());
    return chosen;
  }
}
