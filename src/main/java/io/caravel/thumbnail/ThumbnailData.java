package io.caravel.thumbnail;

import io.caravel.job.StepData;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** What the data of a job say of the thumbnails that are wanted; {@link Wanted} reads it. */
@Component
public class ThumbnailData implements StepData {
  private final List<String> thumbnails;
  private final ThumbnailFormat format;
  private final @Nullable String target;

  public ThumbnailData(
      @Value("${caravel.thumbnails}") String thumbnails,
      @Value("${caravel.thumbnail.format}") String format,
      @Value("${caravel.thumbnail.target}") String target) {
    this.format = ThumbnailFormat.parse(format);
    this.target = target.isBlank() ? null : target.strip();
    this.thumbnails =
        ThumbnailSpec.setting(thumbnails).stream().map(ThumbnailSpec::toString).toList();
  }

  @Override
  public String step() {
    return "thumbnails";
  }

  @Override
  public Map<String, Object> own(@Nullable String copyTo) {
    Map<String, Object> data = withTarget(copyTo);
    data.put("targets", thumbnails);
    put(data, format);
    return data;
  }

  /**
   * One more thumbnail.
   *
   * @param copyTo where a copy of it is wanted; null: where it is set
   */
  public Map<String, Object> one(
      ThumbnailSpec wish, ThumbnailFormat format, @Nullable TargetPattern copyTo) {
    Map<String, Object> data = withTarget(copyTo == null ? null : copyTo.toString());
    data.put("target", wish.toString());
    data.put("method", wish.method().toString());
    data.put("width", wish.width());
    data.put("height", wish.height());
    put(data, format);
    return data;
  }

  /** Before the sizes: the end of the data tells whether a job is of today's settings. */
  private Map<String, Object> withTarget(@Nullable String copyTo) {
    Map<String, Object> data = new LinkedHashMap<>();
    String wanted = copyTo == null ? target : copyTo;
    if (wanted != null) {
      data.put("copy_to", wanted);
    }
    return data;
  }

  /** JPEG goes without saying: it was the only format when the keys of the first jobs were made. */
  private static void put(Map<String, Object> data, ThumbnailFormat format) {
    if (format != ThumbnailFormat.JPEG) {
      data.put("format", format.toString());
    }
  }
}
