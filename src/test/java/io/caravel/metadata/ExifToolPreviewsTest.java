package io.caravel.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.caravel.ground.Failure;
import io.caravel.photo.Corpus;
import io.caravel.photo.PictureHeader;
import io.caravel.photo.RawPreviews.Preview;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class ExifToolPreviewsTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  Path directory;

  private Optional<Preview> extract(Path raw) {
    return extract(raw, "exiftool", LONG, ExifToolPreviews.BYTES_AT_MOST);
  }

  private Optional<Preview> extract(Path raw, String command, Duration limit, int bytesAtMost) {
    try (ExifToolPreviews previews =
        new ExifToolPreviews(command, ShippedExifTool.config(), limit, bytesAtMost)) {
      return previews.extract(raw.toAbsolutePath(), target());
    }
  }

  private Path target() {
    return folder().resolve("preview.jpg");
  }

  private Path folder() {
    return directory.resolve("tmp 100% %t");
  }

  private Path raw(int orientation, byte[] preview, byte[] thumbnail) throws IOException {
    Files.createDirectories(folder());
    return Files.write(directory.resolve("photo.nef"), tiff(orientation, preview, thumbnail));
  }

  @Test
  void theLargestJpegIsTakenWithTheRawsOrientation() throws IOException {
    byte[] large = jpeg(64, 48);
    Path raw = raw(6, large, jpeg(16, 12));

    assertThat(extract(raw)).contains(new Preview(64, 48, 6));
    assertThat(target()).hasBinaryContent(large);
    assertThat(folder().toFile().list()).containsExactly("preview.jpg");
  }

  @Test
  void whatIsNoJpegByContentIsNoPreview() throws IOException {
    byte[] small = jpeg(16, 12);

    for (byte[] other : new byte[][] {new byte[5000], encoded(64, 48, "png")}) {
      assertThat(extract(raw(1, other, small))).contains(new Preview(16, 12, 1));
    }
    assertThat(target()).hasBinaryContent(small);
    assertThat(extract(raw(1, new byte[5000], new byte[100]))).isEmpty();
    assertThat(target()).doesNotExist();
  }

  @Test
  void anOrientationThatDoesNotExistIsNone() throws IOException {
    assertThat(extract(raw(9, jpeg(64, 48), jpeg(16, 12)))).contains(new Preview(64, 48, 1));
  }

  @Test
  void aFileThatIsNoRawHasNone() throws IOException {
    raw(1, new byte[1], new byte[1]);
    assertThat(extract(Files.writeString(directory.resolve("text.nef"), "text"))).isEmpty();
    assertThat(folder()).isEmptyDirectory();
  }

  @Test
  void moreThanTheLimitIsRefusedForGood() throws IOException {
    Path raw = raw(1, jpeg(64, 48), jpeg(16, 12));
    Failure failure =
        catchThrowableOfType(Failure.class, () -> extract(raw, "exiftool", LONG, 100));
    assertThat(failure.cause()).isEqualTo("exiftool-failed");
    assertThat(failure.lasting()).isTrue();
    assertThat(folder()).isEmptyDirectory();
  }

  @Test
  void oneThatHangsIsKilledAndLeavesNothing() throws IOException {
    Path raw = raw(1, jpeg(64, 48), jpeg(16, 12));
    Path pid = directory.resolve("pid");
    String hangs = command("echo $$ > '" + pid + "'; exec sleep 1000");
    Failure failure =
        catchThrowableOfType(
            Failure.class, () -> extract(raw, hangs, Duration.ofSeconds(2), 1 << 20));
    assertThat(failure.cause()).isEqualTo("time-limit");
    assertThat(failure.lasting()).isFalse();
    assertThat(ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))).isNotPresent();
    assertThat(folder()).isEmptyDirectory();
  }

  @Test
  void anInterruptEndsTheWait() throws IOException {
    Path raw = raw(1, jpeg(64, 48), jpeg(16, 12));
    String hangs = command("exec sleep 1000");
    Thread.currentThread().interrupt();
    Failure failure = catchThrowableOfType(Failure.class, () -> extract(raw, hangs, LONG, 1 << 20));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(failure.cause()).isEqualTo("interrupted");
  }

  @Test
  void oneThatDiesOrIsMissingIsAPassingFailure() throws IOException {
    Path raw = raw(1, jpeg(64, 48), jpeg(16, 12));
    for (String broken : new String[] {command("kill -9 $$"), "/nowhere/exiftool"}) {
      Failure failure =
          catchThrowableOfType(Failure.class, () -> extract(raw, broken, LONG, 1 << 20));
      assertThat(failure.cause())
          .isEqualTo(broken.startsWith("/nowhere") ? "exiftool-missing" : "exiftool-failed");
      assertThat(failure.lasting()).isFalse();
    }
    assertThatThrownBy(
            () ->
                new ExifToolPreviews("exiftool", ShippedExifTool.config(), LONG, 9)
                    .extract(Path.of("-x"), target()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "Issue 247-1.nef, true",
    "canon_eos_6d.dng, true",
    "CanonRaw.cr2, false",
    "Nikon.nef, false"
  })
  void ofTheCorpus(String name, boolean embedded) throws IOException {
    Path raw = Corpus.directory().resolve("raw").resolve(name);
    Files.createDirectories(folder());

    Optional<Preview> preview = extract(raw);

    assertThat(preview.isPresent()).isEqualTo(embedded);
    if (embedded) {
      PictureHeader header = PictureHeader.read(target());
      assertThat(preview).contains(new Preview(header.width(), header.height(), 1));
      assertThat(ImageIO.read(target().toFile())).isNotNull();
      assertThat(Files.size(target())).isGreaterThan(10_000);
    }
  }

  private String command(String script) throws IOException {
    Path file = Files.writeString(directory.resolve("stand-in"), "#!/bin/sh\n" + script + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file.toString();
  }

  private static byte[] jpeg(int width, int height) throws IOException {
    return encoded(width, height, "jpg");
  }

  private static byte[] encoded(int width, int height, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), format, bytes);
    return bytes.toByteArray();
  }

  /**
   * A TIFF as Nikon's are built: IFD0 with the orientation, a SubIFD that holds the preview
   * (JpgFromRaw), IFD1 that holds the thumbnail.
   */
  private static byte[] tiff(int orientation, byte[] preview, byte[] thumbnail) {
    int subIfd = 8 + 2 + 2 * 12 + 4;
    int ifd1 = subIfd + 2 + 2 * 12 + 4;
    int data = ifd1 + 2 + 2 * 12 + 4;
    ByteBuffer file =
        ByteBuffer.allocate(data + preview.length + thumbnail.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 'I').put((byte) 'I').putShort((short) 42).putInt(8);
    directory(file, ifd1, 0x0112, orientation, 0x014A, subIfd);
    directory(file, 0, 0x0201, data, 0x0202, preview.length);
    directory(file, 0, 0x0201, data + preview.length, 0x0202, thumbnail.length);
    return file.put(preview).put(thumbnail).array();
  }

  /** Two tags of a LONG each. */
  private static void directory(ByteBuffer file, int next, int... tagsAndValues) {
    file.putShort((short) (tagsAndValues.length / 2));
    for (int i = 0; i < tagsAndValues.length; i += 2) {
      file.putShort((short) tagsAndValues[i]).putShort((short) 4).putInt(1);
      file.putInt(tagsAndValues[i + 1]);
    }
    file.putInt(next);
  }
}
