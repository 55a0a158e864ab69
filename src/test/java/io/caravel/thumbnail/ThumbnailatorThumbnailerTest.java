package io.caravel.thumbnail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.caravel.ground.Failure;
import io.caravel.photo.PictureHeader;
import io.caravel.photo.PictureType;
import io.caravel.thumbnail.Thumbnailer.Made;
import io.caravel.thumbnail.Thumbnailer.Target;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class ThumbnailatorThumbnailerTest extends ThumbnailerTest {
  private static final long HEAP = Runtime.getRuntime().maxMemory();

  private final AtomicInteger decodes = new AtomicInteger();
  private final PictureMemory memory = new PictureMemory(HEAP);

  @Override
  Thumbnailer engine() {
    return new ThumbnailatorThumbnailer(
        new PictureDecoder(memory) {
          @Override
          Decoded decode(Path photo, PictureHeader header, long bytesBeside)
              throws IOException, InterruptedException {
            decodes.incrementAndGet();
            return super.decode(photo, header, bytesBeside);
          }
        },
        90);
  }

  @Test
  void decodesToUprightRgbThatKnowsThePhotosSize() throws Exception {
    BufferedImage drawn = new BufferedImage(400, 100, BufferedImage.TYPE_INT_RGB);
    for (int x = 0; x < 400; x++) {
      for (int y = 0; y < 100; y++) {
        drawn.setRGB(x, y, x < 200 ? 0xFF0000 : 0x0000FF);
      }
    }
    Path photo = Files.createTempFile("decode", ".png");
    ImageIO.write(drawn, "png", photo.toFile());
    Pictures.Pixels pixels = new ThumbnailatorThumbnailer(90).decode(photo, 200, false);
    Files.delete(photo);
    assertThat(new int[] {pixels.width(), pixels.height()}).containsExactly(200, 50);
    assertThat(new int[] {pixels.photoWidth(), pixels.photoHeight()}).containsExactly(400, 100);
    assertThat(pixels.damage()).isNull();
    assertThat(Arrays.copyOf(pixels.rgb(), 3)).containsExactly((byte) 255, 0, 0);
    assertThat(Arrays.copyOfRange(pixels.rgb(), 597, 600)).containsExactly(0, 0, (byte) 255);
  }

  @Test
  void makesSeveralSizesFromOneDecodeAndLeavesWhatIsThereAlone() throws IOException {
    Path photo = jpeg(quarters(4000, 2000), 1);
    Path there = Files.writeString(directory.resolve("there.jpg"), "left alone");
    Target small = target("cover:30x30");
    Target large = target("scale:1600x1600");

    thumbnailer.make(
        photo, List.of(small, new Target(ThumbnailSpec.parse("scale:9x9"), there), large));

    assertThat(decodes).hasValue(1);
    assertQuarters(ImageIO.read(small.file().toFile()), 30, 30);
    assertQuarters(ImageIO.read(large.file().toFile()), 1600, 800);
    assertThat(there).hasContent("left alone");

    thumbnailer.make(photo, List.of(small, large));
    assertThat(decodes).hasValue(1);
  }

  @Test
  void thinsOutWhatIsTooLargeForItsMemory() throws IOException {
    assertThat(PictureDecoder.step(24_000_000, 3)).isEqualTo(1);
    assertThat(PictureDecoder.step(300_000_000, 3)).isEqualTo(3);
    BufferedImage large = new BufferedImage(16_000, 8_000, BufferedImage.TYPE_BYTE_BINARY);
    fill(large, Color.WHITE, 0, 0, 8_000, 8_000);

    BufferedImage scaled = made(png(large), "scale:200x200");

    assertColour(scaled, 50, 50, Color.WHITE);
    assertColour(scaled, 150, 50, Color.BLACK);
  }

  @Test
  void saysWhatItCannotRead() throws IOException {
    Path webp = directory.resolve("photo.jpg");
    Files.write(
        webp,
        "RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\u0001\0\0\u0001\0\0"
            .getBytes(StandardCharsets.ISO_8859_1));

    assertThat(failure(webp).cause()).isEqualTo("unsupported-format");
    assertThat(failure(webp).lasting()).isTrue();
    assertThat(failure(Files.writeString(webp, "text")).cause()).isEqualTo("not-a-picture");
    assertThat(Stream.of(PictureType.values()).filter(thumbnailer::reads))
        .containsExactly(PictureType.JPEG, PictureType.PNG, PictureType.GIF, PictureType.BMP);
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpg", "png", "gif"})
  void ofAPictureCutOffTheThumbnailShowsWhatThereIs(String format) throws IOException {
    byte[] bytes = encoded(smooth(600, 400), format);
    BufferedImage whole = made(Files.write(directory.resolve("whole"), bytes), "scale:150x100");
    Path photo = Files.write(directory.resolve("cut"), cut(bytes, 0.6));
    Target target = target("scale:150x100");

    Made made = thumbnailer.make(photo, List.of(target));

    assertThat(made.decoded()).isTrue();
    assertThat(made.damage())
        .startsWith("The file ends before the picture does: its lower part is missing.");
    BufferedImage part = ImageIO.read(target.file().toFile());
    for (int x = 5; x < 150; x += 10) {
      for (int y = 5; y < 45; y += 5) {
        assertColour(part, x, y, new Color(whole.getRGB(x, y)));
      }
      if (!format.equals("gif")) { // whose palette need not have it
        assertColour(part, x, 97, Color.GRAY);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,lower", "2,lower", "3,upper", "4,upper", "5,right", "6,left", "7,left", "8,right"})
  void whatIsMissingIsToldAsThePhotoLooksUpright(int orientation, String missing)
      throws IOException {
    byte[] bytes = Files.readAllBytes(jpeg(smooth(600, 400), orientation));
    Path photo = Files.write(directory.resolve("cut"), cut(bytes, 0.6));

    assertThat(thumbnailer.make(photo, List.of(target("scale:150x150"))).damage())
        .contains("its " + missing + " part");
  }

  @Test
  void ofAProgressiveJpegCutOffTheDetailsAreMissing() throws IOException {
    byte[] bytes = ThumbnailJpeg.encode(rgb(smooth(600, 400)), 90);
    BufferedImage whole = made(Files.write(directory.resolve("whole"), bytes), "scale:60x40");
    Path photo = Files.write(directory.resolve("cut"), cut(bytes, 0.6));
    Target target = target("scale:60x40");

    assertThat(thumbnailer.make(photo, List.of(target)).damage()).contains("details");

    BufferedImage part = ImageIO.read(target.file().toFile());
    for (int x = 2; x < 60; x += 5) {
      assertColour(part, x, 35, new Color(whole.getRGB(x, 35)));
    }
    Path first = Files.write(directory.resolve("cut"), cut(bytes, 0.05));
    assertThat(thumbnailer.make(first, List.of(target("scale:60x40"))).damage())
        .contains("its lower part");
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpg", "progressive", "png", "gif", "bmp"})
  void aPictureWithoutAWholeLineIsTruncatedAndLeavesNoFile(String format) throws IOException {
    byte[] bytes =
        format.equals("progressive")
            ? ThumbnailJpeg.encode(rgb(noise(300, 200)), 90)
            : encoded(noise(300, 200), format);
    int header =
        switch (format) {
          case "jpg", "progressive" -> startOfScan(bytes) + 20;
          case "png" -> 60;
          case "gif" -> 13 + 3 * 256 + 40;
          default -> 54 + 100;
        };
    Path photo = Files.write(directory.resolve("photo"), Arrays.copyOf(bytes, header));

    assertThat(failure(photo).cause()).isEqualTo("truncated");
    assertThat(directory.toFile().list()).containsExactly("photo");
  }

  /**
   * Their lines come in another order than from the top down: what there is is not cheaply told.
   */
  @ParameterizedTest
  @ValueSource(strings = {"gif", "png", "bmp"})
  void aPictureThatIsNotStoredFromTheTopDownIsTruncatedWhereverItIsCut(String format)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    if (format.equals("png")) {
      ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
        writer.setOutput(out);
        writer.write(null, new IIOImage(smooth(300, 200), null, null), param);
      }
    } else {
      ImageIO.write(smooth(300, 200), format, bytes);
    }
    Path photo = Files.write(directory.resolve("photo"), cut(bytes.toByteArray(), 0.6));

    assertThat(failure(photo).cause()).isEqualTo("truncated");
  }

  @Test
  void aWholePictureIsNotDamagedAndOfOneNotReadNothingIsKnown() throws IOException {
    Path photo = jpeg(quarters(400, 200), 1);
    Target target = target("scale:9x9");

    assertThat(thumbnailer.make(photo, List.of(target))).isEqualTo(new Made(null));
    assertThat(thumbnailer.make(photo, List.of(target))).isEqualTo(Made.NOTHING);
  }

  @Test
  void damagedDataAreUndecodable() throws IOException {
    Path photo = png(noise(300, 200));
    byte[] bytes = Files.readAllBytes(photo);
    Arrays.fill(bytes, bytes.length / 2, bytes.length / 2 + 200, (byte) 0x55);
    Files.write(photo, bytes);

    assertThat(failure(photo).cause()).isEqualTo("undecodable");
  }

  @ParameterizedTest
  @ValueSource(ints = {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_BYTE_INDEXED})
  void neverUnpacksThePackedTextsOfAPng(int type) throws IOException {
    BufferedImage drawn = new BufferedImage(200, 100, type);
    drawn.createGraphics().drawImage(quarters(200, 100), 0, 0, null);
    byte[] png = Files.readAllBytes(png(drawn));
    int afterIhdr = 8 + 25;
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    bomb.write(png, 0, afterIhdr);
    byte[] text = packed(200 << 20);
    for (int i = 0; i < 20; i++) { // 4 GB in all, four times the heap of a test
      bomb.writeBytes(text);
    }
    bomb.write(png, afterIhdr, png.length - afterIhdr);
    Path photo = Files.write(directory.resolve("bomb"), bomb.toByteArray());

    assertQuarters(made(photo, "scale:100x100"), 100, 50);
  }

  @Test
  void aBmpThatImageIoWouldUnpackWholeIsRefusedBeforeItIsRead() throws IOException {
    Path photo = directory.resolve("photo");
    ImageIO.write(new BufferedImage(9, 9, BufferedImage.TYPE_INT_RGB), "bmp", photo.toFile());
    byte[] bmp = Files.readAllBytes(photo);
    ByteBuffer.wrap(bmp).order(ByteOrder.LITTLE_ENDIAN).putInt(18, 17_000).putInt(22, 17_000);
    Files.write(photo, bmp);

    assertThat(failure(photo).cause()).isEqualTo("memory-limit");
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpg", "png", "gif", "bmp"})
  void aMutatedPictureEndsAsAFailureOrAThumbnail(String format)
      throws IOException, InterruptedException {
    ByteArrayOutputStream drawn = new ByteArrayOutputStream();
    ImageIO.write(noise(40, 30), format, drawn);
    Random random = new Random(11);
    for (int i = 0; i < 150; i++) {
      byte[] bytes = drawn.toByteArray();
      for (int flips = 0; flips < 3; flips++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      Path photo = Files.write(directory.resolve("photo"), bytes);
      Target target = target("cover:20x20");
      try {
        PictureHeader.read(photo).limit(300);
        thumbnailer.make(photo, List.of(target));
        assertThat(target.file()).exists();
      } catch (Failure e) {
        assertThat(e.cause())
            .isIn("not-a-picture", "too-many-pixels", "truncated", "undecodable", "memory-limit");
        assertThat(target.file()).doesNotExist();
      }
    }
    try (PictureMemory.Share all = memory.take(Long.MAX_VALUE >> 1)) {
      assertThat(all).isNotNull();
    }
  }

  @Test
  void noMemoryEndsThePhotoAndNotTheProgram() throws IOException {
    Thumbnailer poor =
        new ThumbnailatorThumbnailer(
            new PictureDecoder(memory) {
              @Override
              Decoded decode(Path photo, PictureHeader header, long bytesBeside) {
                throw new OutOfMemoryError("Java heap space");
              }
            },
            82);
    Path photo = jpeg(quarters(400, 200), 1);

    Failure failure =
        catchThrowableOfType(Failure.class, () -> poor.make(photo, List.of(target("scale:9x9"))));

    assertThat(failure.cause()).isEqualTo("memory-limit");
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpg", "png", "gif", "bmp"})
  void anInterruptStopsADecodeAndGivesItsMemoryBack(String format) throws Exception {
    Path photo = directory.resolve("photo");
    ImageIO.write(noise(1000, 1000), format, photo.toFile());
    AtomicInteger steps = new AtomicInteger();
    Thumbnailer interrupted =
        new ThumbnailatorThumbnailer(
            new PictureDecoder(memory) {
              @Override
              Watch watch() {
                return new Watch() {
                  @Override
                  public void imageProgress(ImageReader source, float percentageDone) {
                    if (steps.incrementAndGet() == 3) {
                      Thread.currentThread().interrupt(); // as the caller would, in mid-decode
                    }
                    super.imageProgress(source, percentageDone);
                  }
                };
              }
            },
            82);

    Failure failure =
        catchThrowableOfType(
            Failure.class, () -> interrupted.make(photo, List.of(target("scale:100x100"))));

    assertThat(Thread.interrupted()).as("the interrupt flag").isTrue();
    assertThat(failure.cause()).isEqualTo("interrupted");
    assertThat(failure.lasting()).isFalse();
    assertThat(steps.get()).as("steps of the decoder").isBetween(3, 50);
    assertThat(directory.toFile().list()).containsExactly("photo");
    try (PictureMemory.Share all = memory.take(Long.MAX_VALUE >> 1)) {
      assertThat(all).isNotNull();
    }
  }

  @Test
  void anInterruptStopsADecoderThatMakesNoPixelsYet() throws IOException {
    Path photo = png(noise(100, 100));
    try (PictureStream stream = new PictureStream(photo)) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(stream::read).isInstanceOf(InterruptedIOException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
