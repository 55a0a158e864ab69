package io.caravel.photo;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.caravel.ground.Cause;
import io.caravel.ground.Failure;
import org.jspecify.annotations.Nullable;

/** What became of one file at the door: {@code accepted}, {@code exists} or {@code rejected}. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Outcome(
    @Nullable Long id,
    String filename,
    @Nullable String sha256,
    String status,
    @Nullable String cause,
    @Nullable String error) {
  public static Outcome accepted(long id, Original original) {
    return new Outcome(id, original.filename(), original.sha256(), "accepted", null, null);
  }

  public static Outcome exists(long id, Original original) {
    return new Outcome(id, original.filename(), original.sha256(), "exists", null, null);
  }

  /** What became of a file that lies beside photos. */
  static Outcome sidecar(String filename, String sha256, boolean fresh) {
    return new Outcome(null, filename, sha256, fresh ? "accepted" : "exists", null, null);
  }

  /** What a staged file is refused for. */
  public static Outcome refused(Staged staged, Exception problem) {
    return rejected(staged.filename(), problem);
  }

  /** What a file on a disk is refused for. */
  public static Outcome untaken(Reference reference, Exception problem) {
    return rejected(Filenames.clean(reference.file()), problem);
  }

  /** What the file is refused for; a problem that is not told in a sentence goes to the log. */
  public static Outcome rejected(String filename, Exception problem) {
    Failure failure = Failure.of(problem);
    return new Outcome(
        null, filename, null, "rejected", failure.cause(), String.valueOf(failure.getMessage()));
  }

  /** Whether it was rejected for something that may pass, such as a full disk. */
  @JsonIgnore
  public boolean isPassing() {
    return cause != null && Cause.of(cause).passes();
  }

  @JsonIgnore
  public boolean isRejected() {
    return status.equals("rejected");
  }
}
