package io.caravel.door;

import io.caravel.ground.Failure;
import io.caravel.photo.Filenames;
import io.caravel.photo.Originals;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.tomcat.util.http.fileupload.FileItemHeaders;
import org.apache.tomcat.util.http.fileupload.FileItemIterator;
import org.apache.tomcat.util.http.fileupload.FileItemStream;
import org.apache.tomcat.util.http.fileupload.FileUpload;
import org.apache.tomcat.util.http.fileupload.servlet.ServletRequestContext;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.ContentDisposition;
import org.springframework.stereotype.Component;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.multipart.MultipartHttpServletRequest;
import org.springframework.web.multipart.support.DefaultMultipartHttpServletRequest;

/**
 * Reads uploads, and bounds them while they arrive. The servlet container's own reading, which is
 * turned off, either ends a whole request for one large file or writes all of it.
 */
@Component
class Multipart {
  /** Of all the fields of a form that are no files, in characters. */
  private static final int LONGEST_TEXT = 1 << 20;

  /** Of a part's name and type, in characters. */
  private static final int LONGEST_NAME = 255;

  private static final int HEADERS_OF_A_PART = 16 * 1024;

  /** Bytes after which it is asked again whether the disk has room. */
  private static final long LOOK_AGAIN = 16L << 20;

  private final Originals originals;
  private final long largest;
  private final long mostPassedOver;
  private final int mostParts;

  /**
   * @param maxUploadMb of a file; what one has beyond it is read and forgotten, so that the other
   *     files of the request are taken
   */
  Multipart(
      Originals originals,
      @Value("${caravel.max-upload-mb}") long maxUploadMb,
      @Value("${caravel.max-parts}") int maxParts) {
    this.originals = originals;
    this.largest = maxUploadMb << 20;
    this.mostPassedOver = Math.max(64L << 20, largest);
    this.mostParts = maxParts;
  }

  /** What a request may not bring, in a sentence for its sender. */
  static final class TooMuch extends IOException {
    private static final long serialVersionUID = 1;

    TooMuch(String sentence) {
      super(sentence);
    }
  }

  /** A form that is there wholly; whichever files nobody takes are deleted by closing it. */
  static final class Form implements AutoCloseable {
    private final MultiValueMap<String, MultipartFile> files = new LinkedMultiValueMap<>();
    private final Map<String, List<String>> texts = new HashMap<>();
    private final List<Path> staged = new ArrayList<>();

    /** The request as a {@link MultipartHttpServletRequest}. */
    HttpServletRequest of(HttpServletRequest request) {
      Map<String, String[]> parameters = new HashMap<>();
      texts.forEach((name, values) -> parameters.put(name, values.toArray(String[]::new)));
      return new DefaultMultipartHttpServletRequest(request, files, parameters, Map.of());
    }

    @Override
    public void close() throws IOException {
      for (Path file : staged) {
        Files.deleteIfExists(file);
      }
    }
  }

  /**
   * Reads a multipart body to its end.
   *
   * @throws TooMuch more parts, text or bytes beyond the largest file than are read
   * @throws Failure disk-full, disk-unavailable; bad-request: a lastModified that is no time
   * @throws IOException a body that breaks off or is none
   */
  Form read(HttpServletRequest request) throws IOException {
    FileUpload upload = new EachPart();
    upload.setHeaderEncoding("UTF-8");
    upload.setPartHeaderSizeMax(HEADERS_OF_A_PART);
    Form form = new Form();
    try {
      Reading reading = new Reading(form);
      FileItemIterator parts = upload.getItemIterator(new ServletRequestContext(request));
      while (parts.hasNext()) {
        reading.part(parts.next());
      }
      return form;
    } catch (IOException | RuntimeException | Error e) {
      form.close();
      throw e;
    }
  }

  /** Passes over no part: one whose field has no name is a file, too. */
  private static final class EachPart extends FileUpload {
    @Override
    public String getFieldName(FileItemHeaders headers) {
      try {
        return Objects.requireNonNullElse(super.getFieldName(headers), "file");
      } catch (RuntimeException e) {
        return "file"; // a name that cannot be read
      }
    }

    @Override
    public String getFileName(FileItemHeaders headers) {
      return ""; // read by Spring, in disposition; null: passed over within multipart/mixed
    }
  }

  private final class Reading {
    private final Form form;
    private final byte[] chunk = new byte[64 * 1024];
    private @Nullable Instant lastModified;
    private int parts;
    private long textLeft = LONGEST_TEXT;
    private long passedOver;

    Reading(Form form) {
      this.form = form;
    }

    void part(FileItemStream part) throws IOException {
      if (++parts > mostParts) {
        throw new TooMuch(
            "A request may have %d parts: send the files in several requests."
                .formatted(mostParts));
      }
      String name = cut(Objects.requireNonNullElse(part.getFieldName(), ""));
      ContentDisposition disposition = disposition(part);
      InputStream in = part.openStream(); // whose close reads it to its end, also of a refused one
      if (disposition != null && disposition.getFilename() == null) {
        String text = text(in);
        form.texts.computeIfAbsent(name, any -> new ArrayList<>()).add(text);
        if (name.equals("lastModified")) {
          lastModified = instant(text.strip());
        }
      } else {
        String filename = disposition == null ? null : disposition.getFilename();
        String type = part.getContentType();
        form.files.add(name, file(name, named(filename), type == null ? null : cut(type), in));
        lastModified = null;
      }
    }

    /** What is kept of thousands of parts is short. */
    private static @Nullable String named(@Nullable String filename) {
      return filename == null ? null : Filenames.clean(filename);
    }

    private static String cut(String text) {
      return text.length() <= LONGEST_NAME ? text : new String(text.toCharArray(), 0, LONGEST_NAME);
    }

    private static Instant instant(String milliseconds) {
      if (!milliseconds.matches("-?\\d{1,16}")) {
        throw Failure.lasting(
            "bad-request",
            "lastModified takes milliseconds since 1970 (UTC), for the file that follows it.");
      }
      return Instant.ofEpochMilli(Long.parseLong(milliseconds));
    }

    private static @Nullable ContentDisposition disposition(FileItemStream part) {
      try {
        return ContentDisposition.parse(part.getHeaders().getHeader("Content-Disposition"));
      } catch (RuntimeException e) {
        return null; // a name that cannot be read: the file can
      }
    }

    private String text(InputStream in) throws IOException {
      byte[] text = in.readNBytes((int) textLeft + 1);
      textLeft -= text.length;
      if (textLeft < 0) {
        throw new TooMuch("The fields of the form are too long: send files as files.");
      }
      return new String(text, StandardCharsets.UTF_8);
    }

    private MultipartFile file(
        String name, @Nullable String filename, @Nullable String type, InputStream in)
        throws IOException {
      Path staged = originals.stage();
      form.staged.add(staged);
      long size = 0;
      long looked = 0;
      try (OutputStream out = Files.newOutputStream(staged)) {
        for (int read; (read = in.read(chunk)) >= 0; size += read) {
          // One byte more than may be: what comes after sees that it is too large.
          int kept = (int) Math.max(0, Math.min(read, largest + 1 - size));
          out.write(chunk, 0, kept);
          passedOver += read - kept;
          if (passedOver > mostPassedOver) {
            throw new TooMuch(
                "%s is far larger than the %d MB that CARAVEL_MAX_UPLOAD_MB allows, and nothing of the request was taken: send the other files without it."
                    .formatted(filename == null ? "A file" : filename, largest >> 20));
          }
          if (size - looked > LOOK_AGAIN) {
            looked = size;
            originals.requireRoom();
          }
        }
      }
      return new Arrived(name, filename, type, Math.min(size, largest + 1), staged, lastModified);
    }
  }

  /** A file that was written where intake takes it from by renaming it. */
  private record Arrived(
      String name,
      @Nullable String filename,
      @Nullable String type,
      long size,
      Path staged,
      @Nullable Instant lastModified)
      implements SentFile {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public @Nullable String getOriginalFilename() {
      return filename;
    }

    @Override
    public @Nullable String getContentType() {
      return type;
    }

    @Override
    public boolean isEmpty() {
      return size == 0;
    }

    @Override
    public long getSize() {
      return size;
    }

    @Override
    public byte[] getBytes() throws IOException {
      return Files.readAllBytes(staged);
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return Files.newInputStream(staged);
    }

    @Override
    public void transferTo(java.io.File target) throws IOException {
      transferTo(target.toPath());
    }

    @Override
    public void transferTo(Path target) throws IOException {
      Files.move(staged, target);
    }
  }
}
