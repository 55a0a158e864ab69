package io.caravel.door;

import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.web.multipart.MultipartFile;

/** A file of a form. */
public interface SentFile extends MultipartFile {
  /** When it was written, as the field lastModified before it said; null: that is not told. */
  @Nullable Instant lastModified();

  /** Where it lies, as a file that intake may take from there. */
  Path staged();
}
