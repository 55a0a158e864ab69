package io.caravel.thumbnail;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.photo.DrawnTiff;
import io.caravel.photo.PictureHeader;
import io.caravel.photo.PictureType;
import io.caravel.thumbnail.Thumbnailer.Made;
import io.caravel.thumbnail.Thumbnailer.Target;
import io.caravel.thumbnail.vips.VipsPictures;
import io.caravel.thumbnail.vips.VipsThumbnailer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** TIFFs of all numbers, of several pages, and those that are cut off. */
@NullUnmarked
class TiffKindsTest {
  private static final Path NATIVE =
      Path.of("target", "native-" + System.getProperty("test.fork", "1")).toAbsolutePath();
  private static final int UNSIGNED = 1;
  private static final int SIGNED = 2;
  private static final int FLOAT = 3;

  @TempDir Path directory;
  private Thumbnailer thumbnailer;

  @BeforeEach
  void engine() {
    VipsPictures pictures = VipsPictures.load(NATIVE, (raw, to) -> Optional.empty(), 300, 2, 400);
    if (pictures == null && !"required".equals(System.getenv("CARAVEL_NATIVE"))) {
      Assumptions.abort("no libvips, or the program was built without it");
    }
    thumbnailer = new VipsThumbnailer(pictures, new ThumbnailatorThumbnailer(90), 90);
  }

  private record Numbers(int bits, int format, double full) {}

  static Stream<Arguments> numbers() {
    return Stream.of(
            new Numbers(8, UNSIGNED, 255),
            new Numbers(10, UNSIGNED, 1023),
            new Numbers(12, UNSIGNED, 4095),
            new Numbers(14, UNSIGNED, 16383),
            new Numbers(16, UNSIGNED, 65535),
            new Numbers(32, UNSIGNED, 4294967295.0),
            new Numbers(32, UNSIGNED, 255),
            new Numbers(32, UNSIGNED, 65535),
            new Numbers(16, SIGNED, 32767),
            new Numbers(16, SIGNED, 255),
            new Numbers(32, SIGNED, 2147483647.0),
            new Numbers(16, FLOAT, 1),
            new Numbers(32, FLOAT, 1),
            new Numbers(32, FLOAT, 255),
            new Numbers(64, FLOAT, 1),
            new Numbers(64, FLOAT, 65535))
        .flatMap(each -> Stream.of(true, false).map(grey -> Arguments.of(each, grey)));
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void anyKindOfNumberShowsTheSamePicture(Numbers numbers, boolean grey) throws IOException {
    DrawnTiff page =
        DrawnTiff.page(grey)
            .numbers(numbers.bits(), numbers.format(), level -> level / 255 * numbers.full());
    assertQuarters(DrawnTiff.file(page), grey);
  }

  @ParameterizedTest
  @CsvSource({"16,2", "32,3"})
  void numbersBelowZeroBeginAtBlack(int bits, int format) throws IOException {
    DrawnTiff page =
        DrawnTiff.page(false).numbers(bits, format, level -> level == 0x1d ? -300 : level * 10);
    BufferedImage shown = shown(DrawnTiff.file(page));

    assertThat(shown.getRGB(8, 40) >> 16 & 255).as("the darkest").isLessThan(12);
    assertThat(shown.getRGB(56, 40) >> 16 & 255).as("the brightest").isGreaterThan(240);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,1", "2,2", "4,2"})
  void ycbcrNeedNotBeAJpeg(int across, int down) throws IOException {
    assertQuarters(DrawnTiff.file(DrawnTiff.page(false).ycbcr(across, down)), false);
  }

  @ParameterizedTest
  @CsvSource({"-1", "0"})
  void aFurtherSampleOfNoSaidMeaningIsNoAlpha(int meaning) throws IOException {
    for (boolean grey : new boolean[] {true, false}) {
      DrawnTiff page = DrawnTiff.page(grey).extra(meaning).numbers(8, UNSIGNED, level -> level);
      assertQuarters(DrawnTiff.file(page), grey);
    }
  }

  @Test
  void coloursApartAndBitsOfOddNumbers() throws IOException {
    assertQuarters(
        DrawnTiff.file(DrawnTiff.page(false).planar(32, FLOAT, level -> level / 255)), false);
    assertQuarters(
        DrawnTiff.file(DrawnTiff.page(false).planar(16, UNSIGNED, level -> level * 257)), false);
  }

  @Test
  void whiteMayBeZero() throws IOException {
    DrawnTiff page =
        DrawnTiff.page(true).numbers(32, FLOAT, level -> 1 - level / 255).with(0x106, 0);
    assertQuarters(DrawnTiff.file(page), true);
  }

  @Test
  void packedNumbersAreUnpacked() throws IOException {
    DrawnTiff deflated =
        DrawnTiff.page(false)
            .numbers(32, FLOAT, level -> level / 255)
            .packed(8, TiffKindsTest::deflated);
    assertQuarters(DrawnTiff.file(deflated), false);
    DrawnTiff literal =
        DrawnTiff.page(false)
            .numbers(12, UNSIGNED, level -> level * 16)
            .packed(32773, TiffKindsTest::packedBits);
    assertQuarters(DrawnTiff.file(literal), false);
  }

  /** What libvips writes of its own: it reads floats of its predictor, and so do we. */
  @ParameterizedTest
  @CsvSource({
    "uint,lzw,none",
    "uint,lzw,horizontal",
    "uint,deflate,horizontal",
    "float,deflate,float",
    "float,lzw,float",
    "float,lzw,none",
    "int,packbits,none"
  })
  void whatLibtiffPacksIsUnpacked(String numbers, String compression, String predictor)
      throws Exception {
    Path plain = write(DrawnTiff.file(DrawnTiff.page(false)));
    Path cast = directory.resolve("cast.v");
    Path packed = directory.resolve("packed.tif");
    vips("cast", plain.toString(), cast.toString(), numbers);
    vips(
        "tiffsave",
        cast.toString(),
        packed.toString(),
        "--compression=" + compression,
        "--predictor=" + predictor);
    assertQuarters(Files.readAllBytes(packed), false);
    vips(
        "tiffsave",
        cast.toString(),
        packed.toString(),
        "--tile",
        "--tile-width=16",
        "--tile-height=32",
        "--compression=" + compression,
        "--predictor=" + predictor);
    assertQuarters(Files.readAllBytes(packed), false);
  }

  @Test
  void theFirstPageThatIsThePictureItselfIsShownAndMeasured() throws IOException {
    DrawnTiff small = DrawnTiff.page(true).with(0xfe, 1);
    DrawnTiff mask = DrawnTiff.page(true).with(0xfe, 4);
    for (DrawnTiff picture :
        List.of(
            DrawnTiff.page(false),
            DrawnTiff.page(false).numbers(32, FLOAT, level -> level / 255))) {
      byte[] file = DrawnTiff.file(small, mask, picture, DrawnTiff.page(true));

      assertThat(PictureHeader.read(write(file)).page()).isEqualTo(2);
      assertQuarters(file, false);
    }
    assertQuarters(DrawnTiff.file(small, mask), true);
  }

  @Test
  void aLoopOfPagesIsWalkedOnce() throws IOException {
    byte[] file =
        DrawnTiff.file(DrawnTiff.page(true).with(0xfe, 1), DrawnTiff.page(true).with(0xfe, 1));
    Path tiff = write(file);
    assertThat(PictureHeader.read(tiff))
        .isEqualTo(new PictureHeader(PictureType.TIFF, 64, 48, false));
  }

  @Test
  void aFileThatEndsInALaterPageIsDamagedAndItsFirstPageWhole() throws IOException {
    byte[] file = DrawnTiff.file(DrawnTiff.page(false), DrawnTiff.page(false));
    assertThat(make(write(file)).damage()).isNull();
    Path cut = write(Arrays.copyOf(file, file.length - 2000));
    assertThat(make(cut).damage()).isEqualTo(Trouble.LATER);
    assertQuarters(Files.readAllBytes(cut), false);
    Path halved = write(Arrays.copyOf(file, file.length / 2 + 4)); // the second page is gone wholly
    assertThat(make(halved).damage()).isEqualTo(Trouble.LATER);
    assertQuarters(Files.readAllBytes(halved), false);
    Path shorter = write(Arrays.copyOf(file, file.length / 2 - 6));
    assertThat(make(shorter).damage()).contains("lower part");
    assertQuarters(Files.readAllBytes(shorter), false);
  }

  @Test
  void oneOfOddNumbersThatIsCutOffShowsWhatThereIs() throws IOException {
    byte[] file = DrawnTiff.file(DrawnTiff.page(false).numbers(32, FLOAT, level -> level / 255));
    Path cut = write(Arrays.copyOf(file, file.length * 6 / 10));

    assertThat(make(cut).damage()).contains("lower part");
    assertThat(shown(Files.readAllBytes(cut)).getRGB(8, 8) >> 16 & 255).isGreaterThan(180);
  }

  private static byte[] deflated(byte[] data) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
      out.write(data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  /** As it is, in runs of 100 bytes; and a run of equal ones. */
  private static byte[] packedBits(byte[] data) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    for (int at = 0; at < data.length; ) {
      int run = 1;
      while (run < 128 && at + run < data.length && data[at + run] == data[at]) {
        run++;
      }
      if (run > 2) {
        packed.write(1 - run);
        packed.write(data[at]);
        at += run;
      } else {
        int count = Math.min(100, data.length - at);
        packed.write(count - 1);
        packed.write(data, at, count);
        at += count;
      }
    }
    return packed.toByteArray();
  }

  private static void vips(String... arguments) throws Exception {
    Process vips =
        new ProcessBuilder(Stream.concat(Stream.of("vips"), Stream.of(arguments)).toList())
            .inheritIO()
            .start();
    assertThat(vips.waitFor()).as(String.join(" ", arguments)).isZero();
  }

  private Path write(byte[] tiff) throws IOException {
    return Files.write(directory.resolve("photo-" + System.nanoTime() + ".tif"), tiff);
  }

  private Made make(Path photo) {
    return thumbnailer.make(photo, List.of(target()));
  }

  private Target target() {
    return new Target(
        ThumbnailSpec.parse("scale:64x64"), directory.resolve(System.nanoTime() + "/t.jpg"));
  }

  private BufferedImage shown(byte[] tiff) throws IOException {
    Target target = target();
    thumbnailer.make(write(tiff), List.of(target));
    return ImageIO.read(target.file().toFile());
  }

  private void assertQuarters(byte[] tiff, boolean grey) throws IOException {
    BufferedImage shown = shown(tiff);
    assertThat(shown.getWidth()).isEqualTo(64);
    assertThat(shown.getHeight()).isEqualTo(48);
    for (int i = 0; i < 4; i++) {
      int pixel = shown.getRGB(i % 2 == 0 ? 12 : 52, i < 2 ? 10 : 38);
      for (int band = 0; band < 3; band++) {
        int expected = grey ? 40 + 60 * i : DrawnTiff.COLOURS[i][band];
        assertThat(pixel >> 16 - 8 * band & 255)
            .as("quarter %d, colour %d", i, band)
            .isBetween(expected - 14, expected + 14);
      }
    }
  }
}
