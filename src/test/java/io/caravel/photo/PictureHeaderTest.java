package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.caravel.ground.Failure;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import javax.imageio.ImageIO;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@NullUnmarked
class PictureHeaderTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({"jpg,JPEG", "png,PNG", "gif,GIF", "bmp,BMP"})
  void tellsKindAndSizeByContentWhateverTheName(String format, PictureType type)
      throws IOException {
    Path file = directory.resolve("document.pdf");
    ImageIO.write(new BufferedImage(70, 30, BufferedImage.TYPE_INT_RGB), format, file.toFile());

    assertThat(PictureHeader.read(file)).isEqualTo(new PictureHeader(type, 70, 30, false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%PDF-1.4",
        "PK\u0003\u0004",
        "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "<!DOCTYPE html><html></html>",
        "BMW is what this text is about, and not a bitmap",
        "\0\0\0\u0018ftypisom\0\0\2\0isommp41",
        "\0\0\0\u0018ftypqt  \0\0\2\0qt  mif1",
        "\0\0\0\u0018ftypmp42\0\0\2\0mp42heic",
        "RIFF\0\0\0\0AVI LIST",
        "\u00ff\u00d8\u00ff\u00e0",
        "\u00ff\u00d8\u00ff\u00d9",
        "GIF89a\0\0\0\0",
        "\u0089PNG\r\n\u001a\nwhatever this may be, IHDR it is not",
        "\0\0\0\u0018ftypheic\0\0\0\0mif1heic",
        "II*\0\u0008\0\0\0\0\0",
        "II*\0\u00ff\u00ff\u00ff\u00ff"
      })
  void refusesWhatIsNoPictureOrHasNoHeader(String content) throws IOException {
    assertThatThrownBy(
            () -> PictureHeader.read(file(content.getBytes(StandardCharsets.ISO_8859_1))))
        .isInstanceOf(Failure.class)
        .extracting(e -> ((Failure) e).cause(), e -> ((Failure) e).lasting())
        .containsExactly("not-a-picture", true);
  }

  @Test
  void refusesAnEmptyFileWithASentenceOfItsOwn() throws IOException {
    assertThatThrownBy(() -> PictureHeader.read(file(new byte[0]))).hasMessageContaining("empty");
  }

  @Test
  void refusesMorePixelsThanTheLimit() {
    PictureHeader bomb = new PictureHeader(PictureType.BMP, 3_000_000, 2_000_000);

    Failure failure = catchThrowableOfType(Failure.class, () -> bomb.limit(300));

    assertThat(failure.cause()).isEqualTo("too-many-pixels");
    new PictureHeader(PictureType.PNG, 20_000, 15_000).limit(300);
  }

  @Test
  void aSizeBeyondAnIntIsNoSize() throws IOException {
    Path file = file(concat("\u0089PNG\r\n\u001a\n", "0000000d", "IHDR", "ffffffffffffffff080200"));

    assertThatThrownBy(() -> PictureHeader.read(file)).isInstanceOf(Failure.class);
  }

  @ParameterizedTest
  @CsvSource({
    "'VP8 ',000000000000009d012a2c01c800,300,200",
    "VP8L,000000002f2bc13100,300,200",
    "VP8X,00000000000000002b0100c70000,300,200"
  })
  void readsTheThreeKindsOfWebp(String chunk, String rest, int width, int height)
      throws IOException {
    Path file = file(concat("RIFF\0\0\0\0WEBP", "", chunk, rest + "0000"));

    assertThat(PictureHeader.read(file))
        .isEqualTo(new PictureHeader(PictureType.WEBP, width, height, false));
  }

  @Test
  void tellsProgressiveJpegsAndInterlacedPngs() throws IOException {
    assertThat(PictureHeader.read(file(concat("", "ffd8ffc2000b08001e004601011100"))))
        .isEqualTo(new PictureHeader(PictureType.JPEG, 70, 30, true));
    assertThat(
            PictureHeader.read(
                file(
                    concat(
                        "\u0089PNG\r\n\u001a\n",
                        "0000000d",
                        "IHDR",
                        "000000460000001e0802000001"))))
        .isEqualTo(new PictureHeader(PictureType.PNG, 70, 30, true));
  }

  @Test
  void findsTheFrameOfAJpegBehindFillBytesAndLargeSegments() throws IOException {
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    jpeg.writeBytes(concat("", "ffd8"));
    for (int i = 0; i < 40; i++) {
      jpeg.writeBytes(concat("", "ffe2ffff"));
      jpeg.writeBytes(new byte[0xfffd]);
    }
    jpeg.writeBytes(concat("", "ffffffc0000b08001e004601011100"));

    assertThat(PictureHeader.read(file(jpeg.toByteArray())).width()).isEqualTo(70);
  }

  @Test
  void givesUpOnAJpegOfEndlessSegments() throws IOException {
    byte[] jpeg = new byte[64 << 20];
    Arrays.fill(jpeg, (byte) 0xff);
    ByteBuffer bytes = ByteBuffer.wrap(jpeg).putShort((short) 0xffd8);
    while (bytes.remaining() > 4) {
      bytes.putInt(0xffe10002);
    }
    assertThatThrownBy(() -> PictureHeader.read(file(jpeg))).isInstanceOf(Failure.class);
  }

  @Test
  void takesTheLargestOfAHeifsPicturesAndSurvivesBoxesInBoxes() throws IOException {
    byte[] ispe = box("ispe", ints(0, 4032, 3024));
    byte[] tile = box("ispe", ints(0, 512, 512));
    byte[] heic =
        concat(
            box("ftyp", concat("heic", "00000000", "mif1heic", "")),
            box(
                "meta",
                concat(ints(0), box("iprp", box("ipco", concat(tile, concat(ispe, tile)))))));

    assertThat(PictureHeader.read(file(heic)))
        .isEqualTo(new PictureHeader(PictureType.HEIC, 4032, 3024, false));

    byte[] nest = new byte[0];
    for (int i = 0; i < 2000; i++) {
      nest = box("iprp", nest);
    }
    byte[] hostile = concat(box("ftyp", concat("heic", "00000000", "mif1heic", "")), nest);
    assertThatThrownBy(() -> PictureHeader.read(file(hostile))).isInstanceOf(Failure.class);
  }

  @ParameterizedTest
  @CsvSource({"NIKON CORPORATION,true,NEF", "SONY,true,ARW", "NIKON,false,TIFF", "EPSON,true,TIFF"})
  void tellsRawFromTiffByTheMakersMark(String make, boolean subDirectory, PictureType type)
      throws IOException {
    ByteBuffer tiff = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
    tiff.put("II*\0".getBytes(StandardCharsets.ISO_8859_1)).putInt(8);
    tiff.putShort((short) (subDirectory ? 4 : 3));
    tiff.putShort((short) 0x100).putShort((short) 4).putInt(1).putInt(160);
    tiff.putShort((short) 0x101).putShort((short) 4).putInt(1).putInt(120);
    tiff.putShort((short) 0x10f).putShort((short) 2).putInt(make.length() + 1).putInt(100);
    if (subDirectory) {
      // Its sub-directory is itself: a loop that must not be followed round and round.
      tiff.putShort((short) 0x14a).putShort((short) 4).putInt(1).putInt(8);
    }
    tiff.position(100).put(make.getBytes(StandardCharsets.ISO_8859_1));
    if (make.length() <= 3) {
      throw new AssertionError("fits into the entry");
    }

    assertThat(PictureHeader.read(file(tiff.array())))
        .isEqualTo(new PictureHeader(type, 160, 120, false));
  }

  @Test
  void neverThrowsAnythingButAFailureOnMutatedHeaders() throws IOException {
    Random random = new Random(7);
    Path file = directory.resolve("mutated");
    for (String format : List.of("jpg", "png", "gif", "bmp", "tiff")) {
      ByteArrayOutputStream drawn = new ByteArrayOutputStream();
      ImageIO.write(new BufferedImage(70, 30, BufferedImage.TYPE_INT_RGB), format, drawn);
      for (int i = 0; i < 200; i++) {
        byte[] bytes = drawn.toByteArray();
        for (int flips = 0; flips < 4; flips++) {
          bytes[random.nextInt(Math.min(bytes.length, 200))] = (byte) random.nextInt();
        }
        Files.write(file, Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length)));
        try {
          assertThat(PictureHeader.read(file).width()).isNotNegative();
        } catch (Failure e) {
          assertThat(e.cause()).isEqualTo("not-a-picture");
        }
      }
    }
  }

  @Test
  void givesTheManifestsSizesForTheCorpus() throws IOException {
    // ExifTool reports another of this broken file's pictures.
    Set<String> otherwise = Set.of("broken/IllegalArgumentException.HeifReader.processBoxes.heif");
    for (Map<String, String> row : Corpus.manifest()) {
      String name = row.get("file");
      Path file = Corpus.directory().resolve(name);
      if (name.startsWith("broken/") && !row.get("width").matches("\\d+")
          || row.get("category").contains("not_an_image")) {
        assertThatThrownBy(() -> PictureHeader.read(file)).as(name).isInstanceOf(Failure.class);
        continue;
      }
      PictureHeader header = PictureHeader.read(file);
      if (!header.type().raw() && !otherwise.contains(name)) {
        assertThat(header.width() + "x" + header.height())
            .as(name)
            .isEqualTo(row.get("width") + "x" + row.get("height"));
      }
      assertThat(header.progressive() && header.type() == PictureType.JPEG)
          .as(name + " is progressive")
          .isEqualTo(row.get("category").contains("progressive"));
    }
  }

  private Path file(byte[] content) throws IOException {
    return Files.write(directory.resolve("file"), content);
  }

  /** Text and hexadecimal digits by turns. */
  private static byte[] concat(String... parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < parts.length; i++) {
      bytes.writeBytes(
          i % 2 == 0
              ? parts[i].getBytes(StandardCharsets.ISO_8859_1)
              : HexFormat.of().parseHex(parts[i]));
    }
    return bytes.toByteArray();
  }

  private static byte[] concat(byte[] one, byte[] other) {
    return ByteBuffer.allocate(one.length + other.length).put(one).put(other).array();
  }

  private static byte[] ints(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
    Arrays.stream(values).forEach(bytes::putInt);
    return bytes.array();
  }

  private static byte[] box(String type, byte[] content) {
    return ByteBuffer.allocate(8 + content.length)
        .putInt(8 + content.length)
        .put(type.getBytes(StandardCharsets.ISO_8859_1))
        .put(content)
        .array();
  }
}
