package io.caravel.thumbnail.vips;

import io.caravel.ground.Failure;
import io.caravel.job.OwnTime;
import io.caravel.photo.DisplayTags;
import io.caravel.photo.JpegData;
import io.caravel.photo.JpegScans;
import io.caravel.photo.LaterFrames;
import io.caravel.photo.PictureHeader;
import io.caravel.photo.PictureType;
import io.caravel.photo.PlainTiff;
import io.caravel.photo.RawPreviews;
import io.caravel.thumbnail.Pictures;
import io.caravel.thumbnail.Posters;
import io.caravel.thumbnail.Trouble;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.IntBinaryOperator;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.Loader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * Decodes by libvips. JPEG, PNG and WebP, whose decoders are the most fuzzed there are, in this
 * process; every other kind, whatever must be held whole and is large, and whatever is suspected in
 * a caged child, a few at a time.
 */
public final class VipsPictures implements Pictures {
  private static final Logger LOG = LoggerFactory.getLogger(VipsPictures.class);
  private static final String HERE = "VipsForeignLoadJpeg,VipsForeignLoadPng,VipsForeignLoadWebp";
  private static final String IN_CHILD =
      HERE
          + ",VipsForeignLoadTiff,VipsForeignLoadHeif,VipsForeignLoadNsgif,VipsForeignLoadJp2k"
          + ",VipsForeignLoadJxl";
  private static final Set<PictureType> READ_HERE =
      EnumSet.of(PictureType.JPEG, PictureType.PNG, PictureType.WEBP);
  private static final Set<PictureType> READ =
      EnumSet.of(
          PictureType.JPEG,
          PictureType.PNG,
          PictureType.WEBP,
          PictureType.GIF,
          PictureType.TIFF,
          PictureType.HEIC,
          PictureType.HEIF,
          PictureType.AVIF,
          PictureType.JP2,
          PictureType.J2C,
          PictureType.JXL);

  /** Of what a decoder must hold whole; 40 megapixels of a progressive JPEG are some 240 MB. */
  private static final long WHOLE_PIXELS_HERE = 40_000_000;

  /**
   * Bytes at the end of a file in which its end marker is looked for: some write more behind it.
   */
  private static final int TAIL = 1 << 16;

  /**
   * Of what a child may take: a photo of 12 megapixels needs 1 to 5. The seconds in which it must
   * end are more, for others need the processor too; it may have been stopped.
   */
  private static final int CHILD_CPU_SECONDS = 15;

  private static final int CHILD_CPU_SECONDS_AT_MOST = 120;
  private static final int CHILD_SECONDS = 60;

  /**
   * Pixels in all scans of a JPEG that may be decoded here, where nothing stops them in between.
   */
  private static final long SCANNED_PIXELS_HERE = 800_000_000;

  /** Of a picture that mostly needs no more than half of a child's memory. */
  private static final long SMALL_PIXELS = 16_000_000;

  /** Of what is held whole: an interlaced PNG of 16 bits with alpha; others need less. */
  private static final long BYTES_PER_PIXEL = 8;

  /** A longer side of fewer pixels, of a photo that has so many times as many, is no preview. */
  private static final int STAMP = 640;

  private static final int STAMP_OF = 4;

  private static final Set<String> UNREAD = Set.of("undecodable", "truncated");

  private static final Pattern CUT =
      Pattern.compile("premature|truncat|end of|unexpected eof|short", Pattern.CASE_INSENSITIVE);
  private static final Pattern NO_CODEC =
      Pattern.compile("not a known (file )?format|operation is blocked|no decoding plugin");
  private static final Pattern MEMORY =
      Pattern.compile(
          "out of memory|bad_alloc|unable to allocate|insufficient memory|not enough memory|memory allocation|failed to allocate|creating thread",
          Pattern.CASE_INSENSITIVE);

  private final Path decoder;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "pictures");
            thread.setDaemon(true);
            return thread;
          });
  private final int childMegabytes;
  private final int smallMegabytes;
  private final int megabytes;
  private final Semaphore memory;

  /**
   * Held by the one that needs a whole child: two that wait for so much would hold up the small.
   */
  private final Semaphore whole = new Semaphore(1, true);

  private final RawPreviews previews;
  private final Posters posters;
  private final LibRaw libRaw = new LibRaw();
  private final Path directory;
  private final int maxMegapixels;

  private VipsPictures(
      Path decoder,
      Path directory,
      RawPreviews previews,
      Posters posters,
      int maxMegapixels,
      int children,
      int childMegabytes) {
    this.decoder = decoder;
    this.directory = directory;
    this.previews = previews;
    this.posters = posters;
    this.maxMegapixels = maxMegapixels;
    this.childMegabytes = childMegabytes;
    this.smallMegabytes = children > 1 ? childMegabytes / 2 : childMegabytes;
    this.megabytes = childMegabytes + (children - 1) * smallMegabytes;
    this.memory = new Semaphore(megabytes, true);
  }

  /** As below, without films. */
  public static @Nullable VipsPictures load(
      Path cache, RawPreviews previews, int maxMegapixels, int children, int childMegabytes) {
    Posters none =
        (video, target) -> {
          throw Trouble.unsupported("A film");
        };
    return load(cache, previews, none, maxMegapixels, children, childMegabytes);
  }

  /**
   * The engine, or null where libvips is absent or the program was built without it.
   *
   * @param cache this node's directory for the native files and what is taken out of RAW files;
   *     made when missing
   * @param maxMegapixels of a preview, in millions of pixels
   * @param children caged processes at a time: one for a large picture, the others for small ones,
   *     in half its memory
   * @param childMegabytes memory of the largest; what is held whole in this process takes its part
   *     of what all have
   */
  public static @Nullable VipsPictures load(
      Path cache,
      RawPreviews previews,
      Posters posters,
      int maxMegapixels,
      int children,
      int childMegabytes) {
    try {
      Path directory = cache.resolve("previews");
      FileSystemUtils.deleteRecursively(directory); // of a life that was killed
      Files.createDirectories(directory);
      System.setProperty("org.bytedeco.javacpp.cachedir", cache.toString());
      System.setProperty("org.bytedeco.javacpp.nopointergc", "true");
      // Pixels are bounded by the workers; JavaCPP would collect garbage to keep its own bound.
      System.setProperty("org.bytedeco.javacpp.maxbytes", "0");
      System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
      Vips.start(HERE);
      Path decoder =
          Loader.cacheResource(VipsPictures.class, Loader.getPlatform() + "/caravel-decode")
              .toPath();
      if (!decoder.toFile().setExecutable(true)) {
        throw new IOException(decoder + " cannot be made executable");
      }
      return new VipsPictures(
          decoder, directory, previews, posters, maxMegapixels, children, childMegabytes);
    } catch (IOException | LinkageError | RuntimeException e) {
      LOG.info("The picture engine libvips is not there ({}): pure Java it is.", e.toString());
      return null;
    }
  }

  boolean reads(PictureType type) {
    return READ.contains(type) || type.raw() || type.video();
  }

  /** A GIF of which libvips shows the first frame in place of the screen, ImageIO shows right. */
  boolean reads(PictureHeader header) {
    return reads(header.type()) && !(header.type() == PictureType.GIF && header.odd());
  }

  /** What is done with a decoded picture; its pixels are gone afterwards. */
  interface Use<T> {
    /**
     * @param width of the upright photo, of which the pixels may be fewer
     * @param height of the upright photo
     */
    T with(Vips.Picture pixels, int width, int height, @Nullable String damage) throws IOException;
  }

  /** How large an upright photo is to be decoded, both at most its own. */
  interface Size {
    int[] of(int width, int height);

    /** Whether it may be sharper than libvips makes it, in half the time: to be looked into. */
    default boolean quick() {
      return false;
    }
  }

  @Override
  public Pixels decode(Path photo, IntBinaryOperator longestSide, boolean caged)
      throws IOException {
    Size size =
        new Size() {
          @Override
          public int[] of(int width, int height) {
            double longest = longestSide.applyAsInt(width, height);
            double factor = Math.min(1, longest / Math.max(width, height));
            return new int[] {
              Math.max(1, (int) Math.round(width * factor)),
              Math.max(1, (int) Math.round(height * factor))
            };
          }

          @Override
          public boolean quick() {
            return true;
          }
        };
    return decoded(
        photo,
        PictureHeader.read(photo),
        0,
        caged,
        size,
        (pixels, width, height, damage) -> {
          pixels.flatten();
          byte[] rgb = new byte[pixels.width() * pixels.height() * 3];
          pixels.pixels().get(rgb);
          return new Pixels(pixels.width(), pixels.height(), rgb, damage, width, height);
        });
  }

  /**
   * Decodes a photo and has its pixels used; a damaged one is decoded once more as far as it goes.
   *
   * @param orientation 1 to 8 where it is known from elsewhere, 0: as the file says
   * @throws Failure as {@link io.caravel.thumbnail.Thumbnailer#make}
   */
  <T> T decoded(
      Path photo, PictureHeader header, int orientation, boolean caged, Size size, Use<T> use)
      throws IOException {
    if (header.type().raw()) {
      return preview(photo, header, size, use);
    }
    if (header.type().video()) {
      return poster(photo, header, size, use);
    }
    if (header.type() == PictureType.TIFF && header.odd()) {
      return plain(photo, header, size, use);
    }
    Use<T> judged =
        (pixels, width, height, damage) ->
            use.with(
                pixels, width, height, damage == null ? Trouble.unnoticed(photo, header) : damage);
    int scans = JpegScans.limit(photo, header);
    int known = orientation != 0 ? orientation : orientation(photo, header);
    boolean here = !caged && isReadHere(header, scans, known, size);
    try {
      if (here) {
        return inTurn(photo, header, known, new Place(0, megabytesHere(header)), size, judged);
      }
      return inChild(
          photo, header, known, isSmall(header) ? smallMegabytes : childMegabytes, size, judged);
    } catch (Failure e) {
      if (header.type() == PictureType.TIFF && UNREAD.contains(e.cause())) {
        return plainOr(e, photo, header, size, use);
      }
      // Of a much damaged JPEG libvips shows more where it may take any time, which the cage
      // bounds.
      if (!here || header.type() != PictureType.JPEG || !e.cause().equals("undecodable")) {
        throw e;
      }
      return inChild(photo, header, known, childMegabytes, size, judged);
    }
  }

  /** In a child of so much memory; where that is not enough, in the largest there is. */
  private <T> T inChild(
      Path photo, PictureHeader header, int known, int childMb, Size size, Use<T> use)
      throws IOException {
    try {
      return inTurn(photo, header, known, new Place(childMb, childMb), size, use);
    } catch (Failure e) {
      if (childMb == childMegabytes || !e.cause().equals("memory-limit")) {
        throw e;
      }
      return inChild(photo, header, known, childMegabytes, size, use);
    }
  }

  /**
   * Where a picture is decoded.
   *
   * @param childMb memory of its child; 0: here
   * @param neededMb of the memory that is there for pictures
   */
  private record Place(int childMb, int neededMb) {
    boolean here() {
      return childMb == 0;
    }
  }

  private <T> T inTurn(
      Path photo, PictureHeader header, int known, Place place, Size size, Use<T> use)
      throws IOException {
    PictureInChild.Limits limits =
        new PictureInChild.Limits(place.childMb(), childCpuSeconds(header));
    boolean alone = place.childMb() == childMegabytes;
    int needed = place.neededMb();
    boolean taken = false;
    boolean first = false;
    try {
      // Time in this queue is not the photo's own. Even of none a fair semaphore would let it wait.
      if (alone) {
        first = OwnTime.waiting(() -> acquired(whole, 1));
      }
      if (needed > 0) {
        taken = OwnTime.waiting(() -> acquired(memory, needed));
      }
      return Run.on(
          threads,
          place.here() ? Run.LIMIT_SECONDS : 2 * limits.cpuSeconds() + CHILD_SECONDS,
          run -> {
            try {
              return attempt(photo, header.page(), known, limits, size, false, null, run, use);
            } catch (Undecodable whole) {
              if (run.isStopped()) {
                throw whole;
              }
              boolean cut = isCut(photo, header.type(), String.valueOf(whole.getMessage()));
              String damage = cut ? Trouble.cutOff(header, Math.max(1, known)) : Trouble.SPOILT;
              if (LaterFrames.cut(photo, header)) {
                damage = Trouble.LATER;
              }
              if (cut && lacksButItsEnd(photo, header)) {
                damage = null;
              }
              try {
                return attempt(photo, header.page(), known, limits, size, true, damage, run, use);
              } catch (Undecodable nothing) {
                throw cut ? Trouble.truncated(whole) : Trouble.undecodable(whole);
              }
            }
          });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Trouble.stopped(e);
    } finally {
      if (taken) {
        memory.release(needed);
      }
      if (first) {
        whole.release();
      }
    }
  }

  private static boolean acquired(Semaphore of, int permits) throws InterruptedException {
    of.acquire(permits);
    return true;
  }

  private static int childCpuSeconds(PictureHeader header) {
    long megapixels = (long) header.width() * header.height() / 1_000_000;
    return (int) Math.min(CHILD_CPU_SECONDS_AT_MOST, CHILD_CPU_SECONDS + megapixels);
  }

  /** JPEG 2000 takes four bytes for each sample. */
  private static boolean isSmall(PictureHeader header) {
    boolean wide = header.type() == PictureType.JP2 || header.type() == PictureType.J2C;
    return (long) header.width() * header.height() <= SMALL_PIXELS / (wide ? 4 : 1);
  }

  /**
   * Of a RAW photo its largest preview, looked at anew: whoever made the file chose it. LibRaw
   * makes one where there is none, or but a stamp of a large photo.
   */
  private <T> T preview(Path raw, PictureHeader of, Size size, Use<T> use) throws IOException {
    Path preview = directory.resolve(UUID.randomUUID() + ".jpg");
    Path developed = directory.resolve(UUID.randomUUID() + ".tif");
    try {
      RawPreviews.Preview found = previews.extract(raw, preview).orElse(null);
      boolean stamp =
          found != null
              && Math.max(found.width(), found.height()) < STAMP
              && Math.max(of.width(), of.height())
                  > STAMP_OF * Math.max(found.width(), found.height());
      if ((found == null || stamp) && libRaw.develop(raw, developed)) {
        PictureHeader header = PictureHeader.read(developed);
        header.limit(maxMegapixels);
        Use<T> seen =
            (pixels, width, height, damage) -> {
              if (pixels.blank()) { // LibRaw tells of no data that are missing
                throw Trouble.unsupported("A RAW photo that holds neither a preview nor readings");
              }
              return use.with(pixels, width, height, damage);
            };
        return decoded(developed, header, 1, true, size, seen); // LibRaw has turned it
      }
      if (found == null) {
        throw Trouble.unsupported(
            "A RAW photo that holds no preview, and that LibRaw "
                + (libRaw.isThere() ? "cannot read," : "would read if it were installed,"));
      }
      PictureHeader header = PictureHeader.read(preview);
      if (header.type() != PictureType.JPEG) {
        throw Trouble.unsupported("A RAW photo whose preview is no JPEG");
      }
      header.limit(maxMegapixels);
      return decoded(preview, header, found.orientation(), true, size, use);
    } finally {
      Files.deleteIfExists(preview);
      Files.deleteIfExists(developed);
    }
  }

  /** Of a strip that is cut off libtiff shows nothing: what there is of it is copied. */
  private <T> T plainOr(Failure why, Path photo, PictureHeader header, Size size, Use<T> use)
      throws IOException {
    try {
      return plain(photo, header, size, use);
    } catch (Failure e) {
      throw e.cause().equals("unsupported-format") ? why : e;
    }
  }

  /** Of a film one of its frames, looked at anew. */
  private <T> T poster(Path video, PictureHeader film, Size size, Use<T> use) throws IOException {
    Path poster = directory.resolve(UUID.randomUUID() + ".jpg");
    try {
      posters.extract(video, poster);
      String damage = Trouble.unnoticed(video, film);
      return decoded(
          poster,
          PictureHeader.read(poster),
          1,
          true,
          size,
          (pixels, width, height, none) -> use.with(pixels, width, height, damage));
    } finally {
      Files.deleteIfExists(poster);
    }
  }

  /** Of a TIFF of unusual numbers a plain copy, which libvips reads. */
  private <T> T plain(Path photo, PictureHeader header, Size size, Use<T> use) throws IOException {
    Path copy = directory.resolve(UUID.randomUUID() + ".tif");
    try {
      boolean whole = PlainTiff.write(photo, header, copy);
      String damage = whole ? Trouble.unnoticed(photo, header) : Trouble.cutOff(header, 1);
      return decoded(
          copy,
          PictureHeader.read(copy),
          0,
          true,
          size,
          (pixels, width, height, none) -> use.with(pixels, width, height, damage));
    } catch (PlainTiff.Unread e) {
      throw Trouble.unsupported("A TIFF of this kind (" + e.getMessage() + ")");
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  /** The header is fine, and the pixels are not. */
  private static final class Undecodable extends RuntimeException {
    private Undecodable(RuntimeException reason) {
      super(reason.getMessage(), reason);
    }
  }

  private <T> T attempt(
      Path photo,
      int page,
      int known,
      PictureInChild.Limits limits,
      Size size,
      boolean tolerant,
      @Nullable String damage,
      Run run,
      Use<T> use)
      throws IOException {
    boolean here = limits.memoryMb() == 0;
    try (OpenPicture open = run.opens(here ? new PictureHere(photo) : child(photo, page, limits))) {
      open.readHeader();
      int orientation =
          known > 0 ? known : known == AS_EXIF ? open.exifOrientation() : open.orientation();
      boolean sideways = orientation >= 5;
      int width = sideways ? open.height() : open.width();
      int height = sideways ? open.width() : open.height();
      int[] wanted = size.of(width, height);
      Vips.Picture pixels = open.decode(wanted[0], wanted[1], orientation, tolerant, size.quick());
      if (damage != null && pixels.blank()) {
        throw new Undecodable(new RuntimeException("nothing of it could be read"));
      }
      return use.with(pixels, width, height, damage);
    } catch (Died e) {
      LOG.warn("{}: {}", photo.getFileName(), e.getMessage());
      throw run.isStopped() ? Trouble.stopped(e) : e.failure();
    } catch (Failure | Undecodable e) {
      throw e;
    } catch (RuntimeException e) {
      String reason = String.valueOf(e.getMessage());
      LOG.info("{}: {}", photo.getFileName(), reason);
      if (reason.startsWith("stopped: ")) {
        throw Trouble.stopped(e);
      }
      if (!here && MEMORY.matcher(reason).find()) {
        throw Trouble.childMemory(e);
      }
      if (!here && NO_CODEC.matcher(reason).find()) {
        throw Trouble.unsupported("This kind of picture, by the libvips that is installed,");
      }
      throw new Undecodable(e);
    }
  }

  /**
   * Whether a file that cannot be decoded ends before its picture does. Of a JPEG or PNG its end
   * tells: libvips keeps one text of errors for all threads of this process.
   */
  private static boolean isCut(Path photo, PictureType type, String reason) throws IOException {
    return switch (type) {
      case JPEG -> !tail(photo).contains("\u00ff\u00d9");
      case PNG -> !tail(photo).contains("IEND");
      default -> !READ_HERE.contains(type) && CUT.matcher(reason).find();
    };
  }

  /** Whether every block of a JPEG is there, and but its end marker is not. */
  private static boolean lacksButItsEnd(Path photo, PictureHeader header) throws IOException {
    return header.type() == PictureType.JPEG && JpegData.read(photo).complete();
  }

  private static String tail(Path photo) throws IOException {
    try (FileChannel channel = FileChannel.open(photo)) {
      ByteBuffer bytes = ByteBuffer.allocate(TAIL);
      channel.read(bytes, Math.max(0, channel.size() - TAIL));
      return new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
    }
  }

  private OpenPicture child(Path photo, int page, PictureInChild.Limits limits) throws IOException {
    return new PictureInChild(decoder, IN_CHILD, limits, photo, page);
  }

  /** What is decoded here takes little memory: line by line, and to a bounded size. */
  private static boolean isReadHere(PictureHeader header, int scans, int orientation, Size size) {
    // Of an animated WebP libvips looks for each frame from the first one on.
    boolean animated = header.type() == PictureType.WEBP && header.progressive();
    if (!READ_HERE.contains(header.type())
        || animated
        || scans > 1 && (long) header.width() * header.height() * scans > SCANNED_PIXELS_HERE) {
      return false;
    }
    boolean sideways = orientation >= 5;
    int[] wanted =
        size.of(
            Math.max(1, sideways ? header.height() : header.width()),
            Math.max(1, sideways ? header.width() : header.height()));
    // A JPEG in several scans is held whole too, though it need not say so in its frame.
    boolean whole = header.progressive() || header.type() != PictureType.PNG;
    return (!whole || (long) header.width() * header.height() <= WHOLE_PIXELS_HERE)
        && (long) wanted[0] * wanted[1] <= WHOLE_PIXELS_HERE;
  }

  /** What a picture read here takes of the memory that is there for pictures, in megabytes. */
  private int megabytesHere(PictureHeader header) {
    boolean whole = header.progressive() || header.type() == PictureType.WEBP;
    long bytes = whole ? BYTES_PER_PIXEL * header.width() * header.height() : 0;
    return (int) Math.min(megabytes, bytes >> 20);
  }

  private static final int AS_LIBVIPS = 0;
  private static final int AS_EXIF = -1;

  /**
   * As Caravel reads it, also from broken EXIF, where that decides; else as libvips or EXIF says.
   */
  private static int orientation(Path photo, PictureHeader header) throws IOException {
    DisplayTags tags = DisplayTags.read(photo, header.type());
    if (DisplayTags.decide(header.type())) {
      return tags.orientation();
    }
    return switch (header.type()) {
      // HEIF's own rotation counts, and EXIF's then only repeats it; where there is none, EXIF's is
      // meant.
      case HEIC, HEIF, AVIF -> tags.turnsItself() ? AS_LIBVIPS : AS_EXIF;
      case JXL -> 1; // libjxl has turned it, and its EXIF only repeats that (18181-1, E.2)
      default -> AS_LIBVIPS;
    };
  }
}
