package io.caravel.thumbnail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.caravel.ground.Failure;
import io.caravel.photo.DrawnPng;
import io.caravel.photo.ManyScans;
import io.caravel.photo.PictureHeader;
import io.caravel.photo.PictureType;
import io.caravel.thumbnail.Thumbnailer.Made;
import io.caravel.thumbnail.Thumbnailer.Target;
import io.caravel.thumbnail.vips.VipsPictures;
import io.caravel.thumbnail.vips.VipsThumbnailer;
import java.awt.Color;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_ColorSpace;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** libvips, in this process and in its caged child. */
@NullUnmarked
class VipsThumbnailerTest extends ThumbnailerTest {
  /** JavaCPP keeps the first directory it is given for as long as the JVM lives. */
  private static final Path NATIVE =
      Path.of("target", "native-" + System.getProperty("test.fork", "1")).toAbsolutePath();

  private VipsPictures pictures;

  @Override
  Thumbnailer engine() {
    pictures = VipsPictures.load(NATIVE, (raw, to) -> Optional.empty(), 300, 2, 400);
    if (pictures == null && !"required".equals(System.getenv("CARAVEL_NATIVE"))) {
      Assumptions.abort("no libvips, or the program was built without it");
    }
    return new VipsThumbnailer(pictures, new ThumbnailatorThumbnailer(90), 90);
  }

  @AfterEach
  void noChildIsLeft() {
    await().until(() -> decoders().isEmpty());
  }

  private static List<ProcessHandle> decoders() {
    return ProcessHandle.current()
        .children()
        .filter(child -> child.info().command().orElse("").endsWith("caravel-decode"))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpg", "png", "webp", "gif", "tif", "jp2", "avif"})
  void readsEachKindInTheChildToo(String extension) throws Exception {
    Path photo = converted(extension);
    Made made = thumbnailer.make(photo, List.of(target("scale:200x200")), true);

    assertThat(made).isEqualTo(new Made(null));
    assertQuarters(made(photo, "scale:200x200"), 200, 100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"avif", "webp", "tif"})
  void putsTheOtherKindsUprightByTheirExifToo(String extension) throws Exception {
    Path photo = run("convert-to-" + extension, png(stored(quarters(400, 200), 6)));
    exiftool("-n", "-Orientation=6", photo.toString());

    assertQuarters(made(photo, "scale:200x200"), 200, 100);
  }

  @Test
  void keepsTransparencyInWebp() throws Exception {
    BufferedImage clear = new BufferedImage(100, 50, BufferedImage.TYPE_INT_ARGB);
    clear.createGraphics().fillRect(50, 0, 50, 50);
    ThumbnailSpec spec = ThumbnailSpec.parse("scale:40x40");
    Path webp = directory.resolve("thumbnails/clear.webp");
    thumbnailer.make(png(clear), List.of(new Target(spec, webp)));

    assertThat(PictureHeader.read(webp).type()).isEqualTo(PictureType.WEBP);
    BufferedImage read = ImageIO.read(run("convert-to-png", webp).toFile());
    assertThat(read.getRGB(5, 10) >>> 24).isLessThan(20);
    assertThat(read.getRGB(35, 10) >>> 24).isGreaterThan(235);
  }

  @ParameterizedTest
  @CsvSource({"jpg,false", "jpg,true", "png,false", "png,true"})
  void ofAPictureCutOffTheThumbnailShowsWhatThereIs(String extension, boolean caged)
      throws Exception {
    byte[] bytes = encoded(smooth(400, 300), extension);
    Path whole = Files.write(directory.resolve("whole." + extension), bytes);
    Path cut = directory.resolve("cut." + extension);
    Files.write(cut, Arrays.copyOf(bytes, bytes.length * 6 / 10));
    Target target = target("scale:200x200");

    Made made = thumbnailer.make(cut, List.of(target), caged);

    assertThat(made.damage()).isNotNull();
    BufferedImage thumbnail = ImageIO.read(target.file().toFile());
    assertColour(thumbnail, 20, 10, new Color(made(whole, "scale:200x200").getRGB(20, 10)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"webp", "avif"})
  void zerosInsteadOfDataAreDamageInOtherKindsToo(String extension) throws Exception {
    Path whole = run("convert-to-" + extension, png(noise(700, 500)));
    byte[] bytes = Files.readAllBytes(whole);
    Arrays.fill(bytes, bytes.length / 2, bytes.length, (byte) 0);
    Path photo = Files.write(directory.resolve("zeros." + extension), bytes);

    assertThat(thumbnailer.make(whole, List.of(target("scale:90x90"))).damage()).isNull();
    try {
      assertThat(thumbnailer.make(photo, List.of(target("scale:80x80"))).damage()).isNotNull();
    } catch (Failure e) { // libwebp may see for itself that its first part ends too early
      assertThat(e.cause()).isEqualTo("undecodable");
    }
  }

  @Test
  void oneWithNothingReadableFailsAndLeavesNoFile() throws IOException {
    byte[] whole = encoded(quarters(400, 200), "jpg");
    Path photo = directory.resolve("headerOnly.jpg");
    Files.write(photo, Arrays.copyOf(whole, startOfScan(whole)));
    Target target = target("scale:200x200");

    assertThatThrownBy(() -> thumbnailer.make(photo, List.of(target)))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.cause()).isEqualTo("truncated"));
    assertThat(target.file()).doesNotExist();
  }

  @Test
  void anInterruptStopsADecodeInThisProcess() throws Exception {
    Path large = directory.resolve("large.png");
    ImageIO.write(noise(6000, 4000), "png", large.toFile());
    ExecutorService worker = Executors.newSingleThreadExecutor();
    Future<?> work = worker.submit(() -> thumbnailer.make(large, List.of(target("scale:90x90"))));
    // A decode is over in a second: a look that comes late finds none.
    await()
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> threads("pictures") > 0);
    worker.shutdownNow();
    assertThatThrownBy(work::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(Failure.class)
        .cause()
        .satisfies(e -> assertThat(((Failure) e).cause()).isEqualTo("interrupted"));
  }

  private static long threads(String name) {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(each -> each.getKey().getName().equals(name))
        .filter(
            each ->
                Arrays.stream(each.getValue())
                    .anyMatch(frame -> frame.getMethodName().equals("decode")))
        .count();
  }

  @Test
  void aStoppedChildIsKilledWhenItsTimeIsOverAndItsNeighbourNeverNotices() throws Exception {
    ExecutorService workers = Executors.newFixedThreadPool(2);
    Path photo = slow();
    Future<Made> hung =
        workers.submit(() -> thumbnailer.make(photo, List.of(target("scale:50x50")), true));
    ProcessHandle child = stopOne("-STOP");
    Future<Made> neighbour =
        workers.submit(() -> thumbnailer.make(photo, List.of(target("cover:50x50")), true));
    assertThat(neighbour.get().damage()).isNull();
    assertThat(child.isAlive()).isTrue();

    workers.shutdownNow(); // as the time limit does
    assertThatThrownBy(hung::get).hasCauseInstanceOf(Failure.class);
    await().until(() -> !child.isAlive());
  }

  @Test
  void whatIsDecodedHereDoesNotQueueBehindThoseThatWaitForAChild() throws Exception {
    VipsPictures one =
        Objects.requireNonNull(
            VipsPictures.load(NATIVE, (raw, to) -> Optional.empty(), 300, 1, 400));
    VipsThumbnailer single = new VipsThumbnailer(one, new ThumbnailatorThumbnailer(90), 90);
    Path photo = slow();
    Thread hung = caged(single, photo, "scale:50x50");
    ProcessHandle child = stopOne("-STOP");
    Thread waiting = caged(single, photo, "cover:50x50");
    await().until(() -> waiting.getState() == Thread.State.WAITING);

    assertThat(single.make(converted("jpg"), List.of(target("scale:60x60")), false).damage())
        .isNull();

    waiting.interrupt();
    hung.interrupt();
    waiting.join();
    hung.join();
    await().until(() -> !child.isAlive());
  }

  /** libpng alone unpacks each of these texts, which takes it some half a second. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void packedTextsOfAPngAreNotUnpacked(boolean caged) throws Exception {
    byte[] packed = DrawnPng.packed(60);
    DrawnPng png = new DrawnPng(8, 8);
    for (int i = 0; i < 300; i++) {
      png.chunk("zTXt", DrawnPng.latin("Text" + i + "\0\0"), packed);
    }
    png.pixelsInPieces(3).chunk("iTXt", DrawnPng.latin("More\0\1\0\0\0"), packed);
    Path photo = Files.write(directory.resolve("bomb.png"), png.end());
    Target target = target("scale:8x8");
    assertThat(thumbnailer.make(photo, List.of(target), caged)).isEqualTo(new Made(null));
    assertColour(ImageIO.read(target.file().toFile()), 4, 4, Color.BLACK);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aJpegInThousandsOfScansIsTooComplex(boolean caged) throws Exception {
    Path photo = Files.write(directory.resolve("scans.jpg"), ManyScans.jpeg(3000));
    assertThatThrownBy(() -> thumbnailer.make(photo, List.of(target("scale:8x8")), caged))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.cause()).isEqualTo("too-complex");
              assertThat(failure.lasting()).isTrue();
            });
    Path few = Files.write(directory.resolve("few.jpg"), ManyScans.jpeg(60));
    assertThat(thumbnailer.make(few, List.of(target("scale:20x20")), caged)).isNotNull();
  }

  /** To convert costs more than to decode, and changes some pixels by one. */
  @Test
  void anSrgbProfileIsNotConvertedAndOneThatLooksLikeItIs() throws Exception {
    byte[] srgb =
        ((ICC_ColorSpace) ColorSpace.getInstance(ColorSpace.CS_sRGB)).getProfile().getData();
    Path plain = Files.write(directory.resolve("plain.jpg"), encoded(noise(300, 200), "jpg"));
    Path tagged = Files.copy(plain, directory.resolve("tagged.jpg"));
    exiftool(
        "-ICC_Profile<=" + Files.write(directory.resolve("srgb.icc"), srgb), tagged.toString());
    assertThat(Files.readAllBytes(make(tagged, "scale:300x200")))
        .isEqualTo(Files.readAllBytes(make(plain, "scale:300x200")));

    ByteBuffer linear = ByteBuffer.wrap(srgb);
    for (int tag = 132; tag < 132 + 12 * linear.getInt(128); tag += 12) {
      if (new String(srgb, tag + 1, 3, StandardCharsets.US_ASCII).equals("TRC")) {
        linear.putInt(linear.getInt(tag + 4) + 8, 0); // a curve of no points
        linear.putInt(tag + 8, 12);
      }
    }
    Path grey = jpeg(filled(new Color(128, 128, 128)), 1);
    exiftool("-ICC_Profile<=" + Files.write(directory.resolve("line.icc"), srgb), grey.toString());
    assertColour(made(grey, "scale:50x50"), 25, 25, new Color(188, 188, 188));
  }

  /** libjpeg keeps all of it, and libvips once more. */
  @Test
  void ofMuchApplicationDataTheColourProfileAloneIsRead() throws Exception {
    byte[] jpeg = encoded(smooth(400, 300), "jpg");
    ByteArrayOutputStream bloated = new ByteArrayOutputStream();
    bloated.write(jpeg, 0, 2);
    byte[] segment = new byte[65_535 + 2];
    System.arraycopy(new byte[] {-1, (byte) 0xe4, -1, -1}, 0, segment, 0, 4);
    for (int i = 0; i < 40; i++) {
      bloated.writeBytes(segment);
    }
    bloated.write(jpeg, 2, jpeg.length - 2);
    Path photo = Files.write(directory.resolve("bloated.jpg"), bloated.toByteArray());
    Path plain = Files.write(directory.resolve("plain.jpg"), jpeg);
    Target target = target("scale:100x100");
    assertThat(thumbnailer.make(photo, List.of(target))).isEqualTo(new Made(null));
    assertThat(ImageIO.read(target.file().toFile()).getRGB(50, 30))
        .isEqualTo(made(plain, "scale:100x100").getRGB(50, 30));
  }

  @Test
  void anAnimatedWebpIsReadInAChild() throws Exception {
    Path still = run("convert-to-webp", png(smooth(64, 64)));
    byte[] file = Files.readAllBytes(still);
    int frame = new String(file, StandardCharsets.ISO_8859_1).indexOf("VP8 ");
    byte[] webp = Arrays.copyOfRange(file, frame, file.length);
    webp = Arrays.copyOf(webp, 8 + ByteBuffer.wrap(webp).order(ByteOrder.LITTLE_ENDIAN).getInt(4));
    ByteBuffer animated =
        ByteBuffer.allocate(12 + 18 + 14 + 3 * (8 + 16 + webp.length))
            .order(ByteOrder.LITTLE_ENDIAN);
    animated
        .put("RIFF".getBytes(StandardCharsets.US_ASCII))
        .putInt(0)
        .put("WEBP".getBytes(StandardCharsets.US_ASCII));
    animated.put("VP8X".getBytes(StandardCharsets.US_ASCII)).putInt(10).putInt(2);
    animated.put(new byte[] {63, 0, 0, 63, 0, 0});
    animated
        .put("ANIM".getBytes(StandardCharsets.US_ASCII))
        .putInt(6)
        .putInt(0)
        .putShort((short) 0);
    for (int i = 0; i < 3; i++) {
      animated.put("ANMF".getBytes(StandardCharsets.US_ASCII)).putInt(16 + webp.length);
      animated.put(new byte[] {0, 0, 0, 0, 0, 0, 63, 0, 0, 63, 0, 0, 100, 0, 0, 0});
      animated.put(webp);
    }
    animated.putInt(4, animated.position() - 8);
    Path photo =
        Files.write(
            directory.resolve("animated.webp"),
            Arrays.copyOf(animated.array(), animated.position()));
    assertThat(thumbnailer.make(photo, List.of(target("scale:50x50"))).damage()).isNull();

    ExecutorService worker = Executors.newSingleThreadExecutor();
    Future<Made> dying = worker.submit(() -> thumbnailer.make(photo, List.of(target("cover:9x9"))));
    stopOne("-KILL");
    assertThatThrownBy(dying::get).hasRootCauseInstanceOf(Exception.class);
    worker.shutdown();
  }

  @Test
  void aLargePictureThatIsSlowHoldsNoSmallOne() throws Exception {
    Path large =
        run("convert-to-tif", png(new BufferedImage(5000, 4000, BufferedImage.TYPE_BYTE_GRAY)));
    Path small = converted("tif");
    VipsThumbnailer both = (VipsThumbnailer) thumbnailer;
    Thread hung = caged(both, large, "scale:50x50");
    ProcessHandle child = stopOne("-STOP");
    Thread waiting = caged(both, large, "cover:50x50");
    await().until(() -> waiting.getState() == Thread.State.WAITING);

    assertThat(both.make(small, List.of(target("scale:60x60")), true).damage()).isNull();

    waiting.interrupt();
    hung.interrupt();
    waiting.join();
    hung.join();
    await().until(() -> !child.isAlive());
  }

  private Thread caged(VipsThumbnailer thumbnailer, Path photo, String wish) {
    Target target = target(wish);
    Thread thread =
        new Thread(
            () -> {
              try {
                thumbnailer.make(photo, List.of(target), true);
              } catch (Failure stopped) {
                // as asked
              }
            });
    thread.start();
    return thread;
  }

  @Test
  void aChildThatDiesEndsItsPhotoAloneAndItMayBeTriedAgain() throws Exception {
    ExecutorService worker = Executors.newSingleThreadExecutor();
    Path photo = slow();
    Future<Made> dying =
        worker.submit(() -> thumbnailer.make(photo, List.of(target("scale:50x50")), true));
    stopOne("-KILL");
    assertThatThrownBy(dying::get)
        .cause()
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.cause()).isEqualTo("decoder-died");
              assertThat(failure.lasting()).isFalse();
            });
    assertThat(thumbnailer.make(photo, List.of(target("scale:50x50")), true).damage()).isNull();
    worker.shutdown();
  }

  /** One that takes a child longer than it takes a busy machine to find and stop it. */
  private Path slow() throws Exception {
    return run("convert-to-tif", png(new BufferedImage(4000, 3000, BufferedImage.TYPE_BYTE_GRAY)));
  }

  /** Sends a signal to a child as soon as there is one. */
  private static ProcessHandle stopOne(String signal) throws Exception {
    List<ProcessHandle> found = new ArrayList<>();
    await()
        .pollInterval(Duration.ofMillis(1))
        .until(
            () -> {
              found.clear();
              found.addAll(decoders());
              return !found.isEmpty()
                  && new ProcessBuilder("kill", signal, "" + found.get(0).pid()).start().waitFor()
                      == 0;
            });
    return found.get(0);
  }

  /** A short form of {@code src/bench/mutants}. */
  @ParameterizedTest
  @ValueSource(strings = {"jpg", "png", "webp", "gif", "tif", "jp2", "avif"})
  void aMutatedPictureEndsAsAFailureOrAThumbnail(String extension) throws Exception {
    byte[] whole = Files.readAllBytes(converted(extension));
    Random random = new Random(7);
    for (int i = 0; i < 30; i++) {
      Path photo = directory.resolve("mutant-" + i + "." + extension);
      Files.write(photo, Mutants.of(whole, random));
      try {
        PictureHeader.read(photo).limit(20);
        thumbnailer.make(photo, List.of(target("scale:60x60")));
      } catch (Failure e) {
        assertThat(e.cause())
            .isIn("not-a-picture", "too-many-pixels", "truncated", "undecodable", "memory-limit");
      }
    }
  }

  @Test
  void givesUprightPixelsOfAnyKind() throws Exception {
    Pictures.Pixels pixels = pictures.decode(jpeg(stored(quarters(400, 200), 6), 6), 100, false);
    assertThat(pixels.width()).isEqualTo(100);
    assertThat(pixels.height()).isEqualTo(50);
    assertThat(pixels.rgb()).hasSize(100 * 50 * 3);
    int last = pixels.rgb().length - 3;
    BufferedImage expected = quarters(400, 200);
    for (Map.Entry<Integer, Integer> each :
        Map.of(0, expected.getRGB(0, 0), last, expected.getRGB(399, 199)).entrySet()) {
      for (int band = 0; band < 3; band++) {
        assertThat((pixels.rgb()[each.getKey() + band] & 255))
            .isCloseTo(
                each.getValue() >> (16 - 8 * band) & 255,
                org.assertj.core.api.Assertions.within(12));
      }
    }
  }

  /** The quarters, 400 x 200, as a file of this kind. */
  private Path converted(String extension) throws Exception {
    return run("convert-to-" + extension, png(quarters(400, 200)));
  }

  /** By libvips's command where it is installed, else by ImageIO. */
  private Path run(String what, Path from) throws Exception {
    String extension = what.substring("convert-to-".length());
    Path to = directory.resolve("converted-" + System.nanoTime() + "." + extension);
    if (Stream.of("jpg", "png", "gif", "tif").anyMatch(extension::equals)
        && !from.toString().endsWith(".webp")) {
      BufferedImage picture = ImageIO.read(from.toFile());
      ImageIO.write(rgb(picture), extension.equals("tif") ? "tiff" : extension, to.toFile());
      return to;
    }
    Process vips = new ProcessBuilder("vips", "copy", from.toString(), to.toString()).start();
    assertThat(vips.waitFor()).as("vips copy to " + to).isZero();
    return to;
  }
}
