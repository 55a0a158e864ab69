package io.caravel.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.caravel.server.SmallDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FileUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReserveTest {
  @TempDir Path directory = Path.of("");

  @Test
  void whatFindsNoRoomHasTheReserve() throws Exception {
    try (SmallDisk disk = SmallDisk.mounted(directory.resolve("disk"), "size=16m")) {
      String name = disk.path().resolve("caravel").toString();
      Reserve reserve = new Reserve(Optional.of(Reserve.of(name)), 1 << 20);
      reserve.keep();
      assertThat(Reserve.of(name)).hasSize(Reserve.SIZE);
      Path filling = disk.fill();
      try (FileChannel file = FilePath.get(OrderedFile.of("async:" + name + ".mv.db")).open("rw")) {
        FileUtils.writeFully(file, bytes(Reserve.SIZE / 2));
        assertThat(Reserve.of(name)).doesNotExist();
        reserve.keep();
        assertThat(Reserve.of(name)).as("no room for it").doesNotExist();
        assertThatThrownBy(() -> FileUtils.writeFully(file, bytes(Reserve.SIZE)))
            .isInstanceOf(IOException.class);

        Files.delete(filling);
        reserve.keep();
        assertThat(Reserve.of(name)).hasSize(Reserve.SIZE);
      }
    }
  }

  @Test
  void whoKeepsNothingFreeHasNone() {
    Path file = Reserve.of(directory.resolve("caravel").toString());
    new Reserve(Optional.of(file), 0).keep();
    assertThat(file).doesNotExist();
  }

  private static ByteBuffer bytes(int size) {
    return ByteBuffer.allocate(size);
  }
}
