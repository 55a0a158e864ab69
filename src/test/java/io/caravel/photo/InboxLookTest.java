package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When the inbox is looked through, and what is left alone in it. */
class InboxLookTest {
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  Path inbox;

  private InboxLook look = new InboxLook("");

  @BeforeEach
  void settle() throws IOException {
    Files.createDirectory(inbox.resolve("a"));
    Files.write(inbox.resolve("a/._a.jpg"), new byte[1]);
    old(inbox.resolve("a"));
    old(inbox);
    look = new InboxLook(inbox.toString());
    assertThat(look.isDue()).as("at the start").isTrue();
    look.folder(inbox.resolve("a"));
  }

  private static void old(Path folder) throws IOException {
    Files.setLastModifiedTime(folder, FileTime.from(Instant.now().minus(Duration.ofMinutes(1))));
  }

  @Test
  void anInboxInWhichNothingHappensIsNotLookedThrough() {
    assertThat(look.isDue()).isFalse();
    assertThat(look.isDue()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"new.jpg", "a/new.jpg"})
  void aFolderThatChangedIs(String name) throws IOException {
    Files.write(inbox.resolve(name), new byte[1]);
    assertThat(look.isDue()).isTrue();
  }

  @Test
  void aFolderThatWasChangedJustNowIsLookedAtAgain() throws IOException {
    Files.write(inbox.resolve("a/one.jpg"), new byte[1]);
    assertThat(look.isDue()).isTrue();
    look.folder(inbox.resolve("a")); // another file may come and leave the same time
    assertThat(look.isDue()).isTrue();
  }

  @Test
  void whatWaitsIsLookedAtAgain() {
    look.waits();
    assertThat(look.isDue()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "a/._b.jpg, ._*",
    ".stversions/a.jpg, .*",
    ".@__thumb/a.jpg, .*",
    "x/@eaDir/a.jpg/SYNO.jpg, @eaDir",
    "'#recycle/a.jpg', '#recycle'",
    "$RECYCLE.BIN/a.jpg, $RECYCLE.BIN",
    "lost+found/a.jpg, lost+found",
    "a/lost and found.jpg, ",
    "recycle/eaDir.jpg, ",
  })
  void whatToolsPutThereIsLeftAlone(String name, String kind) {
    assertThat(LeftAlone.kind(Path.of(name))).isEqualTo(kind);
  }
}
