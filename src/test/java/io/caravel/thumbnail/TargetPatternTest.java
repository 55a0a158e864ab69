package io.caravel.thumbnail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.caravel.ground.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetPatternTest {
  private static final String WHOLE =
      "private:thumbs/{method}-{width}x{height}/{path}/{stem}.{format}";
  private static final ThumbnailSpec COVER = ThumbnailSpec.parse("cover:300x200");

  private static String file(String pattern, String path, String stem) {
    return TargetPattern.parse(pattern).file(COVER, ThumbnailFormat.JPEG, path, stem);
  }

  @Test
  void eachFieldIsWhatItSays() {
    assertThat(file(WHOLE, "images/2019", "a.b"))
        .isEqualTo("thumbs/cover-300x200/images/2019/a.b.jpg");
    assertThat(
            TargetPattern.parse("d:{stem}.{format}").file(COVER, ThumbnailFormat.WEBP, "", "ä $1"))
        .isEqualTo("ä $1.webp");
  }

  @Test
  void aPhotoOfNoFolderLeavesNoGap() {
    assertThat(file(WHOLE, "", "a")).isEqualTo("thumbs/cover-300x200/a.jpg");
    assertThat(file("d:{path}/{stem}", "", "a")).isEqualTo("a");
  }

  @Test
  void itIsReadAsItIsWritten() {
    TargetPattern pattern = TargetPattern.parse(WHOLE);
    assertThat(pattern.disk()).isEqualTo("private");
    assertThat(pattern).hasToString(WHOLE);
    assertThat(TargetPattern.parse(pattern.toString())).isEqualTo(pattern);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "thumbs/{stem}.jpg",
        ":thumbs/{stem}.jpg",
        "private:",
        "private:/thumbs/{stem}.jpg",
        "private:thumbs/{stem}/",
        "private:{name}.jpg",
        "private:{}.jpg",
        "private:{stem.jpg",
        "private:stem}.jpg",
        "private:{{stem}}.jpg",
        "private:../{stem}.jpg",
        "private:thumbs/../../{stem}.jpg",
        "private:./{stem}.jpg",
        "private:a\\{stem}.jpg",
        "private:a\u0000{stem}.jpg"
      })
  void whatNamesNoFileIsRefusedWithASentence(String written) {
    Failure failure =
        catchThrowableOfType(Failure.class, () -> TargetPattern.parse(written).toString());
    assertThat(failure.cause()).isEqualTo("bad-request");
    assertThat(failure).message().endsWith(".");
  }

  @Test
  void severalThumbnailsInOneFileAreRefused() {
    List<ThumbnailSpec> both = ThumbnailSpec.parseList("cover:300x200,scale:300x200");
    assertThat(TargetPattern.parse("d:{method}/{stem}").apart(both)).isNotNull();
    Failure failure =
        catchThrowableOfType(
            Failure.class, () -> TargetPattern.parse("d:{width}/{stem}").apart(both));
    assertThat(failure).message().contains("{method}-{width}x{height}");
  }

  @ParameterizedTest
  @CsvSource({
    "'d:{stem}/a.jpg', .., ''",
    "'d:{path}/{stem}', ../.., a",
    "'d:a{stem}', '', '\u0000'",
    "'d:{stem}', .caravel-root, ''"
  })
  void noNameOfAPhotoLeadsOut(String pattern, String first, String second) {
    String path = pattern.contains("{path}") ? first : "";
    String stem = pattern.contains("{path}") || first.isEmpty() ? second : first;
    Failure failure = catchThrowableOfType(Failure.class, () -> file(pattern, path, stem));
    assertThat(failure.cause()).isEqualTo("target-refused");
  }

  @Test
  void whatNoFileSystemTakesIsRefused() {
    Failure failure =
        catchThrowableOfType(Failure.class, () -> file("d:{stem}.jpg", "", "ä".repeat(130)));
    assertThat(failure.cause()).isEqualTo("target-refused");
  }

  @ParameterizedTest
  @CsvSource({"a.jpg, a", "a.b.jpg, a.b", "a, a", ".jpg, .jpg", "a., a"})
  void theStemIsTheNameWithoutItsEnding(String name, String stem) {
    assertThat(TargetPattern.stem(name)).isEqualTo(stem);
  }
}
