package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.caravel.child.Child;
import io.caravel.photo.DrawnRaw;
import io.caravel.photo.DrawnTiff;
import io.caravel.photo.DrawnVideo;
import io.caravel.route.Api.Part;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of each kind of file in the running program. */
@NullUnmarked
class KindsTest extends FlowTest {
  @TempDir Path directory;

  static Stream<Arguments> raws() throws IOException {
    byte[] preview = DrawnRaw.preview();
    return Stream.of(
        Arguments.of("image/x-pentax-pef", DrawnRaw.of("PENTAX Corporation", 65535, preview)),
        Arguments.of("image/x-pentax-pef", DrawnRaw.of("Ricoh Imaging", 1, preview)),
        Arguments.of("image/x-samsung-srw", DrawnRaw.of("SAMSUNG", 32770, preview)),
        Arguments.of("image/x-epson-erf", DrawnRaw.of("SEIKO EPSON CORP.", 32769, preview)),
        Arguments.of("image/x-mamiya-mef", DrawnRaw.of("Mamiya-OP Co.,Ltd.", 1, preview)),
        Arguments.of("image/x-hasselblad-3fr", DrawnRaw.of("Hasselblad", 1, preview)),
        Arguments.of("image/x-kodak-kdc", DrawnRaw.of("EASTMAN KODAK COMPANY", 65000, preview)),
        Arguments.of("image/x-nikon-nef", DrawnRaw.of("NIKON CORPORATION", 34713, preview)),
        Arguments.of("image/x-raw", DrawnRaw.of("A maker to come", 1, preview)));
  }

  @ParameterizedTest
  @MethodSource("raws")
  void aMakersRawIsTakenDatedAndShownByItsPreview(String type, byte[] raw) throws Exception {
    JsonNode photo = taken(raw);

    assertThat(photo.path("mime_type").asText()).isEqualTo(type);
    assertThat(photo.path("taken_at").asText()).startsWith("2012-02-02T02:02:02");
    assertQuarters(photo);
  }

  /** Of some the readings make no picture, and nothing else is in them. */
  @ParameterizedTest
  @CsvSource({"MRW,image/x-minolta-mrw", "CRW,image/x-canon-crw", "X3F,image/x-sigma-x3f"})
  void aRawWithoutAPictureIsTakenAndSaysSo(String kind, String type) throws Exception {
    byte[] raw =
        switch (kind) {
          case "MRW" -> DrawnRaw.minolta();
          case "CRW" -> latin("II\u001a\0\0\0HEAPCCDR\2\0\1\0" + "\0".repeat(200));
          default -> latin("FOVb\0\0\2\0" + "\0".repeat(300));
        };
    JsonNode photo = taken(raw);

    assertThat(photo.path("mime_type").asText()).isEqualTo(type);
    JsonNode job = photo.path("jobs").path("thumbnails");
    assertThat(job.path("state").asText()).isEqualTo("failed");
    assertThat(job.path("cause").asText()).isEqualTo("unsupported-format");
    assertThat(job.path("error").asText()).contains("RAW");
    if (kind.equals("MRW")) { // of which LibRaw makes a black picture
      assertThat(photo.path("taken_at").asText()).startsWith("2004-02-02T02:02:02");
    }
  }

  @Test
  void aRawWithoutAPreviewIsDevelopedByLibRaw() throws Exception {
    Assumptions.assumeTrue(
        Child.find("dcraw_emu").isPresent(), "LibRaw's dcraw_emu is missing: libraw-bin");
    JsonNode photo = taken(DrawnRaw.dng());

    assertThat(photo.path("mime_type").asText()).isEqualTo("image/x-adobe-dng");
    assertThat(photo.path("jobs").path("thumbnails").path("state").asText()).isEqualTo("done");
    BufferedImage shown = shown(photo);
    int red = shown.getRGB(shown.getWidth() / 4, shown.getHeight() / 4);
    assertThat((red >> 16 & 255) - (red >> 8 & 255)).as("red is red").isGreaterThan(60);
    int blue = shown.getRGB(shown.getWidth() / 4, 3 * shown.getHeight() / 4);
    assertThat((blue & 255) - (blue >> 16 & 255)).as("blue is blue").isGreaterThan(60);
  }

  @Test
  void aTiffOfFloatsBehindASmallCopyIsShownAndMeasured() throws Exception {
    DrawnTiff small = DrawnTiff.page(true).with(0xfe, 1).with(0x101, 24);
    DrawnTiff picture = DrawnTiff.page(false).numbers(32, 3, level -> level / 255);
    JsonNode photo = taken(DrawnTiff.file(small, picture));

    assertThat(photo.path("mime_type").asText()).isEqualTo("image/tiff");
    assertThat(photo.path("width").asInt()).isEqualTo(64);
    assertThat(photo.path("height").asInt()).isEqualTo(48);
    assertThat(photo.path("damaged").asBoolean()).isFalse();
    assertQuarters(photo);
  }

  @ParameterizedTest
  @CsvSource({"0,0,0,320,240", "160,120,0,320,240", "640,480,0,640,480", "400,300,7,400,300"})
  void aGifIsAsLargeAsItsScreenAndItsFirstFrame(
      int screenWidth, int screenHeight, int left, int width, int height) throws Exception {
    byte[] gif = encoded("gif");
    gif[6] = (byte) screenWidth;
    gif[7] = (byte) (screenWidth >> 8);
    gif[8] = (byte) screenHeight;
    gif[9] = (byte) (screenHeight >> 8);
    int frame = indexOf(gif, (byte) 0x2c, 13 + 3 * (2 << (gif[10] & 7)));
    gif[frame + 1] = (byte) left;
    JsonNode photo = taken(gif);

    assertThat(photo.path("width").asInt()).isEqualTo(width);
    assertThat(photo.path("height").asInt()).isEqualTo(height);
    BufferedImage shown = shown(photo);
    assertThat(shown.getWidth()).isEqualTo(width);
    assertThat(shown.getHeight()).isEqualTo(height);
    assertColours(shown, left, 0, 320, 240, 40); // of 256 colours
  }

  @ParameterizedTest
  @ValueSource(strings = {"gif", "webp"})
  void anAnimationThatEndsInALaterFrameShowsItsFirst(String kind) throws Exception {
    byte[] whole = animated(kind);
    JsonNode photo = taken(whole);
    assertThat(photo.path("damaged").asBoolean()).isFalse();

    JsonNode cut = taken(Arrays.copyOf(whole, whole.length - 60));
    assertThat(cut.path("damaged").asBoolean()).isTrue();
    assertThat(cut.path("damage").asText()).contains("animation").contains("first");
    assertColours(shown(cut), 0, 0, 320, 240, 40);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void jpegXlIsTaken(boolean container) throws Exception {
    Path jxl = directory.resolve("photo.jxl");
    vips("copy", file("png").toString(), jxl + (container ? "[lossless]" : "[Q=90]"));
    JsonNode photo = taken(Files.readAllBytes(jxl));

    assertThat(photo.path("mime_type").asText()).isEqualTo("image/jxl");
    assertThat(photo.path("width").asInt()).isEqualTo(320);
    assertThat(photo.path("height").asInt()).isEqualTo(240);
    assertQuarters(photo);
  }

  @ParameterizedTest
  @CsvSource({
    "mp4,video/mp4",
    "mov,video/quicktime",
    "m4v,video/x-m4v",
    "3gp,video/3gpp",
    "avi,video/x-msvideo",
    "mkv,video/x-matroska",
    "webm,video/webm"
  })
  void aFilmIsTakenShownByAFrameAndPlayed(String extension, String type) throws Exception {
    Path film = DrawnVideo.write(directory.resolve("film." + extension));
    JsonNode photo = taken(Files.readAllBytes(film));

    assertThat(photo.path("mime_type").asText()).isEqualTo(type);
    assertThat(photo.path("width").asInt()).isEqualTo(DrawnVideo.WIDTH);
    assertThat(photo.path("height").asInt()).isEqualTo(DrawnVideo.HEIGHT);
    assertThat(photo.path("damaged").asBoolean()).isFalse();
    assertColours(
        shown(photo), 0, 0, DrawnVideo.WIDTH, DrawnVideo.HEIGHT, 30); // not the black before it
    long id = photo.path("id").asLong();
    JsonNode faces = ended(id, "faces");
    assertThat(faces.path("state").asText()).isEqualTo("skipped");
    assertThat(faces.path("cause").asText()).isEqualTo("video");
    Api.Answer part = api.get("/api/photos/" + id + "/original", "Range", "bytes=100-199");
    assertThat(part.status()).isEqualTo(206);
    assertThat(part.header("Content-Type")).isEqualTo(type);
    assertThat(part.body()).isEqualTo(Arrays.copyOfRange(Files.readAllBytes(film), 100, 200));
  }

  @Test
  void aFilmOfATelephoneIsDatedPlacedAndUpright() throws Exception {
    Path film = DrawnVideo.turned(DrawnVideo.write(directory.resolve("phone.mov")));
    exiftool(
        film,
        "-Keys:CreationDate=2021:05:05 10:10:10+02:00",
        "-Keys:GPSCoordinates=48.2082, 16.3738, 170");
    JsonNode photo = taken(Files.readAllBytes(film));

    assertThat(photo.path("taken_at").asText()).isEqualTo("2021-05-05T10:10:10+02:00");
    assertThat(photo.path("taken_from").asText()).isEqualTo("exif");
    assertThat(photo.path("latitude").asDouble()).isBetween(48.2081, 48.2083);
    assertThat(photo.path("longitude").asDouble()).isBetween(16.3737, 16.3739);
    assertThat(photo.path("width").asInt()).isEqualTo(DrawnVideo.HEIGHT);
    assertThat(photo.path("height").asInt()).isEqualTo(DrawnVideo.WIDTH);
    BufferedImage shown = shown(photo);
    assertThat(shown.getWidth()).isEqualTo(DrawnVideo.HEIGHT);
    int blue = shown.getRGB(20, 20); // the lower left comes to the upper left
    assertThat(blue & 255).isGreaterThan(150);
    assertThat(blue >> 16 & 255).isLessThan(100);
  }

  @Test
  void quickTimesOwnTimeIsUniversal() throws Exception {
    Path film =
        DrawnVideo.dated(
            DrawnVideo.write(directory.resolve("film.mp4")), 1562243590); // 12:33:10 UTC
    exiftool(film, "-Keys:GPSCoordinates=48.2082, 16.3738, 170");
    JsonNode photo = taken(Files.readAllBytes(film));

    assertThat(photo.path("taken_at").asText()).isEqualTo("2019-07-04T14:33:10+02:00");
  }

  @Test
  void aFilmThatIsCutOffIsDamagedAndOneWithoutItsEndIsRefused() throws Exception {
    byte[] film = Files.readAllBytes(DrawnVideo.write(directory.resolve("film.mp4")));
    JsonNode answer = api.upload(Part.file("a", Arrays.copyOf(film, film.length / 2))).photo();
    assertThat(answer.path("status").asText()).as("the index comes last").isEqualTo("rejected");

    Path mkv = DrawnVideo.write(directory.resolve("film.mkv"));
    byte[] matroska = Files.readAllBytes(mkv);
    JsonNode photo = taken(Arrays.copyOf(matroska, matroska.length * 2 / 3));
    assertThat(photo.path("jobs").path("thumbnails").path("state").asText()).isEqualTo("done");
  }

  /** The film behind a telephone's picture: the picture is what it is. */
  @Test
  void aMotionPhotoIsAWholePhoto() throws Exception {
    byte[] jpeg = DrawnRaw.preview();
    byte[] film = Files.readAllBytes(DrawnVideo.write(directory.resolve("film.mp4")));
    byte[] both = Arrays.copyOf(jpeg, jpeg.length + film.length);
    System.arraycopy(film, 0, both, jpeg.length, film.length);
    JsonNode photo = taken(both);

    assertThat(photo.path("mime_type").asText()).isEqualTo("image/jpeg");
    assertThat(photo.path("damaged").asBoolean()).isFalse();
    assertQuarters(photo);
  }

  private static void exiftool(Path file, String... arguments) throws Exception {
    Process exiftool =
        new ProcessBuilder(
                Stream.of(
                        Stream.of("exiftool", "-q", "-overwrite_original"),
                        Stream.of(arguments),
                        Stream.of(file.toString()))
                    .flatMap(each -> each)
                    .toList())
            .inheritIO()
            .start();
    assertThat(exiftool.waitFor()).isZero();
  }

  @Test
  void whatIsNoPictureIsRefusedInASentence() {
    for (String other :
        new String[] {
          "%PDF-1.4 a document",
          "\0\0\0\u0018ftypM4A \0\0\0\0M4A mp42isom",
          "ID3\3\0music",
          "RIFF\1\0\0\0WAVEfmt "
        }) {
      JsonNode answer = api.upload(Part.file("a", latin(other))).photo();
      assertThat(answer.path("status").asText()).isEqualTo("rejected");
      assertThat(answer.path("cause").asText()).isEqualTo("not-a-picture");
      assertThat(answer.path("error").asText()).contains("not a picture or film");
    }
  }

  private JsonNode taken(byte[] file) {
    JsonNode answer = api.upload(Part.file("a", file)).photo();
    assertThat(answer.path("status").asText()).as(answer.toString()).isEqualTo("accepted");
    long id = answer.path("id").asLong();
    ended(id, "thumbnails");
    ended(id, "metadata");
    return api.get("/api/photos/" + id).json();
  }

  private BufferedImage shown(JsonNode photo) throws IOException {
    assertThat(photo.path("jobs").path("thumbnails").path("state").asText())
        .as(photo.path("jobs").path("thumbnails").toString())
        .isEqualTo("done");
    String path = "/api/photos/" + photo.path("id").asLong() + "/thumbnails/scale-1600x1600";
    return ImageIO.read(new ByteArrayInputStream(api.get(path).body()));
  }

  private void assertQuarters(JsonNode photo) throws IOException {
    BufferedImage shown = shown(photo);
    assertColours(shown, 0, 0, shown.getWidth(), shown.getHeight(), 14);
  }

  private static void assertColours(
      BufferedImage shown, int left, int top, int width, int height, int tolerance) {
    for (int i = 0; i < 4; i++) {
      int x = left + (i % 2 == 0 ? width / 4 : 3 * width / 4);
      int pixel = shown.getRGB(x, top + (i < 2 ? height / 4 : 3 * height / 4));
      for (int band = 0; band < 3; band++) {
        int expected = DrawnTiff.COLOURS[i][band];
        assertThat(pixel >> 16 - 8 * band & 255)
            .as("quarter %d, colour %d", i, band)
            .isBetween(expected - tolerance, expected + tolerance);
      }
    }
  }

  private static BufferedImage picture() throws IOException {
    return ImageIO.read(new ByteArrayInputStream(DrawnRaw.preview()));
  }

  private static byte[] encoded(String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(picture(), format, bytes);
    return bytes.toByteArray();
  }

  private Path file(String format) throws IOException {
    return Files.write(directory.resolve("drawn." + format), encoded(format));
  }

  /** Two frames: the picture, and the picture upside down. */
  private byte[] animated(String kind) throws Exception {
    Path one = file("png");
    Path other = directory.resolve("turned.png");
    Path both = directory.resolve("both.v");
    Path target = directory.resolve("animated." + kind);
    vips("flip", one.toString(), other.toString(), "vertical");
    vips("join", one.toString(), other.toString(), both.toString(), "vertical");
    vips(
        "copy",
        both.toString(),
        target + (kind.equals("gif") ? "[page_height=240]" : "[page_height=240,lossless]"));
    return Files.readAllBytes(target);
  }

  private static void vips(String... arguments) throws Exception {
    Process vips =
        new ProcessBuilder(Stream.concat(Stream.of("vips"), Stream.of(arguments)).toList())
            .inheritIO()
            .start();
    assertThat(vips.waitFor()).as(String.join(" ", arguments)).isZero();
  }

  private static int indexOf(byte[] bytes, byte wanted, int from) {
    int at = from;
    while (bytes[at] != wanted) {
      at++;
    }
    return at;
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
