package io.caravel.door;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.stereotype.Component;
import org.springframework.util.DigestUtils;
import org.springframework.web.servlet.config.annotation.ResourceHandlerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * The page's files. A browser asks for each anew and is told when what it has is still right, so no
 * page is older than its program. Right by content: all files of a jar that is built reproducibly
 * have the same date, whatever the version.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE) // Spring Boot steps back from a pattern that is taken
class StaticFiles implements WebMvcConfigurer {
  @Override
  public void addResourceHandlers(ResourceHandlerRegistry registry) {
    registry
        .addResourceHandler("/**")
        .addResourceLocations("classpath:/static/")
        .setCacheControl(CacheControl.noCache())
        .setUseLastModified(false)
        .setEtagGenerator(StaticFiles::tag);
  }

  /** Weak: Tomcat compresses nothing that has a strong one. */
  private static String tag(Resource file) {
    try (InputStream content = file.getInputStream()) {
      return "W/\"" + DigestUtils.md5DigestAsHex(content) + "\"";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
