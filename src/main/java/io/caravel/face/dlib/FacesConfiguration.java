package io.caravel.face.dlib;

import io.caravel.face.FaceFinder;
import io.caravel.ground.Failure;
import io.caravel.job.Tool;
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

  private static final double LEAST_MEGAPIXELS = 0.1;
  private static final double MOST_MEGAPIXELS = 24; // a gigabyte for each worker

  /**
   * @param models directory of dlib's model files
   * @param detector {@code yunet} or {@code hog}
   * @param score from which on what YuNet sees is a face
   * @param megapixels that YuNet looks at
   */
  @Bean(destroyMethod = "close")
  FaceFinder faceFinder(
      @Value("${caravel.home}") Path home,
      @Value("${caravel.node}") String node,
      @Value("${caravel.face.models}") Path models,
      @Value("${caravel.face.detector}") String detector,
      @Value("${caravel.face.score}") double score,
      @Value("${caravel.face.megapixels}") double megapixels) {
    check(
        detector.equals("yunet") || detector.equals("hog"),
        "CARAVEL_FACE_DETECTOR is \"%s\": set it to yunet or hog.",
        detector);
    check(
        score > 0 && score < 1,
        "CARAVEL_FACE_SCORE is %s: give it a number above 0 and below 1.",
        score);
    check(
        megapixels >= LEAST_MEGAPIXELS && megapixels <= MOST_MEGAPIXELS,
        "CARAVEL_FACE_MEGAPIXELS is %s: give it a number from 0.1 to 24.",
        megapixels);
    Path cache = home.resolve("native").resolve(node);
    DlibFaces faces =
        detector.equals("hog")
            ? DlibFaces.load(cache, models)
            : DlibFaces.withYuNet(cache, models, score, megapixels);
    String instead = faces.instead();
    if (instead != null) {
      LOG.warn("{}", instead);
    }
    Failure unready = faces.unready();
    if (unready == null) {
      LOG.info("Faces are found by {}.", faces.engine());
    } else {
      LOG.warn("{}", unready.getMessage());
    }
    return faces;
  }

  @Bean
  Tool faceTool(FaceFinder finder) {
    return Tool.of("faces", () -> finder.unready() == null ? finder.version() : null);
  }

  private static void check(boolean right, String sentence, Object is) {
    if (!right) {
      throw new IllegalArgumentException(sentence.formatted(is));
    }
  }
}
