package io.caravel.thumbnail.vips;

import io.caravel.job.Tool;
import io.caravel.photo.PictureHeader;
import io.caravel.photo.RawPreviews;
import io.caravel.thumbnail.Pictures;
import io.caravel.thumbnail.Posters;
import io.caravel.thumbnail.ThumbnailatorThumbnailer;
import io.caravel.thumbnail.Thumbnailer;
import io.caravel.thumbnail.video.Videos;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
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
   * What there is to decode with.
   *
   * @param java reads what libvips does not
   */
  record Engine(@Nullable VipsPictures vips, ThumbnailatorThumbnailer java) {}

  @Bean
  Posters posters(
      @Value("${caravel.home}") Path home,
      @Value("${caravel.node}") String node,
      @Value("${caravel.video.child-mb}") int megabytes) {
    return new Videos(home.resolve("native").resolve(node).toAbsolutePath(), megabytes);
  }

  /**
   * @param engine {@code auto}, or {@code java} to leave libvips out
   * @param children caged decoders at a time
   * @param childMegabytes memory of each
   */
  @Bean
  Engine pictureEngine(
      RawPreviews previews,
      Posters posters,
      @Value("${caravel.max-megapixels}") int maxMegapixels,
      @Value("${caravel.home}") Path home,
      @Value("${caravel.node}") String node,
      @Value("${caravel.thumbnail.engine}") String engine,
      @Value("${caravel.thumbnail.children}") int children,
      @Value("${caravel.thumbnail.child-mb}") int childMegabytes,
      @Value("${caravel.thumbnail.quality}") int quality) {
    VipsPictures vips =
        engine.equals("java")
            ? null
            : VipsPictures.load(
                home.resolve("native").resolve(node),
                previews,
                posters,
                maxMegapixels,
                children,
                childMegabytes);
    return new Engine(vips, new ThumbnailatorThumbnailer(quality));
  }

  @Bean
  Thumbnailer thumbnailer(Engine engine, @Value("${caravel.thumbnail.quality}") int quality) {
    VipsPictures vips = engine.vips();
    Thumbnailer chosen =
        vips == null ? engine.java() : new VipsThumbnailer(vips, engine.java(), quality);
    LOG.info("Thumbnails are made by {}.", chosen.engine());
    return chosen;
  }

  @Bean
  Tool thumbnailTool(Thumbnailer thumbnailer) {
    return Tool.of("thumbnails", thumbnailer::engine);
  }

  @Bean
  Pictures pictures(Engine engine) {
    VipsPictures vips = engine.vips();
    return vips == null
        ? engine.java()
        : (photo, longestSide, caged) ->
            (vips.reads(PictureHeader.read(photo)) ? vips : engine.java())
                .decode(photo, longestSide, caged);
  }
}
