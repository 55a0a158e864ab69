package io.caravel.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people and programs write, as ExifTool writes it for them. */
class WordsTest {
  private static final ExifToolPool EXIFTOOL = ShippedExifTool.pool(1);

  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  Path directory;

  private final MetadataReader reader =
      new MetadataReader(new ZoneMap(), ZoneOffset.UTC, InstantSource.system());

  @AfterAll
  static void end() {
    EXIFTOOL.close();
  }

  private Words written(String... tags) throws Exception {
    Path photo = DrawnPhoto.with(directory, "a.jpg", tags);
    return reader.read(EXIFTOOL.read(List.of(photo.toString())), "a.jpg", null).words();
  }

  private Words said(String tags) {
    return reader.read("[{\"SourceFile\": \"x.jpg\", " + tags + "}]", "a.jpg", null).words();
  }

  @Test
  void aPhotoOfWhichNobodyWroteHasNoWords() throws Exception {
    Words words = written();
    assertThat(words)
        .isEqualTo(new Words(null, null, null, List.of(), null, null, null, null, List.of()));
  }

  /** Each row adds one that goes before those above it. */
  @Test
  void exifGoesBeforeXmpAndXmpBeforeIptc() throws Exception {
    List<String> tags =
        new ArrayList<>(
            List.of(
                "-IPTC:ObjectName=Title 1",
                "-IPTC:Headline=Headline 1",
                "-IPTC:Caption-Abstract=Caption 1",
                "-IPTC:Keywords=one",
                "-IPTC:By-line=Ada",
                "-IPTC:CopyrightNotice=© 1"));
    assertThat(written(tags.toArray(String[]::new)))
        .isEqualTo(
            new Words(
                "Title 1",
                "Headline 1",
                "Caption 1",
                List.of("one"),
                "Ada",
                "© 1",
                null,
                null,
                List.of()));
    tags.addAll(
        List.of(
            "-XMP-dc:Title=Title 2",
            "-XMP-photoshop:Headline=Headline 2",
            "-XMP-dc:Description=Caption 2",
            "-XMP-dc:Subject=two",
            "-XMP-dc:Subject=three",
            "-XMP-dc:Creator=Ben",
            "-XMP-dc:Creator=Cleo",
            "-XMP-dc:Rights=© 2",
            "-XMP-xmp:Rating=4",
            "-XMP-xmp:Label=Red",
            "-XMP-iptcExt:PersonInImage=Dan"));
    assertThat(written(tags.toArray(String[]::new)))
        .isEqualTo(
            new Words(
                "Title 2",
                "Headline 2",
                "Caption 2",
                List.of("two", "three"),
                "Ben; Cleo",
                "© 2",
                4,
                "Red",
                List.of("Dan")));
    tags.addAll(
        List.of("-IFD0:ImageDescription=Caption 3", "-IFD0:Artist=Eve", "-IFD0:Copyright=© 3"));
    assertThat(written(tags.toArray(String[]::new)))
        .isEqualTo(
            new Words(
                "Title 2",
                "Headline 2",
                "Caption 3",
                List.of("two", "three"),
                "Eve",
                "© 3",
                4,
                "Red",
                List.of("Dan")));
  }

  @Test
  void iptcGoesBeforeXmpWhereItWasChangedAfterwards() {
    String both =
        "\"XMP-dc:Title\": \"old\", \"IPTC:ObjectName\": \"new\", \"XMP-dc:Subject\": \"old\","
            + " \"IPTC:Keywords\": [\"new\"], \"Photoshop:IPTCDigest\": \"%s\", \"File:CurrentIPTCDigest\": \"aa\"";
    assertThat(said(both.formatted("bb")).title()).isEqualTo("new");
    assertThat(said(both.formatted("bb")).keywords()).containsExactly("new");
    assertThat(said(both.formatted("aa")).title()).isEqualTo("old");
    assertThat(said(both.formatted("aa")).keywords()).containsExactly("old");
  }

  @ParameterizedTest
  @CsvSource({"UTF8", "Latin"})
  void iptcIsReadInItsCharset(String charset) throws Exception {
    String[] named = {
      "-charset",
      "iptc=" + charset,
      "-IPTC:CodedCharacterSet=UTF8",
      "-IPTC:City=x",
      "-IPTC:Caption-Abstract=Grüße aus Zürich – €"
    };
    assertThat(written(named).caption()).isEqualTo("Grüße aus Zürich – €");
    String[] unnamed = {
      "-charset", "iptc=" + charset, "-IPTC:Caption-Abstract=Grüße aus Zürich – €"
    };
    assertThat(written(unnamed).caption()).isEqualTo("Grüße aus Zürich – €");
  }

  @Test
  void keywordsOfEveryProgramAreFoundByEachOfTheirParts() throws Exception {
    Words words =
        written(
            "-XMP-dc:Subject=Vienna",
            "-XMP-lr:HierarchicalSubject=Places|Austria|Vienna",
            "-XMP-digiKam:TagsList=People/Ada",
            "-KeywordInfo={Hierarchy=[{Keyword=Animals,Children=[{Keyword=Cat},{Keyword=Dog}]}]}");
    assertThat(words.keywords())
        .containsExactly(
            "Vienna", "Places|Austria|Vienna", "People|Ada", "Animals|Cat", "Animals|Dog");
    assertThat(words.keywordParts())
        .contains("Places", "Austria", "Vienna", "Ada", "Animals", "Cat", "Dog");
  }

  @Test
  void windowsWritesWordsOfItsOwn() throws Exception {
    Words words =
        written(
            "-IFD0:XPTitle=Zürich",
            "-IFD0:XPComment=By the lake",
            "-IFD0:XPKeywords=lake;boat",
            "-IFD0:XPAuthor=Ada");
    assertThat(words)
        .isEqualTo(
            new Words(
                "Zürich",
                null,
                "By the lake",
                List.of("lake", "boat"),
                "Ada",
                null,
                null,
                null,
                List.of()));
  }

  @Test
  void thePersonsAreThoseOfAllRegionsThatAreFaces() throws Exception {
    Words words =
        written(
            "-XMP-iptcExt:PersonInImage=Ada",
            "-RegionInfo={AppliedToDimensions={W=40,H=30,Unit=pixel},RegionList=["
                + "{Area={X=0.5,Y=0.5,W=0.1,H=0.1,Unit=normalized},Name=Ben,Type=Face},"
                + "{Area={X=0.2,Y=0.5,W=0.1,H=0.1,Unit=normalized},Name=Rex,Type=Pet}]}",
            "-RegionInfoMP={Regions=[{PersonDisplayName=Cleo},{PersonDisplayName=Ada}]}");
    assertThat(words.persons()).containsExactly("Ada", "Ben", "Cleo");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "null",
      value = {
        "\"XMP-xmp:Rating\": 5 | 5",
        "\"XMP-xmp:Rating\": \"3.5\" | 3",
        "\"XMP-xmp:Rating\": -1 | -1",
        "\"XMP-xmp:Rating\": 0 | 0",
        "\"XMP-xmp:Rating\": 99, \"IFD0:Rating\": 2 | 2",
        "\"XMP-microsoft:RatingPercent\": 1 | 1",
        "\"IFD0:RatingPercent\": 75 | 4",
        "\"IFD0:RatingPercent\": 99 | 5",
        "\"XMP-xmp:Rating\": \"many\" | null",
      })
  void aRatingIsOfMinusOneToFiveStars(String tags, @Nullable Integer stars) {
    assertThat(said(tags).rating()).isEqualTo(stars);
  }

  @ParameterizedTest
  @CsvSource({
    "OLYMPUS DIGITAL CAMERA",
    "SONY DSC",
    "DCIM\\100MEDIA\\DJI_0001.JPG",
    "Exif_JPEG_PICTURE"
  })
  void whatACameraWritesIsNoCaption(String written) {
    String escaped = written.replace("\\", "\\\\");
    assertThat(said("\"IFD0:ImageDescription\": \"%s\"".formatted(escaped)).caption()).isNull();
    assertThat(
            said("\"IFD0:ImageDescription\": \"%s\", \"XMP-dc:Description\": \"A lake\""
                    .formatted(escaped))
                .caption())
        .isEqualTo("A lake");
  }

  @Test
  void hostileWordsAreCutAndNeverThrow() {
    String deep = "{\"Keyword\": \"a\", \"Children\": [".repeat(200) + "]}".repeat(200);
    Words words =
        said(
            "\"XMP-dc:Title\": \"%s\", \"XMP-dc:Subject\": [{\"a\": 1}, null, true, 7, \"%s\"], \"XMP-dc:Description\": {\"x\": 1}, \"XMP-mwg-rs:RegionInfo\": 5, \"XMP-mwg-kw:KeywordInfo\": {\"Hierarchy\": %s}"
                .formatted("😀".repeat(5000), "k".repeat(5000), deep));
    assertThat(words.title()).isEqualTo("😀".repeat(1024));
    assertThat(words.keywords()).contains("true", "7", "k".repeat(255));
    assertThat(words.caption()).isNull();
    assertThat(words.persons()).isEmpty();
  }
}
