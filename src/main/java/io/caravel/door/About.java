package io.caravel.door;

import io.caravel.job.Steps;
import io.caravel.request.Request;
import io.caravel.thumbnail.ThumbnailSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What a caller needs to know of the program before anything else: who it is, and its limits. */
@Component("about")
public class About {
  private final JdbcClient database;
  private final Environment settings;
  private final Steps steps;

  About(JdbcClient database, Environment settings, Steps steps) {
    this.steps = steps;
    this.database = database;
    this.settings = settings;
  }

  /**
   * The program as it is set up.
   *
   * @param user the log-in's name; null where there is no log-in
   * @param inbox the watched folder, a path on the server
   * @param thumbnails made for every photo, as their addresses end
   * @param maxUploadMb for one file
   * @param trashDays how long a photo lies in the trash
   * @param faceThreshold Euclidean distance below which two faces are thought to be one person
   * @param roles what this node does
   * @param photos that are not in the trash
   */
  public record Told(
      String version,
      @Nullable String user,
      String node,
      String inbox,
      List<String> thumbnails,
      long maxUploadMb,
      int trashDays,
      double faceThreshold,
      boolean geocoding,
      Nominatim nominatim,
      List<String> roles,
      long photos) {}

  /**
   * The geocoder.
   *
   * @param periodMs least time between two questions, over all nodes
   */
  public record Nominatim(String url, long periodMs) {}

  /** What there is to know, for who asks. */
  public Told told(Request request) {
    return new Told(
        setting("spring.application.version", String.class),
        setting("caravel.user", String.class).isBlank() ? null : request.who(),
        setting("caravel.node", String.class),
        setting("caravel.inbox", String.class),
        ThumbnailSpec.parseList(setting("caravel.thumbnails", String.class)).stream()
            .map(ThumbnailSpec::name)
            .toList(),
        setting("caravel.max-upload-mb", Long.class),
        setting("caravel.trash-days", Integer.class),
        setting("caravel.face.threshold", Double.class),
        setting("caravel.geocoding", Boolean.class),
        new Nominatim(
            setting("caravel.nominatim.url", String.class),
            setting("caravel.nominatim.period-ms", Long.class)),
        steps.rolesHere(),
        database
            .sql("select count(*) from images where deleted_at is null")
            .query(Long.class)
            .single());
  }

  private <T> T setting(String name, Class<T> type) {
    return settings.getRequiredProperty(name, type);
  }
}
