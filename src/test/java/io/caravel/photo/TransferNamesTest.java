package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names of files that are under way, and of what is left alone. */
class TransferNamesTest {
  @TempDir Path inbox = Path.of("");

  @ParameterizedTest
  @CsvSource({
    "a.jpg.part, .part",
    "a.JPG.FilePart, .filepart",
    "~syncthing~a.jpg.tmp, ~syncthing~",
    "a.download, .download",
    "A.Download/a.jpg, .download",
    "b/A.download/c/a.jpg, .download",
    "a.jpg,",
    "parts/a.jpg,",
    "a.part/a.jpg,",
    "a~syncthing~.jpg,"
  })
  void theNameShowsATransfer(String name, @Nullable String sign) {
    assertThat(TransferNames.sign(inbox.resolve(name), Path.of(name))).isEqualTo(sign);
  }

  @Test
  void aFileBesideItShowsATransferOfAria2() throws IOException {
    Path file = inbox.resolve("a.jpg");
    assertThat(TransferNames.sign(file, Path.of("a.jpg"))).isNull();
    Files.createFile(inbox.resolve("a.jpg.aria2"));
    assertThat(TransferNames.sign(file, Path.of("a.jpg"))).isEqualTo(".aria2");
    assertThat(TransferNames.sign(inbox.resolve("b.jpg"), Path.of("b.jpg"))).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    ".DS_Store, .*",
    "._a.jpg, ._*",
    "a/.hidden/b.jpg, .*",
    "Thumbs.db, Thumbs.db",
    "@eaDir/a.jpg/SYNOPHOTO.jpg, @eaDir",
    "a.jpg,",
    "a.b/c.jpg,"
  })
  void whatSystemsPutThereIsLeftAlone(String name, @Nullable String kind) {
    assertThat(LeftAlone.kind(Path.of(name))).isEqualTo(kind);
    LeftAlone leftAlone = new LeftAlone();
    for (int time = 0; time < 2; time++) {
      assertThat(leftAlone.is(Path.of(name))).isEqualTo(kind != null);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ZÜRICH, zurich",
    "Łódź, lodz",
    "Straße, strasse",
    "Ærø, aero",
    "Reykjavík, reykjavik",
    "ΟΔΟΣ, οδοσ",
    "'  a\u00a0\tb\u0007c ', a b c",
    "ﬁn, fin"
  })
  void textIsSearchedWithoutCaseAndAccents(String text, String folded) {
    assertThat(Folded.of(text)).isEqualTo(folded);
  }
}
