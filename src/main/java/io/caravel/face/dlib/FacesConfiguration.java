package io.caravel.face.dlib;

import io.caravel.face.FaceFinder;
import io.caravel.job.Failure;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Opens the face engine; the models are read when the first photo comes. */
@Configuration
class FacesConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(FacesConfiguration.class);

  /**
   * @param models directory of dlib's model files
   */
  @Bean(destroyMethod = "close")
  FaceFinder faceFinder(
      @Value("${caravel.home}") Path home,
      @Value("${caravel.node}") String node,
      @Value("${caravel.face.models}") Path models) {
    DlibFaces faces = DlibFaces.load(home.resolve("native").resolve(node), models);
    Failure unready = faces.unready();
    if (unready == null) {
      LOG.info("Faces are found by {}.", faces.engine());
    } else {
      LOG.warn("{}", unready.getMessage());
    }
    return faces;
  }
}
