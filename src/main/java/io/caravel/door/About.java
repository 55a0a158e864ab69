package io.caravel.door;

import io.caravel.thumbnail.ThumbnailSpec;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What a client has to know of this node before it shows anything. */
@Component("about")
public class About {
  private final Environment settings;
  private final JdbcClient database;

  About(Environment settings, JdbcClient database) {
    this.settings = settings;
    this.database = database;
  }

  /**
   * This node.
   *
   * @param user the log-in's name; null where there is no log-in
   * @param inbox path of the watched folder, on the node's machine
   * @param thumbnails names of those that are made for every photo, such as {@code cover-300x300}
   * @param maxUploadMb per file
   * @param faceThreshold Euclidean
   * @param roles what the node does: CARAVEL_ROLES
   * @param photos that are not in the trash
   */
  public record Node(
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
   * @param url without a password that it may hold
   * @param periodMs least time between two questions, over all nodes
   */
  public record Nominatim(String url, long periodMs) {}

  /**
   * This node, as it is set up.
   *
   * @param who the log-in's name; of no meaning where there is no log-in
   */
  public Node node(String who) {
    return new Node(
        text("version"),
        text("user").isBlank() ? null : who,
        text("node"),
        text("inbox"),
        ThumbnailSpec.parseList(text("thumbnails")).stream().map(ThumbnailSpec::name).toList(),
        setting("max-upload-mb", Long.class),
        setting("trash-days", Integer.class),
        setting("face.threshold", Double.class),
        setting("geocoding", Boolean.class),
        new Nominatim(
            text("nominatim.url").replaceFirst("//[^/]*@", "//"),
            setting("nominatim.period-ms", Long.class)),
        Stream.of("intake", "thumbnails", "metadata", "geolocation", "faces", "web")
            .filter(role -> setting("role." + role, Boolean.class))
            .toList(),
        database
            .sql("select count(*) from images where deleted_at is null")
            .query(Long.class)
            .single());
  }

  private String text(String name) {
    return setting(name, String.class);
  }

  private <T> T setting(String name, Class<T> type) {
    return settings.getRequiredProperty("caravel." + name, type);
  }
}
