package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.plugins.jpeg.JPEGImageWriteParam;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Zeros instead of data in a JPEG, and what looks like them and is none. */
class HolesTest {
  @TempDir Path directory = Path.of("");

  enum Way {
    PLAIN,
    OPTIMISED,
    PROGRESSIVE
  }

  private static byte[] jpeg(BufferedImage image, Way way) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    JPEGImageWriteParam param = (JPEGImageWriteParam) writer.getDefaultWriteParam();
    param.setOptimizeHuffmanTables(way == Way.OPTIMISED);
    if (way == Way.PROGRESSIVE) {
      param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), param);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static BufferedImage photo(int width, int height) {
    Random random = new Random(7);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(
            x, y, new Color(x * 255 / width, y * 255 / height, random.nextInt(256)).getRGB());
      }
    }
    return image;
  }

  /** White paper with a line of text, as a scanner gives it. */
  private static BufferedImage scan(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    pen.setColor(Color.WHITE);
    pen.fillRect(0, 0, width, height);
    pen.setColor(Color.BLACK);
    for (int x = 100; x < width - 100; x += 12) {
      pen.fillRect(x, 100, 5, 9);
    }
    pen.dispose();
    return image;
  }

  private boolean hole(byte[] bytes) throws IOException {
    Path file = Files.write(directory.resolve("a.jpg"), bytes);
    return Holes.in(file, PictureHeader.read(file));
  }

  private static byte[] zeros(byte[] bytes, int from, int to) {
    byte[] copy = bytes.clone();
    Arrays.fill(copy, from, to, (byte) 0);
    return copy;
  }

  private static int startOfScan(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    return text.indexOf("\u00ff\u00da") + 14;
  }

  @ParameterizedTest
  @EnumSource
  void aPhotoIsWhole(Way way) throws IOException {
    assertThat(hole(jpeg(photo(900, 600), way))).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void aPhotoWhoseSecondHalfIsZerosHasAHole(Way way) throws IOException {
    byte[] bytes = jpeg(photo(900, 600), way);
    assertThat(hole(zeros(bytes, bytes.length / 2, bytes.length))).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void aPhotoOfWhichButTheHeaderIsThereHasAHole(Way way) throws IOException {
    byte[] bytes = jpeg(photo(900, 600), way);
    assertThat(hole(zeros(bytes, startOfScan(bytes), bytes.length))).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void aPhotoThatLostTwoPagesHasAHole(Way way) throws IOException {
    byte[] bytes = jpeg(photo(900, 600), way);
    int page = bytes.length / 2 / 4096 * 4096;
    assertThat(hole(zeros(bytes, page, page + 8192))).isTrue();
    assertThat(hole(zeros(bytes, page + 100, page + 8292))).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void aWhiteScanHasNoHole(Way way) throws IOException {
    byte[] bytes = jpeg(scan(3000, 4000), way);
    Path file = Files.write(directory.resolve("scan.jpg"), bytes);
    if (way == Way.OPTIMISED) {
      assertThat(Holes.runs(file)).as("flat areas that are written as zeros").isNotEmpty();
    }
    assertThat(hole(bytes)).isFalse();
    assertThat(JpegData.read(file).complete()).isEqualTo(way != Way.PROGRESSIVE);
  }

  /** Its tables write nothing but zeros for what is flat: more zeros are more than the picture. */
  @Test
  void aWhiteScanWhoseTextWasLostHasAHole() throws IOException {
    BufferedImage image = scan(2000, 2000);
    image.getGraphics().drawImage(photo(600, 300), 200, 1500, null);
    byte[] bytes = jpeg(image, Way.OPTIMISED);
    assertThat(hole(bytes)).isFalse();
    assertThat(hole(zeros(bytes, bytes.length - 30_000, bytes.length - 10_000))).isTrue();
  }

  @Test
  void zerosInTheMetadataAreNoHole() throws IOException {
    byte[] bytes = jpeg(photo(90, 60), Way.PLAIN);
    ByteArrayOutputStream padded = new ByteArrayOutputStream();
    padded.write(bytes, 0, 2);
    padded.writeBytes(new byte[] {(byte) 0xff, (byte) 0xe1, 0x50, 0x02});
    padded.writeBytes(new byte[0x5000]);
    padded.write(bytes, 2, bytes.length - 2);
    padded.writeBytes(new byte[8192]); // and behind the end marker
    assertThat(hole(padded.toByteArray())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {TYPE_RGB, TYPE_GRAY})
  void aJpegThatLacksButItsEndMarkerIsComplete(int type) throws IOException {
    BufferedImage image = new BufferedImage(333, 222, type);
    image.getGraphics().drawImage(photo(333, 222), 0, 0, null);
    byte[] bytes = jpeg(image, Way.PLAIN);
    Path file = directory.resolve("b.jpg");
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 2));
    assertThat(JpegData.read(file).complete()).isTrue();
    for (int less : new int[] {8, 100, bytes.length / 2}) {
      Files.write(file, Arrays.copyOf(bytes, bytes.length - 2 - less));
      assertThat(JpegData.read(file).complete()).as("%d bytes less", less).isFalse();
    }
  }

  /** As cameras write them: after each so many MCUs a marker, from which can be read on. */
  private static byte[] withRestarts(BufferedImage image, int mcus) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    IIOMetadata metadata =
        writer.getDefaultImageMetadata(
            ImageTypeSpecifier.createFromRenderedImage(image), writer.getDefaultWriteParam());
    IIOMetadataNode root =
        (IIOMetadataNode) metadata.getAsTree(metadata.getNativeMetadataFormatName());
    IIOMetadataNode restarts = new IIOMetadataNode("dri");
    restarts.setAttribute("interval", String.valueOf(mcus));
    root.getElementsByTagName("markerSequence").item(0).appendChild(restarts);
    metadata.setFromTree(metadata.getNativeMetadataFormatName(), root);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (var out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(new IIOImage(image, null, metadata));
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /** Where the n-th restart marker stands. */
  private static int restart(byte[] bytes, int number) {
    int at = startOfScan(bytes);
    for (int found = 0; ; at++) {
      boolean marker = bytes[at] == -1 && (bytes[at + 1] & 0xf8) == 0xd0;
      if (marker && ++found == number) {
        return at;
      }
    }
  }

  private static byte[] without(byte[] bytes, int from, int to) {
    byte[] rest = Arrays.copyOf(bytes, bytes.length - (to - from));
    System.arraycopy(bytes, to, rest, from, bytes.length - to);
    return rest;
  }

  private boolean complete(byte[] bytes) throws IOException {
    return JpegData.read(Files.write(directory.resolve("c.jpg"), bytes)).complete();
  }

  @Test
  void ofAJpegWithRestartsEachPartMustBeThere() throws IOException {
    byte[] bytes = withRestarts(photo(900, 600), 100);
    assertThat(hole(bytes)).isFalse();
    assertThat(complete(bytes)).isTrue();
    assertThat(complete(Arrays.copyOf(bytes, bytes.length - 2))).isTrue();
    int second = restart(bytes, 2);
    int third = restart(bytes, 3);
    assertThat(complete(without(bytes, third - 600, third))).as("a part cut short").isFalse();
    assertThat(complete(without(bytes, second + 2, third))).as("a part that is empty").isFalse();
    assertThat(complete(Arrays.copyOf(bytes, third))).as("cut off at a marker").isFalse();
    assertThat(complete(Arrays.copyOf(bytes, bytes.length - 600))).isFalse();
    assertThat(hole(without(bytes, third - 600, third))).as("lost and not zeros").isFalse();
  }

  @Test
  void zerosBetweenTwoRestartsAreAHole() throws IOException {
    byte[] bytes = withRestarts(photo(900, 600), 300);
    int second = restart(bytes, 2);
    assertThat(restart(bytes, 3) - second).isGreaterThan(12_000);
    assertThat(hole(zeros(bytes, second + 2000, second + 2000 + 8192))).isTrue();
    assertThat(complete(zeros(bytes, second + 2000, second + 2000 + 8192))).isFalse();
  }

  @Test
  void aWhiteScanWithRestartsHasNoHole() throws IOException {
    byte[] bytes = withRestarts(scan(1200, 1600), 40);
    assertThat(hole(bytes)).isFalse();
    assertThat(complete(bytes)).isTrue();
  }

  @Test
  void aScanBeforeItsFrameOrOfWhatIsNotInItIsNotComplete() throws IOException {
    byte[] bytes = jpeg(photo(333, 222), Way.PLAIN);
    int scan = startOfScan(bytes) - 14;
    assertThat(complete(without(bytes, 2, scan))).isFalse();
    byte[] other = bytes.clone();
    other[scan + 5] = 77;
    assertThat(complete(other)).isFalse();
    byte[] noTables = bytes.clone();
    for (int at = 0; at < scan; at++) {
      if (bytes[at] == -1 && bytes[at + 1] == (byte) 0xc4) {
        noTables[at + 1] = (byte) 0xfe; // a comment
      }
    }
    assertThat(complete(noTables)).isFalse();
  }

  @Test
  void whatStandsBetweenTheSegmentsIsPassedOver() throws IOException {
    byte[] bytes = jpeg(photo(333, 222), Way.PLAIN);
    ByteArrayOutputStream padded = new ByteArrayOutputStream();
    padded.write(bytes, 0, 2);
    padded.writeBytes(new byte[] {-1, 0, 7, -1, -1, -1, 1, -1, (byte) 0xd0, -1, (byte) 0xd8});
    padded.writeBytes(new byte[] {-1, (byte) 0xc8, 0, 4, -1, (byte) 0xd9});
    padded.writeBytes(new byte[] {-1, (byte) 0xcc, 0, 4, -1, (byte) 0xd9});
    padded.writeBytes(new byte[] {-1, (byte) 0xdd, 0, 4, 0, 0});
    padded.write(bytes, 2, bytes.length - 2);
    assertThat(complete(padded.toByteArray())).isTrue();
  }

  private static byte[] noise(int bytes) {
    byte[] noise = new byte[bytes];
    new Random(9).nextBytes(noise);
    return noise;
  }

  private boolean holeIn(String name, ByteBuffer file, int from, int to) throws IOException {
    Path path = Files.write(directory.resolve(name), zeros(file.array(), from, to));
    return Holes.in(path, PictureHeader.read(path));
  }

  @Test
  void aWebpWhoseFrameIsZerosFromSomewhereOnHasAHole() throws IOException {
    ByteBuffer file = ByteBuffer.allocate(20_030).order(ByteOrder.LITTLE_ENDIAN);
    file.put(ascii("RIFF")).putInt(20_022).put(ascii("WEBPVP8 ")).putInt(20_010);
    file.put(new byte[] {0x10, 0, 0, (byte) 0x9d, 1, 0x2a})
        .putShort((short) 300)
        .putShort((short) 200);
    file.put(noise(20_000));
    assertThat(holeIn("a.webp", file, 0, 0)).isFalse();
    assertThat(holeIn("a.webp", file, 12_000, 20_030)).isTrue();
    assertThat(holeIn("a.webp", file, 8192, 12_288)).isTrue();
  }

  /** Two items in one mdat: a coded picture, then EXIF, whose padding may be zeros. */
  @Test
  void aHeicWhoseCodedPictureHoldsZerosHasAHoleAndOneWhoseExifDoesHasNone() throws IOException {
    ByteBuffer file = ByteBuffer.allocate(30_000);
    box(file, 20, "ftyp").put(ascii("heic")).putInt(0).put(ascii("mif1"));
    box(file, 152, "meta").putInt(0);
    box(file, 56, "iinf").putInt(0).putShort((short) 2);
    box(file, 21, "infe").put(new byte[] {2, 0, 0, 0, 0, 1, 0, 0}).put(ascii("hvc1")).put((byte) 0);
    box(file, 21, "infe").put(new byte[] {2, 0, 0, 0, 0, 2, 0, 0}).put(ascii("Exif")).put((byte) 0);
    box(file, 44, "iloc").putInt(0).put(new byte[] {0x44, 0}).putShort((short) 2);
    file.putShort((short) 1).putShort((short) 0).putShort((short) 1).putInt(180).putInt(19_820);
    file.putShort((short) 2).putShort((short) 0).putShort((short) 1).putInt(20_000).putInt(10_000);
    box(file, 40, "iprp");
    box(file, 32, "ipco");
    box(file, 20, "ispe").putInt(0).putInt(64).putInt(64);
    file.position(172);
    box(file, 29_828, "mdat").put(noise(29_820));
    assertThat(holeIn("a.heic", file, 0, 0)).isFalse();
    assertThat(holeIn("a.heic", file, 10_000, 14_096)).isTrue();
    assertThat(holeIn("a.heic", file, 21_000, 29_000)).isFalse();
  }

  private static ByteBuffer box(ByteBuffer file, int size, String name) {
    return file.putInt(size).put(ascii(name));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static final int TYPE_RGB = BufferedImage.TYPE_INT_RGB;
  private static final int TYPE_GRAY = BufferedImage.TYPE_BYTE_GRAY;
}
