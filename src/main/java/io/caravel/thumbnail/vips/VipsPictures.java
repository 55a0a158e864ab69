package io.caravel.thumbnail.vips;

import io.caravel.job.Failure;
import io.caravel.photo.DisplayTags;
import io.caravel.photo.PictureHeader;
import io.caravel.photo.PictureType;
import io.caravel.photo.RawPreviews;
import io.caravel.thumbnail.Pictures;
import io.caravel.thumbnail.Trouble;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.BytePointer;
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
      HERE + ",VipsForeignLoadTiff,VipsForeignLoadHeif,VipsForeignLoadNsgif,VipsForeignLoadJp2k";
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
          PictureType.J2C);

  /** Of what a decoder must hold whole; 40 megapixels of a progressive JPEG are some 240 MB. */
  private static final long WHOLE_PIXELS_HERE = 40_000_000;

  /**
   * Bytes at the end of a file in which its end marker is looked for: some write more behind it.
   */
  private static final int TAIL = 1 << 16;

  private static final int CHILD_CPU_SECONDS = 120;

  /** Of what is held whole: an interlaced PNG of 16 bits with alpha; others need less. */
  private static final long BYTES_PER_PIXEL = 8;

  private static final long WAIT_SECONDS = 60;
  private static final Duration AGAIN = Duration.ofSeconds(10);
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
  private final PictureInChild.Limits limits;
  private final int megabytes;
  private final Semaphore memory;
  private final RawPreviews previews;
  private final Path directory;
  private final int maxMegapixels;

  private VipsPictures(
      Path decoder,
      Path directory,
      RawPreviews previews,
      int maxMegapixels,
      int children,
      int childMegabytes) {
    this.decoder = decoder;
    this.directory = directory;
    this.previews = previews;
    this.maxMegapixels = maxMegapixels;
    this.limits = new PictureInChild.Limits(childMegabytes, CHILD_CPU_SECONDS);
    this.megabytes = children * childMegabytes;
    this.memory = new Semaphore(megabytes, true);
  }

  /**
   * The engine, or null where libvips is absent or the program was built without it.
   *
   * @param cache this node's directory for the native files and what is taken out of RAW files;
   *     made when missing
   * @param maxMegapixels of a preview, in millions of pixels
   * @param children caged processes at a time
   * @param childMegabytes memory of each; what is held whole in this process takes its part of it
   */
  public static @Nullable VipsPictures load(
      Path cache, RawPreviews previews, int maxMegapixels, int children, int childMegabytes) {
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
          decoder, directory, previews, maxMegapixels, children, childMegabytes);
    } catch (IOException | LinkageError | RuntimeException e) {
      LOG.info("The picture engine libvips is not there ({}): pure Java it is.", e.toString());
      return null;
    }
  }

  boolean reads(PictureType type) {
    return READ.contains(type) || type.raw();
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
  }

  @Override
  public Pixels decode(Path photo, int longestSide, boolean caged) throws IOException {
    Size size =
        (width, height) -> {
          double factor = Math.min(1, (double) longestSide / Math.max(width, height));
          return new int[] {
            Math.max(1, (int) Math.round(width * factor)),
            Math.max(1, (int) Math.round(height * factor))
          };
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
          try (BytePointer out = new BytePointer((long) rgb.length)) {
            pixels.read(out);
            out.get(rgb);
          }
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
      return preview(photo, size, use);
    }
    try {
      return inTurn(photo, header, orientation, caged, size, use);
    } catch (Failure e) {
      // Of a much damaged JPEG libvips shows more where it may take any time, which the cage
      // bounds.
      if (caged || header.type() != PictureType.JPEG || !e.cause().equals("undecodable")) {
        throw e;
      }
      return inTurn(photo, header, orientation, true, size, use);
    }
  }

  private <T> T inTurn(
      Path photo, PictureHeader header, int orientation, boolean caged, Size size, Use<T> use)
      throws IOException {
    int known = orientation != 0 ? orientation : orientation(photo, header);
    boolean here = !caged && isReadHere(header, known, size);
    int needed = here ? megabytesHere(header) : limits.memoryMb();
    int taken = 0;
    try {
      // Even of none a fair semaphore would let this one wait behind others.
      if (needed > 0 && !memory.tryAcquire(needed, WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw Failure.passing(
            "decoder-busy",
            "Other photos need the decoder and its memory for long: this one waits for its turn.",
            AGAIN);
      }
      taken = needed;
      return Run.on(
          threads,
          run -> {
            try {
              return attempt(photo, known, here, size, null, run, use);
            } catch (Undecodable whole) {
              if (run.isStopped()) {
                throw whole;
              }
              boolean cut = isCut(photo, header.type(), String.valueOf(whole.getMessage()));
              String damage = cut ? Trouble.cutOff(header, Math.max(1, known)) : Trouble.SPOILT;
              try {
                return attempt(photo, known, here, size, damage, run, use);
              } catch (Undecodable nothing) {
                throw cut ? Trouble.truncated(whole) : Trouble.undecodable(whole);
              }
            }
          });
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Trouble.stopped(e);
    } finally {
      memory.release(taken);
    }
  }

  /** Of a RAW photo its largest preview, looked at anew: whoever made the file chose it. */
  private <T> T preview(Path raw, Size size, Use<T> use) throws IOException {
    Path preview = directory.resolve(UUID.randomUUID() + ".jpg");
    try {
      RawPreviews.Preview found =
          previews
              .extract(raw, preview)
              .orElseThrow(() -> Trouble.unsupported("A RAW photo that holds no preview"));
      PictureHeader header = PictureHeader.read(preview);
      if (header.type() != PictureType.JPEG) {
        throw Trouble.unsupported("A RAW photo whose preview is no JPEG");
      }
      header.limit(maxMegapixels);
      return decoded(preview, header, found.orientation(), true, size, use);
    } finally {
      Files.deleteIfExists(preview);
    }
  }

  /** The header is fine, and the pixels are not. */
  private static final class Undecodable extends RuntimeException {
    private Undecodable(RuntimeException reason) {
      super(reason.getMessage(), reason);
    }
  }

  private <T> T attempt(
      Path photo, int known, boolean here, Size size, @Nullable String damage, Run run, Use<T> use)
      throws IOException {
    try (OpenPicture open = run.opens(open(photo, here))) {
      open.readHeader();
      int orientation =
          known > 0 ? known : known == AS_EXIF ? open.exifOrientation() : open.orientation();
      boolean sideways = orientation >= 5;
      int width = sideways ? open.height() : open.width();
      int height = sideways ? open.width() : open.height();
      int[] wanted = size.of(width, height);
      Vips.Picture pixels = open.decode(wanted[0], wanted[1], orientation, damage != null);
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

  private static String tail(Path photo) throws IOException {
    try (FileChannel channel = FileChannel.open(photo)) {
      ByteBuffer bytes = ByteBuffer.allocate(TAIL);
      channel.read(bytes, Math.max(0, channel.size() - TAIL));
      return new String(bytes.array(), 0, bytes.position(), StandardCharsets.ISO_8859_1);
    }
  }

  private OpenPicture open(Path photo, boolean here) throws IOException {
    return here ? new PictureHere(photo) : new PictureInChild(decoder, IN_CHILD, limits, photo);
  }

  /** What is decoded here takes little memory: line by line, and to a bounded size. */
  private static boolean isReadHere(PictureHeader header, int orientation, Size size) {
    if (!READ_HERE.contains(header.type())) {
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

  /** JPEG and PNG as Caravel reads it, also from broken EXIF; else as libvips or EXIF says. */
  private static int orientation(Path photo, PictureHeader header) throws IOException {
    DisplayTags tags = DisplayTags.read(photo, header.type());
    return switch (header.type()) {
      case JPEG, PNG -> tags.orientation();
      // HEIF's own rotation counts, and EXIF's then only repeats it; where there is none, EXIF's is
      // meant.
      case HEIC, HEIF, AVIF -> tags.turnsItself() ? AS_LIBVIPS : AS_EXIF;
      default -> AS_LIBVIPS;
    };
  }
}
