package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files drawn byte by byte, after the standards that {@link DisplayTags} cites. */
class DisplayTagsTest {
  private static final byte[] PROFILE = "a colour profile".getBytes(StandardCharsets.US_ASCII);

  private static byte[] of(Object... parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (Object part : parts) {
      if (part instanceof Integer one) {
        bytes.write(one);
      } else if (part instanceof String text) {
        bytes.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
      } else {
        bytes.writeBytes((byte[]) part);
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] segment(int marker, byte[] content) {
    int length = content.length + 2;
    return of(0xff, marker, length >> 8, length & 0xff, content);
  }

  /** A TIFF directory whose one entry is the orientation. */
  private static byte[] oriented(int orientation) {
    return entry(0x112, 3, 1, orientation << 16);
  }

  /** A TIFF directory of one entry. */
  private static byte[] entry(int tag, int type, int count, int value) {
    return ByteBuffer.allocate(26)
        .put("MM\0*".getBytes(StandardCharsets.ISO_8859_1))
        .putInt(8)
        .putShort((short) 1)
        .putShort((short) tag)
        .putShort((short) type)
        .putInt(count)
        .putInt(value)
        .putInt(0)
        .array();
  }

  /** As writers give it other types: text, signed, long, and two values. */
  @ParameterizedTest
  @CsvSource({
    "2, 2, 0x36000000",
    "1, 1, 0x06000000",
    "6, 1, 0x06000000",
    "8, 1, 0x00060000",
    "9, 1, 0x00000006",
    "4, 1, 0x00000006",
    "3, 2, 0x00060006",
  })
  void anOddTypeIsReadAsItWasMeant(int type, int count, String value, @TempDir Path directory)
      throws IOException {
    byte[] exif = of("Exif\0\0", entry(0x112, type, count, Integer.decode(value)));
    assertThat(jpeg(directory, segment(0xe1, exif)).orientation()).isEqualTo(6);
  }

  @Test
  void aDirectoryThatClaimsMoreEntriesThanItHasIsReadAsFarAsItGoes(@TempDir Path directory)
      throws IOException {
    byte[] tiff = oriented(6);
    tiff[9] = 60;
    assertThat(jpeg(directory, segment(0xe1, of("Exif\0\0", tiff))).orientation()).isEqualTo(6);
  }

  private static byte[] raw(String name, byte[] exif) {
    String hex = HexFormat.of().formatHex(exif).replaceAll("(.{72})", "$1\n");
    return of("\n" + name + "\n      " + exif.length + "\n" + hex + "\n");
  }

  /** PNG before its eXIf, as ImageMagick wrote it. */
  @Test
  void aPngsExifMayStandInARawProfileOrBehindTheMarkOfAJpeg(@TempDir Path directory)
      throws IOException {
    byte[] exif = of("Exif\0\0", oriented(6));
    byte[] packed = of("Raw profile type exif", 0, 0, deflated(raw("exif", exif)));
    assertThat(png(directory, chunk("zTXt", packed)).orientation()).isEqualTo(6);
    byte[] plain = of("Raw profile type APP1", 0, raw("APP1", exif));
    assertThat(png(directory, chunk("tEXt", plain)).orientation()).isEqualTo(6);
    assertThat(png(directory, chunk("eXIf", exif)).orientation()).isEqualTo(6);
    byte[] broken = of("Raw profile type APP1", 0, "\nAPP1\n 4\nxyz");
    assertThat(png(directory, chunk("tEXt", broken)).orientation()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Exif\0\0"})
  void aWebpsExifCountsAlsoWithoutItsFlag(String mark, @TempDir Path directory) throws IOException {
    byte[] exif = of(mark, oriented(6));
    byte[] file =
        of(
            "RIFF\0\0\0\0WEBP",
            "VP8 ",
            new byte[] {3, 0, 0, 0},
            new byte[4],
            "EXIF",
            new byte[] {(byte) exif.length, 0, 0, 0},
            exif);
    Path webp = Files.write(directory.resolve("a.webp"), file);
    assertThat(DisplayTags.read(webp, PictureType.WEBP).orientation()).isEqualTo(6);
  }

  private static byte[] frame(int components) {
    return segment(0xc0, of(8, 0, 10, 0, 20, components, new byte[3 * components]));
  }

  private static byte[] piece(int number, byte[] content) {
    return segment(0xe2, of("ICC_PROFILE\0", number, 2, content));
  }

  private static DisplayTags jpeg(Path directory, byte[]... segments) throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(of(0xff, 0xd8));
    for (byte[] segment : segments) {
      whole.writeBytes(segment);
    }
    whole.writeBytes(segment(0xda, new byte[10]));
    return DisplayTags.read(
        Files.write(directory.resolve("a.jpg"), whole.toByteArray()), PictureType.JPEG);
  }

  private static byte[] chunk(String name, byte[] content) {
    return of(ByteBuffer.allocate(4).putInt(content.length).array(), name, content, new byte[4]);
  }

  private static DisplayTags png(Path directory, byte[]... chunks) throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(of(0x89, "PNG\r\n\u001a\n"));
    for (byte[] chunk : chunks) {
      whole.writeBytes(chunk);
    }
    whole.writeBytes(chunk("IEND", new byte[0]));
    return DisplayTags.read(
        Files.write(directory.resolve("a.png"), whole.toByteArray()), PictureType.PNG);
  }

  private static byte[] deflated(byte[] content) {
    Deflater deflater = new Deflater();
    deflater.setInput(content);
    deflater.finish();
    byte[] packed = new byte[content.length + 64];
    int length = deflater.deflate(packed);
    deflater.end();
    return Arrays.copyOf(packed, length);
  }

  @Test
  void aJpegWithoutTagsIsUprightAndWithoutAProfile(@TempDir Path directory) throws IOException {
    DisplayTags tags = jpeg(directory, frame(3));
    assertThat(tags.orientation()).isEqualTo(1);
    assertThat(tags.profile()).isNull();
    assertThat(tags.components()).isEqualTo(3);
    assertThat(tags.adobeTransform()).isEqualTo(-1);
    assertThat(tags.turnsItself()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "8, 8", "0, 1", "9, 1"})
  void theOrientationIsOneToEightOrNone(int written, int read, @TempDir Path directory)
      throws IOException {
    byte[] exif = of("Exif\0\0", oriented(written));
    assertThat(jpeg(directory, segment(0xe1, exif), frame(3)).orientation()).isEqualTo(read);
    assertThat(png(directory, chunk("eXIf", oriented(written))).orientation()).isEqualTo(read);
  }

  /** Of two EXIF segments the first that tells it, as ExifTool has it. */
  @Test
  void theFirstExifOfAJpegThatTellsItCounts(@TempDir Path directory) throws IOException {
    byte[] first = segment(0xe1, of("Exif\0\0", oriented(6)));
    byte[] second = segment(0xe1, of("Exif\0\0", oriented(3)));
    byte[] other = segment(0xe1, of("http://ns.adobe.com/xap/1.0/\0"));
    assertThat(jpeg(directory, other, first, second).orientation()).isEqualTo(6);
    byte[] broken = segment(0xe1, of("Exif\0\0", "no directory"));
    assertThat(jpeg(directory, broken, second).orientation()).isEqualTo(3);
    byte[] silent = segment(0xe1, of("Exif\0\0", entry(0x10f, 3, 1, 6)));
    assertThat(jpeg(directory, silent, second).orientation()).isEqualTo(3);
  }

  @Test
  void theProfilesPiecesArePutInTheirOrder(@TempDir Path directory) throws IOException {
    byte[] head = Arrays.copyOf(PROFILE, 5);
    byte[] tail = Arrays.copyOfRange(PROFILE, 5, PROFILE.length);
    assertThat(jpeg(directory, piece(2, tail), piece(1, head)).profile()).isEqualTo(PROFILE);
    assertThat(jpeg(directory, segment(0xe2, of("FPXR\0 and more than that"))).profile()).isNull();
    assertThat(jpeg(directory, segment(0xe2, of("ICC_PROFILE\0", 1, 1))).profile()).isNull();
  }

  /** 4 MB: a real one has some kB, a printer's 2 MB at most. */
  @Test
  void aProfileThatIsTooLargeEndsWhereItIs(@TempDir Path directory) throws IOException {
    byte[][] pieces = new byte[65][];
    for (int i = 0; i < pieces.length; i++) {
      pieces[i] = piece(i + 1, new byte[65_000]);
    }
    assertThat(jpeg(directory, pieces).profile()).hasSize(64 * 65_000);
  }

  @Test
  void adobesMarkerTellsTheColourTransform(@TempDir Path directory) throws IOException {
    byte[] adobe = segment(0xee, of("Adobe", new byte[] {0, 100, 0, 0, 0, 0, 2}));
    assertThat(jpeg(directory, adobe, frame(4)).adobeTransform()).isEqualTo(2);
    assertThat(jpeg(directory, adobe, frame(4)).components()).isEqualTo(4);
    assertThat(jpeg(directory, segment(0xee, of("Adobe", new byte[6]))).adobeTransform())
        .isEqualTo(-1);
    assertThat(jpeg(directory, segment(0xee, of("Other", new byte[7]))).adobeTransform())
        .isEqualTo(-1);
  }

  @Test
  void whatStandsBeforeTheDamageHolds(@TempDir Path directory) throws IOException {
    Path file =
        Files.write(
            directory.resolve("cut.jpg"),
            of(
                of(0xff, 0xd8),
                segment(0xe1, of("Exif\0\0", oriented(8))),
                piece(1, PROFILE),
                of(0xff, 0xe2, 0xff)));
    DisplayTags tags = DisplayTags.read(file, PictureType.JPEG);
    assertThat(tags.orientation()).isEqualTo(8);
    assertThat(tags.profile()).isEqualTo(PROFILE);
  }

  @Test
  void aPngsProfileIsInflated(@TempDir Path directory) throws IOException {
    byte[] whole = of("a name", 0, 0, deflated(PROFILE));
    assertThat(png(directory, chunk("IHDR", new byte[13]), chunk("iCCP", whole)).profile())
        .isEqualTo(PROFILE);
    byte[] cut = of("a name", 0, 0, Arrays.copyOf(deflated(PROFILE), 10));
    assertThat(png(directory, chunk("iCCP", cut)).profile()).isNull();
    byte[] nonsense = of("a name", 0, 0, "nonsense");
    assertThat(png(directory, chunk("iCCP", nonsense)).profile()).isNull();
    assertThat(png(directory, chunk("iCCP", of("a name", 0, 0))).profile()).isNull();
  }

  @Test
  void aPngsProfileThatWouldTakeMuchMemoryIsNone(@TempDir Path directory) throws IOException {
    byte[] just = of("n", 0, 0, deflated(new byte[4 << 20]));
    assertThat(png(directory, chunk("iCCP", just)).profile()).hasSize(4 << 20);
    byte[] bomb = of("n", 0, 0, deflated(new byte[(4 << 20) + 1]));
    assertThat(png(directory, chunk("iCCP", bomb)).profile()).isNull();
  }

  @Test
  void whatStandsBehindThePixelsCountsAndBehindTheEndDoesNot(@TempDir Path directory)
      throws IOException {
    assertThat(
            png(directory, chunk("IDAT", new byte[70_000]), chunk("eXIf", oriented(5)))
                .orientation())
        .isEqualTo(5);
    assertThat(png(directory, chunk("IEND", new byte[0]), chunk("eXIf", oriented(5))).orientation())
        .isEqualTo(1);
  }

  @Test
  void otherKindsHaveNone(@TempDir Path directory) throws IOException {
    Path file = Files.write(directory.resolve("a.gif"), of("GIF89a", new byte[20]));
    assertThat(DisplayTags.read(file, PictureType.GIF).orientation()).isEqualTo(1);
    assertThat(DisplayTags.read(file, PictureType.GIF).components()).isZero();
  }

  @Test
  void onlyARawProfileOfExifTellsTheOrientation(@TempDir Path directory) throws IOException {
    byte[] other = of("Raw profile type iptc", 0, raw("iptc", of("Exif\0\0", oriented(6))));
    assertThat(png(directory, chunk("tEXt", other)).orientation()).isEqualTo(1);
  }

  /** A file of a thousand of them would have them all unpacked. */
  @Test
  void fourRawProfilesAreLookedAtAndTheFirstColourProfile(@TempDir Path directory)
      throws IOException {
    byte[] none = chunk("tEXt", of("Raw profile type exif", 0, "\nexif\n 4\nxyz"));
    byte[] exif = of("Exif\0\0", oriented(6));
    byte[] told = chunk("tEXt", of("Raw profile type exif", 0, raw("exif", exif)));
    assertThat(png(directory, none, none, none, told).orientation()).isEqualTo(6);
    assertThat(png(directory, none, none, none, none, told).orientation()).isEqualTo(1);
    byte[] first = chunk("iCCP", of("a name", 0, 0, deflated(PROFILE)));
    byte[] second = chunk("iCCP", of("a name", 0, 0, deflated(new byte[9])));
    assertThat(png(directory, first, second).profile()).isEqualTo(PROFILE);
  }

  @Test
  void aProfilesNameHasAnEnd(@TempDir Path directory) throws IOException {
    byte[] longest = of("n".repeat(80), 0, 0, deflated(PROFILE));
    assertThat(png(directory, chunk("iCCP", longest)).profile()).isEqualTo(PROFILE);
    byte[] longer = of("n".repeat(81), 0, 0, deflated(PROFILE));
    assertThat(png(directory, chunk("iCCP", longer)).profile()).isNull();
  }

  @ParameterizedTest
  @CsvSource({"JPEG, true", "PNG, true", "WEBP, true", "GIF, true", "TIFF, false", "HEIC, false"})
  void ofTheseKindsTheTagsDecide(PictureType type, boolean decide) {
    assertThat(DisplayTags.decide(type)).isEqualTo(decide);
  }
}
