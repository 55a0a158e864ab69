package io.caravel.thumbnail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caravel.job.Failure;
import io.caravel.photo.PictureHeader;
import io.caravel.photo.PictureType;
import io.caravel.thumbnail.Thumbnailer.Made;
import io.caravel.thumbnail.Thumbnailer.Target;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.color.ColorSpace;
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
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class ThumbnailatorThumbnailerTest {
  private static final long HEAP = Runtime.getRuntime().maxMemory();

  @TempDir Path directory;

  private final AtomicInteger decodes = new AtomicInteger();
  private final PictureMemory memory = new PictureMemory(HEAP);
  private final Thumbnailer thumbnailer =
      new ThumbnailatorThumbnailer(
          new PictureDecoder(memory) {
            @Override
            Decoded decode(Path photo, PictureHeader header, long bytesBeside)
                throws IOException, InterruptedException {
              decodes.incrementAndGet();
              return super.decode(photo, header, bytesBeside);
            }
          },
          90);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void putsEveryOrientationUpright(int orientation) throws IOException {
    Path photo = jpeg(stored(quarters(400, 200), orientation), orientation);

    assertQuarters(made(photo, "scale:200x200"), 200, 100);
    assertQuarters(made(photo, "resize:120x160"), 120, 160);
    assertQuarters(made(photo, "cover:80x100"), 80, 100);

    BufferedImage contained = made(photo, "contain:100x100");
    assertThat(contained.getHeight()).isEqualTo(100);
    assertColour(contained, 50, 10, Color.WHITE);
    assertColour(contained, 50, 90, Color.WHITE);
    assertQuarters(contained.getSubimage(0, 25, 100, 50), 100, 50);
  }

  @Test
  void anOrientationThatDoesNotExistIsNone() throws IOException {
    assertQuarters(made(jpeg(quarters(400, 200), 9), "scale:200x200"), 200, 100);
  }

  @Test
  void putsAPngUprightByItsExif() throws IOException, InterruptedException {
    Path photo = directory.resolve("photo.png");
    ImageIO.write(stored(quarters(400, 200), 6), "png", photo.toFile());
    exiftool("-n", "-Orientation=6", photo.toString());

    assertQuarters(made(photo, "scale:200x200"), 200, 100);
  }

  @Test
  void coverCutsTheSameOffBothSides() throws IOException {
    BufferedImage striped = new BufferedImage(400, 100, BufferedImage.TYPE_INT_RGB);
    fill(striped, Color.RED, 0, 0, 150, 100);
    fill(striped, Color.GREEN, 150, 0, 100, 100);
    fill(striped, Color.BLUE, 250, 0, 150, 100);

    BufferedImage cover = made(jpeg(striped, 1), "cover:50x50");

    assertColour(cover, 4, 25, Color.GREEN);
    assertColour(cover, 45, 25, Color.GREEN);
  }

  @Test
  void scaleNeverEnlargesAndTheBoxMethodsGiveTheirBox() throws IOException {
    Path photo = jpeg(quarters(40, 20), 1);

    assertQuarters(made(photo, "scale:300x300"), 40, 20);
    assertQuarters(made(photo, "cover:300x300"), 300, 300);
    assertQuarters(made(photo, "resize:300x200"), 300, 200);
    assertThat(made(photo, "contain:300x200").getWidth()).isEqualTo(300);
  }

  @ParameterizedTest
  @CsvSource({"1,20000,1,300", "20000,1,300,1", "20000,3,300,1"})
  void keepsAPixelOfOddRatios(int w, int h, int width, int height) throws IOException {
    BufferedImage scaled =
        made(png(new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB)), "scale:300x300");

    assertThat(scaled.getWidth()).isEqualTo(width);
    assertThat(scaled.getHeight()).isEqualTo(height);
  }

  @Test
  void stripsAllMetadata() throws IOException, InterruptedException {
    Path photo = jpeg(quarters(400, 200), 1);
    exiftool(
        "-n",
        "-GPSLatitude=47.5",
        "-GPSLatitudeRef=N",
        "-GPSLongitude=9.25",
        "-GPSLongitudeRef=E",
        "-XMP:Creator=Someone",
        "-IPTC:City=Somewhere",
        "-Comment=secret",
        photo.toString());
    assertThat(exiftool("-s3", "-GPSPosition", photo.toString())).isNotBlank();
    Path thumbnail = make(photo, "scale:200x200");

    String tags = exiftool("-G", "-s", "-a", "-u", thumbnail.toString());

    assertThat(tags.lines().map(line -> line.replaceFirst("\\[(\\w+)].*", "$1")).distinct())
        .isSubsetOf("ExifTool", "File", "JFIF", "Composite");
    assertThat(tags).doesNotContain("GPS", "secret", "Some");
  }

  @Test
  void writesProgressiveJpegsInHalfTheColours() throws IOException, InterruptedException {
    Path thumbnail = make(png(quarters(400, 200)), "scale:200x200");

    assertThat(PictureHeader.read(thumbnail))
        .isEqualTo(new PictureHeader(PictureType.JPEG, 200, 100, true));
    assertThat(exiftool("-s3", "-YCbCrSubSampling", thumbnail.toString())).contains("4:2:0");
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
  void averagesAllPixelsInsteadOfPassingSomeOver() throws IOException {
    BufferedImage chequered = new BufferedImage(1600, 1600, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 1600; y++) {
      for (int x = 0; x < 1600; x++) {
        chequered.setRGB(x, y, (x + y) % 2 == 0 ? 0xffffff : 0);
      }
    }
    Path photo = png(chequered);
    Target small = target("scale:50x50");

    thumbnailer.make(photo, List.of(target("resize:400x60"), small));

    assertColour(ImageIO.read(small.file().toFile()), 25, 25, new Color(127, 127, 127));
  }

  @Test
  void laysTransparencyOnWhite() throws IOException {
    BufferedImage clear = new BufferedImage(100, 100, BufferedImage.TYPE_INT_ARGB);
    fill(clear, new Color(255, 0, 0, 128), 0, 0, 50, 100);

    BufferedImage scaled = made(png(clear), "scale:50x50");

    assertColour(scaled, 12, 25, new Color(255, 127, 127));
    assertColour(scaled, 40, 25, Color.WHITE);
  }

  @Test
  void keepsGreyAsBrightAsItIs() throws IOException {
    for (int type : new int[] {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_USHORT_GRAY}) {
      BufferedImage grey = new BufferedImage(100, 100, type);
      int half = type == BufferedImage.TYPE_BYTE_GRAY ? 128 : 128 * 257;
      int[] row = new int[100 * 100];
      Arrays.fill(row, half);
      grey.getRaster().setPixels(0, 0, 100, 100, row);

      assertColour(made(png(grey), "scale:50x50"), 25, 25, new Color(128, 128, 128));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "gif", "bmp"})
  void readsTheOtherCommonFormats(String format) throws IOException {
    Path photo = directory.resolve("photo");
    BufferedImage drawn = new BufferedImage(200, 100, BufferedImage.TYPE_INT_RGB);
    drawn.createGraphics().drawImage(quarters(200, 100), 0, 0, null);
    ImageIO.write(drawn, format, photo.toFile());

    assertQuarters(made(photo, "scale:100x100"), 100, 50);
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
  void aBaselineJpegThatLacksOnlyItsEndMarkerIsWhole() throws IOException {
    Path photo = jpeg(quarters(400, 200), 1);
    byte[] bytes = Files.readAllBytes(photo);
    Files.write(photo, Arrays.copyOf(bytes, bytes.length - 2));

    assertQuarters(made(photo, "scale:200x200"), 200, 100);
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
  void aMissingOriginalMayComeBack() {
    Failure failure = failure(directory.resolve("gone.jpg"));

    assertThat(failure.cause()).isEqualTo("disk-unavailable");
    assertThat(failure.lasting()).isFalse();
  }

  @Test
  void aTargetThatCannotBeWrittenIsDiskTrouble() throws IOException {
    Path photo = jpeg(quarters(400, 200), 1);
    Path inTheWay = Files.createFile(directory.resolve("file"));
    Target target = new Target(ThumbnailSpec.parse("scale:9x9"), inTheWay.resolve("a/b.jpg"));

    Failure failure =
        catchThrowableOfType(Failure.class, () -> thumbnailer.make(photo, List.of(target)));

    assertThat(failure.cause()).isEqualTo("disk-unavailable");
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

  @Test
  void bringsWideColoursToSrgb() throws IOException, InterruptedException {
    // Linear RGB stands for any profile that is not sRGB: its middle grey is 188 in sRGB.
    Path photo = png(filled(new Color(128, 128, 128)));
    byte[] profile =
        ((java.awt.color.ICC_ColorSpace) ColorSpace.getInstance(ColorSpace.CS_LINEAR_RGB))
            .getProfile()
            .getData();
    Path icc = Files.write(directory.resolve("linear.icc"), profile);
    exiftool("-ICC_Profile<=" + icc, photo.toString());
    assertColour(made(photo, "scale:50x50"), 25, 25, new Color(188, 188, 188));

    Path jpeg = jpeg(filled(new Color(128, 128, 128)), 1);
    exiftool("-ICC_Profile<=" + icc, jpeg.toString());
    assertColour(made(jpeg, "scale:50x50"), 25, 25, new Color(188, 188, 188));
  }

  private Failure failure(Path photo) {
    return catchThrowableOfType(
        Failure.class, () -> thumbnailer.make(photo, List.of(target("scale:100x100"))));
  }

  private BufferedImage made(Path photo, String spec) throws IOException {
    return ImageIO.read(make(photo, spec).toFile());
  }

  private Path make(Path photo, String spec) {
    Target target = target(spec);
    thumbnailer.make(photo, List.of(target));
    return target.file();
  }

  private Target target(String spec) {
    ThumbnailSpec parsed = ThumbnailSpec.parse(spec);
    return new Target(
        parsed,
        directory.resolve("thumbnails/" + System.nanoTime() + "/" + parsed.name() + ".jpg"));
  }

  private Path png(BufferedImage picture) throws IOException {
    Path file = directory.resolve("photo");
    ImageIO.write(picture, "png", file.toFile());
    return file;
  }

  /** A JPEG with an EXIF block that holds but the orientation. */
  private Path jpeg(BufferedImage picture, int orientation) throws IOException {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    ImageIO.write(picture, "jpg", encoded);
    byte[] exif =
        ("\u00ff\u00e1\0\"Exif\0\0MM\0*\0\0\0\u0008\0\u0001\u0001\u0012\0\u0003\0\0\0\u0001\0"
                + (char) orientation
                + "\0\0\0\0\0\0")
            .getBytes(StandardCharsets.ISO_8859_1);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(encoded.toByteArray(), 0, 2);
    file.writeBytes(exif);
    file.write(encoded.toByteArray(), 2, encoded.size() - 2);
    return Files.write(directory.resolve("photo"), file.toByteArray());
  }

  private static BufferedImage quarters(int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    fill(picture, Color.RED, 0, 0, width / 2, height / 2);
    fill(picture, Color.GREEN, width / 2, 0, width / 2, height / 2);
    fill(picture, Color.BLUE, 0, height / 2, width / 2, height / 2);
    fill(picture, Color.BLACK, width / 2, height / 2, width / 2, height / 2);
    return picture;
  }

  private static void assertQuarters(BufferedImage picture, int width, int height) {
    assertThat(picture.getWidth() + "x" + picture.getHeight()).isEqualTo(width + "x" + height);
    assertColour(picture, width / 4, height / 4, Color.RED);
    assertColour(picture, width * 3 / 4, height / 4, Color.GREEN);
    assertColour(picture, width / 4, height * 3 / 4, Color.BLUE);
    assertColour(picture, width * 3 / 4, height * 3 / 4, Color.BLACK);
  }

  /** The picture as a camera of this orientation would store it, pixel by pixel. */
  private static BufferedImage stored(BufferedImage upright, int orientation) {
    int w = upright.getWidth();
    int h = upright.getHeight();
    boolean sideways = orientation >= 5;
    BufferedImage stored =
        new BufferedImage(sideways ? h : w, sideways ? w : h, BufferedImage.TYPE_3BYTE_BGR);
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        // Exif 2.32, 4.6.4.A: which side of the upright picture the stored row 0, column 0 lie at.
        int column =
            switch (orientation) {
              case 1, 4 -> x;
              case 2, 3 -> w - 1 - x;
              case 5, 6 -> y;
              default -> h - 1 - y;
            };
        int row =
            switch (orientation) {
              case 1, 2 -> y;
              case 3, 4 -> h - 1 - y;
              case 5, 8 -> x;
              default -> w - 1 - x;
            };
        stored.setRGB(column, row, upright.getRGB(x, y));
      }
    }
    return stored;
  }

  /** A zTXt chunk that unpacks to so many bytes. */
  private static byte[] packed(int size) throws IOException {
    ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    chunk.writeBytes("zTXtTitle\0\0".getBytes(StandardCharsets.ISO_8859_1));
    try (DeflaterOutputStream deflate = new DeflaterOutputStream(chunk)) {
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < size >> 20; i++) {
        deflate.write(zeros);
      }
    }
    CRC32 checksum = new CRC32();
    checksum.update(chunk.toByteArray());
    return ByteBuffer.allocate(chunk.size() + 8)
        .putInt(chunk.size() - 4)
        .put(chunk.toByteArray())
        .putInt((int) checksum.getValue())
        .array();
  }

  private static byte[] cut(byte[] whole, double part) {
    return Arrays.copyOf(whole, (int) (whole.length * part));
  }

  private static byte[] encoded(BufferedImage picture, String format) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      if (param.canWriteProgressive()) {
        param.setProgressiveMode(ImageWriteParam.MODE_DISABLED); // a GIF's default is interlaced
      }
      writer.setOutput(out);
      writer.write(null, new IIOImage(picture, null, null), param);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /** Where the picture's first scan has its marker. */
  private static int startOfScan(byte[] jpeg) {
    for (int at = 0; ; at++) {
      if (jpeg[at] == (byte) 0xff && jpeg[at + 1] == (byte) 0xda) {
        return at;
      }
    }
  }

  /** Light and colours that change from place to place, with a little noise. */
  private static BufferedImage smooth(int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(1);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int noise = random.nextInt(8);
        picture.setRGB(
            x, y, new Color(x * 240 / width + noise, y * 240 / height + noise, 200).getRGB());
      }
    }
    return picture;
  }

  private static BufferedImage rgb(BufferedImage picture) {
    BufferedImage rgb =
        new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_3BYTE_BGR);
    rgb.createGraphics().drawImage(picture, 0, 0, null);
    return rgb;
  }

  private static BufferedImage filled(Color colour) {
    BufferedImage picture = new BufferedImage(100, 100, BufferedImage.TYPE_INT_RGB);
    fill(picture, colour, 0, 0, 100, 100);
    return picture;
  }

  private static BufferedImage noise(int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(1);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        picture.setRGB(x, y, random.nextInt());
      }
    }
    return picture;
  }

  private static void fill(BufferedImage picture, Color colour, int x, int y, int w, int h) {
    Graphics2D drawing = picture.createGraphics();
    drawing.setColor(colour);
    drawing.fillRect(x, y, w, h);
    drawing.dispose();
  }

  private static void assertColour(BufferedImage picture, int x, int y, Color expected) {
    Color found = new Color(picture.getRGB(x, y));
    assertThat(
            Math.abs(found.getRed() - expected.getRed())
                + Math.abs(found.getGreen() - expected.getGreen())
                + Math.abs(found.getBlue() - expected.getBlue()))
        .as("%s at %d,%d, expected %s", found, x, y, expected)
        .isLessThan(24);
  }

  private static String exiftool(String... arguments) throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/exiftool")), "exiftool is not installed here");
    List<String> command =
        Stream.concat(
                Stream.of("/usr/bin/exiftool", "-overwrite_original", "-m"), Stream.of(arguments))
            .toList();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
