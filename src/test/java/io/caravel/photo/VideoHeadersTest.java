package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The headers of films, box by box: ISO/IEC 14496-12, RFC 9559 and RFC 8794, AVI. */
class VideoHeadersTest {
  private static final byte[] PICTURES = box("hdlr", bytes(8), latin1("vide"), bytes(12));
  private static final byte[] SOUND = box("hdlr", bytes(8), latin1("soun"), bytes(12));
  private static final byte[] ISOM = box("ftyp", latin1("isom"), bytes(4));

  private static byte[] bytes(int zeros) {
    return new byte[zeros];
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static byte[] joined(byte[]... parts) {
    ByteBuffer all = ByteBuffer.allocate(Stream.of(parts).mapToInt(part -> part.length).sum());
    Stream.of(parts).forEach(all::put);
    return all.array();
  }

  private static byte[] repeated(int count, byte[] part) {
    return joined(Stream.generate(() -> part).limit(count).toArray(byte[][]::new));
  }

  private static byte[] box(String type, byte[]... content) {
    return sized(8 + joined(content).length, type, content);
  }

  private static byte[] sized(int size, String type, byte[]... content) {
    return joined(ByteBuffer.allocate(4).putInt(size).array(), latin1(type), joined(content));
  }

  private static byte[] tkhd(int version, boolean turned, int width, int height) {
    ByteBuffer header = ByteBuffer.allocate((version == 1 ? 52 : 40) + 44);
    header.put((byte) version).position(header.capacity() - 44);
    int one = 0x10000;
    int[] matrix = {one, 0, 0, 0, one, 0, 0, 0, 0x40000000};
    int[] quarter = {0, one, 0, -one, 0, 0, 0, 0, 0x40000000};
    for (int each : turned ? quarter : matrix) {
      header.putInt(each);
    }
    return box("tkhd", header.putInt(width * one).putInt(height * one).array());
  }

  private static byte[] track(int width, int height) {
    return box("trak", tkhd(0, false, width, height), box("mdia", PICTURES));
  }

  private static @Nullable PictureHeader read(byte[]... parts) throws IOException {
    return VideoHeaders.read(HeaderBytes.of(joined(parts)));
  }

  private static PictureHeader film(PictureType type, int width, int height) {
    return new PictureHeader(type, width, height, true);
  }

  @ParameterizedTest
  @CsvSource({"isom,MP4", "mp42,MP4", "'qt  ',MOV", "3gp4,THREE_GP", "3g2a,THREE_GP", "'M4V ',M4V"})
  void theBrandTellsTheKind(String brand, PictureType type) throws IOException {
    assertThat(read(box("ftyp", latin1(brand), bytes(4)), box("moov", track(640, 480))))
        .isEqualTo(film(type, 640, 480));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mdat", "wide", "free", "skip"})
  void filmsFromBeforeThereWereBrandsAreQuickTime(String first) throws IOException {
    byte[] film = box("moov", track(640, 480));
    assertThat(read(film)).isEqualTo(film(PictureType.MOV, 640, 480));
    assertThat(read(box(first), film)).isEqualTo(film(PictureType.MOV, 640, 480));
    assertThat(read(box("else"), film)).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void theMatrixTurnsTheFilmInBothVersionsOfTheTrackHeader(int version) throws IOException {
    for (boolean turned : new boolean[] {false, true}) {
      assertThat(
              read(
                  ISOM,
                  box("moov", box("trak", tkhd(version, turned, 640, 480), box("mdia", PICTURES)))))
          .isEqualTo(turned ? film(PictureType.MP4, 480, 640) : film(PictureType.MP4, 640, 480));
    }
  }

  @Test
  void theLargestTrackOfPicturesIsTheFilm() throws IOException {
    byte[] sound = box("trak", tkhd(0, false, 9000, 9000), box("mdia", SOUND));
    assertThat(read(ISOM, box("moov", sound, track(64, 48), track(640, 480))))
        .isEqualTo(film(PictureType.MP4, 640, 480));
    assertThat(read(ISOM, box("moov", track(640, 480), track(48, 640), sound)))
        .isEqualTo(film(PictureType.MP4, 640, 480));
  }

  @Test
  void whatHasNoTrackOfPicturesIsNoFilm() throws IOException {
    assertThat(read(ISOM, box("moov", box("trak", tkhd(0, false, 0, 0), box("mdia", SOUND)))))
        .isNull();
    assertThat(read(ISOM, box("mdat", bytes(100)))).isNull();
    assertThat(read(latin1("\0\0\0\010ftypiso"))).isNull();
  }

  @Test
  void boxesMayBeLongAndTheLastMayReachToTheEnd() throws IOException {
    byte[] lengthOf64Bits =
        joined(sized(1, "mdat"), ByteBuffer.allocate(8).putLong(16 + 5).array(), bytes(5));
    byte[] track = track(640, 480);
    assertThat(read(ISOM, lengthOf64Bits, sized(0, "moov", track)))
        .isEqualTo(film(PictureType.MP4, 640, 480));
    assertThat(read(ISOM, sized(1 << 30, "moov", track)))
        .as("longer than the file")
        .isEqualTo(film(PictureType.MP4, 640, 480));
    assertThat(read(ISOM, sized(7, "free"), box("moov", track)))
        .as("shorter than its own header")
        .isNull();
    assertThat(read(ISOM, box("free"), box("moov", track), bytes(7)))
        .as("as short as a header, and a rest that is none")
        .isEqualTo(film(PictureType.MP4, 640, 480));
  }

  @Test
  void boxesAreFollowedSoDeepAndSoFar() throws IOException {
    byte[] film = box("moov", track(640, 480));
    assertThat(read(ISOM, box("moov", film))).isEqualTo(film(PictureType.MP4, 640, 480));
    assertThat(read(ISOM, box("moov", box("moov", film)))).isNull();
    assertThat(read(ISOM, repeated(4090, box("free")), film))
        .isEqualTo(film(PictureType.MP4, 640, 480));
    assertThatThrownBy(() -> read(ISOM, repeated(4091, box("free")), film))
        .isInstanceOf(HeaderBytes.Unreadable.class);
  }

  /** An element with a length of one byte. */
  private static byte[] element(String id, byte[]... content) {
    byte[] all = joined(content);
    return joined(hex(id), new byte[] {(byte) (0x80 | all.length)}, all);
  }

  private static byte[] ebml(String docType) {
    return element("1a45dfa3", element("4286", hex("01")), element("4282", latin1(docType)));
  }

  private static byte[] tracks(byte[]... entries) {
    return element("1654ae6b", entries);
  }

  private static byte[] entry(String width, String height) {
    return element(
        "ae",
        element("d7", hex("01")),
        element(
            "e0", element("9a", hex("02")), element("b0", hex(width)), element("ba", hex(height))));
  }

  @ParameterizedTest
  @CsvSource({"webm,WEBM", "matroska,MKV"})
  void theDocTypeTellsWebmFromMatroska(String docType, PictureType type) throws IOException {
    byte[] sound = element("ae", element("d7", hex("02")), element("e1", element("b0", hex("07"))));
    assertThat(
            read(
                ebml(docType),
                element("18538067", element("ec", bytes(3)), tracks(sound, entry("0280", "01e0")))))
        .isEqualTo(film(type, 640, 480));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ff", "01ffffffffffffff", "0100000000000040", "4040", "10000fff"})
  void lengthsAreUnknownOrOfUpToEightBytes(String length) throws IOException {
    byte[] tracks = tracks(entry("0280", "01e0"));
    assertThat(read(ebml("webm"), hex("18538067"), hex(length), tracks))
        .isEqualTo(film(PictureType.WEBM, 640, 480));
  }

  @Test
  void theFirstTrackOfPicturesIsTheFilmOfMatroska() throws IOException {
    assertThat(
            read(
                ebml("matroska"),
                element("18538067", tracks(entry("40", "30"), entry("0280", "01e0")))))
        .isEqualTo(film(PictureType.MKV, 64, 48));
  }

  @Test
  void elementsThatAreNoneOrWithoutPicturesAreUnreadable() {
    byte[] segment = element("18538067", tracks(entry("0280", "01e0")));
    byte[] cluster = element("1f43b675", bytes(3));
    for (byte[] rest :
        new byte[][] {
          hex("0881"),
          hex("ec00"),
          element("18538067", tracks()),
          element("18538067", tracks(entry("00", "30"))),
          element("18538067", tracks(entry("30", "00"))),
          element("18538067", tracks(entry("80000000", "30"))),
          element("18538067", cluster, tracks(entry("0280", "01e0"))),
          joined(repeated(4096, element("ec")), segment)
        }) {
      assertThatThrownBy(() -> read(ebml("webm"), rest)).isInstanceOf(HeaderBytes.Unreadable.class);
    }
  }

  private static byte[] chunk(String type, byte[]... content) {
    byte[] all = joined(content);
    int length = Integer.reverseBytes(all.length);
    return joined(
        latin1(type), ByteBuffer.allocate(4).putInt(length).array(), all, bytes(all.length & 1));
  }

  private static byte[] avih(int width, int height) {
    return chunk(
        "avih",
        ByteBuffer.allocate(56)
            .putInt(32, Integer.reverseBytes(width))
            .putInt(36, Integer.reverseBytes(height))
            .array());
  }

  @Test
  void theMainHeaderTellsTheSizeOfAnAvi() throws IOException {
    byte[] riff = joined(latin1("RIFF"), bytes(4), latin1("AVI "));
    byte[] header = chunk("LIST", latin1("hdrl"), avih(640, 480));
    assertThat(read(riff, header)).isEqualTo(film(PictureType.AVI, 640, 480));
    assertThat(read(riff, chunk("JUNK", bytes(7)), chunk("LIST", latin1("INFO")), header))
        .isEqualTo(film(PictureType.AVI, 640, 480));
    assertThat(read(riff, repeated(63, chunk("JUNK")), header))
        .isEqualTo(film(PictureType.AVI, 640, 480));
    assertThatThrownBy(() -> read(riff, repeated(64, chunk("JUNK")), header))
        .isInstanceOf(HeaderBytes.Unreadable.class);
    assertThatThrownBy(() -> read(riff, chunk("LIST", latin1("hdrl"), avih(0, 480))))
        .isInstanceOf(HeaderBytes.Unreadable.class);
    assertThat(read(joined(latin1("RIFF"), bytes(4), latin1("WAVE")), header)).isNull();
  }
}
