package io.caravel.thumbnail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.caravel.ground.Failure;
import io.caravel.photo.PictureHeader;
import io.caravel.photo.PictureType;
import io.caravel.thumbnail.Thumbnailer.Target;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every engine must do. */
@NullUnmarked
abstract class ThumbnailerTest {
  @TempDir Path directory;

  Thumbnailer thumbnailer;

  /** The engine that is tested, with quality 90. */
  abstract Thumbnailer engine();

  @BeforeEach
  void start() {
    thumbnailer = engine();
  }

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
  void aBaselineJpegThatLacksOnlyItsEndMarkerIsWhole() throws IOException {
    Path photo = jpeg(quarters(400, 200), 1);
    byte[] bytes = Files.readAllBytes(photo);
    Files.write(photo, Arrays.copyOf(bytes, bytes.length - 2));

    assertQuarters(made(photo, "scale:200x200"), 200, 100);
    assertThat(thumbnailer.make(photo, List.of(target("scale:100x100"))).damage()).isNull();
  }

  /** Noise in standard tables: a copy that broke off with its size reserved. */
  @Test
  void aPhotoWhoseSecondHalfIsZerosIsDamaged() throws IOException {
    byte[] bytes = encoded(noise(600, 450), "jpg");
    Path whole = Files.write(directory.resolve("whole.jpg"), bytes);
    Arrays.fill(bytes, bytes.length / 2, bytes.length, (byte) 0);
    Path photo = Files.write(directory.resolve("zeros.jpg"), bytes);

    assertThat(thumbnailer.make(photo, List.of(target("scale:90x90"))).damage())
        .isEqualTo(Trouble.HOLE);
    assertThat(thumbnailer.make(whole, List.of(target("scale:80x80"))).damage()).isNull();
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

  Failure failure(Path photo) {
    return catchThrowableOfType(
        Failure.class, () -> thumbnailer.make(photo, List.of(target("scale:100x100"))));
  }

  BufferedImage made(Path photo, String spec) throws IOException {
    return ImageIO.read(make(photo, spec).toFile());
  }

  Path make(Path photo, String spec) {
    Target target = target(spec);
    thumbnailer.make(photo, List.of(target));
    return target.file();
  }

  Target target(String spec) {
    ThumbnailSpec parsed = ThumbnailSpec.parse(spec);
    return new Target(
        parsed,
        directory.resolve("thumbnails/" + System.nanoTime() + "/" + parsed.name() + ".jpg"));
  }

  Path png(BufferedImage picture) throws IOException {
    Path file = directory.resolve("photo");
    ImageIO.write(picture, "png", file.toFile());
    return file;
  }

  /** A JPEG with an EXIF block that holds but the orientation. */
  Path jpeg(BufferedImage picture, int orientation) throws IOException {
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

  static BufferedImage quarters(int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    fill(picture, Color.RED, 0, 0, width / 2, height / 2);
    fill(picture, Color.GREEN, width / 2, 0, width / 2, height / 2);
    fill(picture, Color.BLUE, 0, height / 2, width / 2, height / 2);
    fill(picture, Color.BLACK, width / 2, height / 2, width / 2, height / 2);
    return picture;
  }

  static void assertQuarters(BufferedImage picture, int width, int height) {
    assertThat(picture.getWidth() + "x" + picture.getHeight()).isEqualTo(width + "x" + height);
    assertColour(picture, width / 4, height / 4, Color.RED);
    assertColour(picture, width * 3 / 4, height / 4, Color.GREEN);
    assertColour(picture, width / 4, height * 3 / 4, Color.BLUE);
    assertColour(picture, width * 3 / 4, height * 3 / 4, Color.BLACK);
  }

  /** The picture as a camera of this orientation would store it, pixel by pixel. */
  static BufferedImage stored(BufferedImage upright, int orientation) {
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
  static byte[] packed(int size) throws IOException {
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

  static byte[] cut(byte[] whole, double part) {
    return Arrays.copyOf(whole, (int) (whole.length * part));
  }

  static byte[] encoded(BufferedImage picture, String format) throws IOException {
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
  static int startOfScan(byte[] jpeg) {
    for (int at = 0; ; at++) {
      if (jpeg[at] == (byte) 0xff && jpeg[at + 1] == (byte) 0xda) {
        return at;
      }
    }
  }

  /** Light and colours that change from place to place, with a little noise. */
  static BufferedImage smooth(int width, int height) {
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

  static BufferedImage rgb(BufferedImage picture) {
    BufferedImage rgb =
        new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_3BYTE_BGR);
    rgb.createGraphics().drawImage(picture, 0, 0, null);
    return rgb;
  }

  static BufferedImage filled(Color colour) {
    BufferedImage picture = new BufferedImage(100, 100, BufferedImage.TYPE_INT_RGB);
    fill(picture, colour, 0, 0, 100, 100);
    return picture;
  }

  static BufferedImage noise(int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(1);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        picture.setRGB(x, y, random.nextInt());
      }
    }
    return picture;
  }

  static void fill(BufferedImage picture, Color colour, int x, int y, int w, int h) {
    Graphics2D drawing = picture.createGraphics();
    drawing.setColor(colour);
    drawing.fillRect(x, y, w, h);
    drawing.dispose();
  }

  static void assertColour(BufferedImage picture, int x, int y, Color expected) {
    Color found = new Color(picture.getRGB(x, y));
    assertThat(
            Math.abs(found.getRed() - expected.getRed())
                + Math.abs(found.getGreen() - expected.getGreen())
                + Math.abs(found.getBlue() - expected.getBlue()))
        .as("%s at %d,%d, expected %s", found, x, y, expected)
        .isLessThan(24);
  }

  static String exiftool(String... arguments) throws IOException, InterruptedException {
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
