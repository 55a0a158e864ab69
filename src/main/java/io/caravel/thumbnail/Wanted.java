package io.caravel.thumbnail;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.ground.Failure;
import io.caravel.job.Job;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The thumbnails that a job asks for, as its data say it.
 *
 * @param target where copies of them are laid; null: nowhere
 */
record Wanted(
    List<ThumbnailSpec> thumbnails, ThumbnailFormat format, @Nullable TargetPattern target) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @throws Failure {@code bad-request}
   */
  static Wanted of(Job job) {
    JsonNode data = data(job);
    JsonNode copyTo = data.get("copy_to");
    return new Wanted(
        thumbnails(data),
        ThumbnailFormat.parse(data.path("format").asText("jpeg")),
        copyTo == null ? null : TargetPattern.parse(copyTo.asText()));
  }

  private static JsonNode data(Job job) {
    try {
      return JSON.readTree(job.data());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Job " + job.id() + " has unreadable data", e);
    }
  }

  private static List<ThumbnailSpec> thumbnails(JsonNode data) {
    if (data.has("target")) {
      return List.of(ThumbnailSpec.parse(data.get("target").asText()));
    }
    List<ThumbnailSpec> thumbnails = new ArrayList<>();
    data.get("targets").forEach(each -> thumbnails.add(ThumbnailSpec.parse(each.asText())));
    return thumbnails;
  }
}
