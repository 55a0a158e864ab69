package io.caravel.flow;

import io.caravel.door.Problem;
import io.caravel.door.SentFile;
import io.caravel.ground.Failure;
import io.caravel.photo.Filenames;
import io.caravel.photo.Originals;
import io.caravel.photo.Outcome;
import io.caravel.photo.Staged;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.camel.Header;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;
import org.springframework.web.util.WebUtils;

/** The files of an upload request, which the server has streamed to disk, and their answer. */
@Component("uploads")
public class Uploads {
  private static final List<Integer> PRECEDENCE = List.of(507, 503, 500, 413, 415, 404, 400);

  private final Originals originals;
  private final MeterRegistry metrics;

  Uploads(Originals originals, MeterRegistry metrics) {
    this.originals = originals;
    this.metrics = metrics;
    Stream.of("accepted", "exists", "rejected").forEach(this::counter);
  }

  private Counter counter(String outcome) {
    return Counter.builder("caravel.uploads")
        .description("Files of uploads and references, by what they were answered")
        .tags("outcome", outcome)
        .register(metrics);
  }

  /** All files of the request, whatever their parts are called. */
  public List<MultipartFile> files(@Header("CamelHttpServletRequest") HttpServletRequest request) {
    MultipartHttpServletRequest multipart =
        WebUtils.getNativeRequest(request, MultipartHttpServletRequest.class);
    List<MultipartFile> files =
        multipart == null
            ? List.of()
            : multipart.getMultiFileMap().values().stream().flatMap(List::stream).toList();
    if (files.isEmpty()) {
      throw Failure.lasting(
          "bad-request",
          "The request holds no file: send multipart/form-data with one part per photo, such as curl -F file=@photo.jpg.");
    }
    return files;
  }

  /** What a file of the request is refused for. */
  public Outcome rejected(MultipartFile part, Exception problem) {
    return Outcome.rejected(filename(part), problem);
  }

  /** The name of a file as its sender gave it. */
  private static String filename(MultipartFile part) {
    return Filenames.clean(part.getOriginalFilename());
  }

  /** Stages a file: where it lies already, for thousands of parts each rename would be felt. */
  public Staged stage(MultipartFile part) {
    if (part instanceof SentFile sent) {
      return new Staged(filename(part), sent.staged(), sent.lastModified(), Staged.UPLOADS);
    }
    Path file = originals.stage();
    try {
      part.transferTo(file.toFile());
    } catch (IOException e) {
      throw Originals.unwritable(e);
    }
    return new Staged(filename(part), file, null, Staged.UPLOADS);
  }

  /** The answer to an upload: each file in the order it was sent. */
  public Map<String, Object> answer(List<Outcome> outcomes) {
    outcomes.forEach(outcome -> counter(outcome.status()).increment());
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("photos", outcomes);
    return answer;
  }

  /**
   * 202, unless every file was rejected. Then first what may pass, so that the sender tries again:
   * 507, 503; then 413 when one was too large; then 415, 404, 400.
   */
  public int status(List<Outcome> outcomes) {
    if (!outcomes.stream().allMatch(Outcome::isRejected)) {
      return 202;
    }
    return outcomes.stream()
        .mapToInt(outcome -> RouteProblems.status(String.valueOf(outcome.cause())))
        .boxed()
        .min(Comparator.comparing(PRECEDENCE::indexOf))
        .orElse(400);
  }

  /** Retry-After, in seconds, where what hindered all of them may pass; else null. */
  public @Nullable String again(List<Outcome> outcomes) {
    int status = status(outcomes);
    return Problem.again(status);
  }
}
