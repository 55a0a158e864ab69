package io.caravel.ground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullUnmarked
class DurableFilesTest {
  @TempDir Path directory;

  @Test
  void writesAWholeFileAndLeavesNoTemporaryOne() throws IOException {
    Path target = directory.resolve("a.jpg");

    DurableFiles.write(new byte[] {1, 2, 3}, target);

    assertThat(target).hasBinaryContent(new byte[] {1, 2, 3});
    assertThat(directory).isDirectoryNotContaining("glob:**.part");
  }

  @Test
  void publishesUnderTheNewNameInPlaceOfAnOlderFile() throws IOException {
    Path temporary = Files.write(directory.resolve("t"), new byte[] {2});
    Path target = Files.write(directory.resolve("a.jpg"), new byte[] {1});

    DurableFiles.publish(temporary, target);

    assertThat(target).hasBinaryContent(new byte[] {2});
    assertThat(temporary).doesNotExist();
  }

  @Test
  void aFailureLeavesNothing() throws IOException {
    Path target = Files.createDirectories(directory.resolve("a.jpg/in the way"));

    assertThatThrownBy(() -> DurableFiles.write(new byte[] {1}, target.getParent()))
        .isInstanceOf(IOException.class);

    assertThat(directory.toFile().list()).containsExactly("a.jpg");
  }

  @Test
  void whatAKilledWriteLeftIsDiscardedAndNothingElse() throws IOException {
    Path target = directory.resolve("cover-300x300.jpg");
    Files.write(directory.resolve(".cover-300x300.jpg.0b6e.part"), new byte[] {1});
    Files.write(directory.resolve(".scale-300x300.jpg.0b6e.part"), new byte[] {1});
    Files.write(target, new byte[] {1});

    DurableFiles.discardUnfinished(target);
    DurableFiles.discardUnfinished(directory.resolve("no such folder/a.jpg"));

    assertThat(directory.toFile().list())
        .containsExactlyInAnyOrder("cover-300x300.jpg", ".scale-300x300.jpg.0b6e.part");
  }

  @Test
  void makesFilesAndDirectoriesWithTheModesOfTheUmask() throws IOException {
    Path plainDirectory = Files.createDirectory(directory.resolve("plain"));
    Path plainFile = Files.createFile(directory.resolve("plain.jpg"));

    DurableFiles.createDirectories(directory.resolve("a/b/c"));
    DurableFiles.createDirectories(directory.resolve("a/b/c"));
    DurableFiles.write(new byte[1], directory.resolve("a/b/c/d.jpg"));

    assertThat(Files.getPosixFilePermissions(directory.resolve("a/b")))
        .isEqualTo(Files.getPosixFilePermissions(plainDirectory));
    assertThat(Files.getPosixFilePermissions(directory.resolve("a/b/c/d.jpg")))
        .isEqualTo(Files.getPosixFilePermissions(plainFile));
  }

  @Test
  void aFileInTheWayOfADirectoryIsAnError() throws IOException {
    Files.createFile(directory.resolve("a"));

    assertThatThrownBy(() -> DurableFiles.createDirectories(directory.resolve("a/b")))
        .isInstanceOf(IOException.class);
  }

  @Test
  void addingReplacesNothingAndLeavesNothingBehind(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a.jpg");
    DurableFiles.addShared("first".getBytes(StandardCharsets.UTF_8), file);
    assertThatThrownBy(
            () -> DurableFiles.addShared("second".getBytes(StandardCharsets.UTF_8), file))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(file).hasContent("first");
    assertThat(folder.toFile().list()).containsExactly("a.jpg");
  }
}
