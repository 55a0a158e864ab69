package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a file system of its own, where root may mount one and mkfs.btrfs is there. */
class ClonesTest {
  @TempDir Path directory = Path.of("");

  private static boolean run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static byte[] noise(int bytes) {
    byte[] noise = new byte[bytes];
    new Random(3).nextBytes(noise);
    return noise;
  }

  @Test
  void whereThereIsNoneNothingIsLeftAndNobodyAsksAgain() throws Exception {
    Path file = Files.write(directory.resolve("a"), noise(5000));
    Path target = directory.resolve("b");
    Clones clones = new Clones();
    assumeTrue(!clones.make(directory, file, target), "this disk clones");
    assertThat(target).doesNotExist();
    assertThat(clones.make(directory, file, target)).isFalse();
  }

  @Test
  void aCloneTakesNoRoomAndKeepsItsBytesWhenTheOtherIsChanged() throws Exception {
    Path image = directory.resolve("disk");
    try (RandomAccessFile disk = new RandomAccessFile(image.toFile(), "rw")) {
      disk.setLength(200L << 20);
    }
    Path mounted = Files.createDirectory(directory.resolve("mounted"));
    assumeTrue(run("mkfs.btrfs", "-q", image.toString()), "mkfs.btrfs is not there");
    assumeTrue(run("mount", "-o", "loop", image.toString(), mounted.toString()), "no mount");
    try {
      byte[] bytes = noise(40 << 20);
      Path file = Files.write(mounted.resolve("a photo; $(x).jpg"), bytes);
      run("sync", "-f", mounted.toString());
      long before = Files.getFileStore(mounted).getUsableSpace();

      assertThat(new Clones().make(mounted, file, mounted.resolve("clone"))).isTrue();

      run("sync", "-f", mounted.toString());
      assertThat(before - Files.getFileStore(mounted).getUsableSpace()).isLessThan(10 << 20);
      byte[] other = bytes.clone();
      Arrays.fill(other, 1000, 9000, (byte) 0);
      try (RandomAccessFile edited = new RandomAccessFile(file.toFile(), "rw")) {
        edited.write(other, 0, 10_000);
      }
      assertThat(
              Files.mismatch(mounted.resolve("clone"), Files.write(directory.resolve("c"), bytes)))
          .isEqualTo(-1);
    } finally {
      run("umount", mounted.toString());
    }
  }
}
