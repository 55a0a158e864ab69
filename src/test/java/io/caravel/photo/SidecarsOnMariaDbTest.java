package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import io.caravel.job.JobRoom;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which sidecar belongs to which photo, on MariaDB. */
class SidecarsOnMariaDbTest {
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  Path home;

  private final JobRoom room = JobRoom.onMariaDb();
  private final Photos photos = RoomPhotos.of(room);
  private int number;
  private Sidecars sidecars = sidecars(Path.of("."));

  private Sidecars sidecars(Path directory) {
    return new Sidecars(
        room.database, new Disks(directory.toString(), List.of()), mock(Roots.class), photos);
  }

  @BeforeEach
  void open() {
    sidecars = sidecars(home);
  }

  @AfterEach
  void close() {
    room.close();
  }

  private long photo(String folder, String name) {
    Original original =
        new Original(
            name,
            "%064x".formatted(++number),
            "image/jpeg",
            1,
            1,
            1,
            "private",
            "00",
            name,
            false,
            null,
            null,
            null,
            folder);
    Long id = room.transaction.execute(status -> photos.accept(original));
    return id == null ? 0 : id;
  }

  private Sidecars.Put put(String folder, String name) {
    Path file = new Disks(home.toString(), List.of()).root("private").resolve("00").resolve(name);
    try {
      Files.createDirectories(file.resolveSibling(""));
      Files.write(file, new byte[] {1});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Sidecars.Put(
        SidecarName.of(name).orElseThrow(),
        Sidecars.folder(folder),
        name,
        "%064x".formatted(++number),
        1,
        "private",
        "00",
        name);
  }

  private List<Long> came(Sidecars.Put put) {
    room.transaction.executeWithoutResult(status -> sidecars.accept(put));
    List<Photo> told = settle(sidecars.accepted(put));
    return told.stream().map(Photo::id).sorted().toList();
  }

  private List<Photo> settle(List<Sidecars.Row> some) {
    List<Photo> told = room.transaction.execute(status -> sidecars.settle(some));
    return told == null ? List.of() : told;
  }

  private List<String> of(long photo) {
    settle(sidecars.beside(photo));
    return sidecars.of(photos.photo(photo)).stream().map(Sidecar::filename).toList();
  }

  @Test
  void thePhotosOfItsNameInItsFolderAreTold() {
    long raw = photo("a", "Zürich.CR2");
    long jpeg = photo("a", "Zürich.jpg");
    photo("b", "Zürich.jpg");
    photo("a", "Zurich.jpg"); // the same to this database
    assertThat(came(put("a", "Zürich.xmp"))).containsExactly(raw, jpeg);
    assertThat(came(put("a", "Zürich.jpg.xmp"))).containsExactly(jpeg);
    assertThat(of(jpeg)).containsExactly("Zürich.jpg.xmp", "Zürich.xmp");
    assertThat(of(raw)).containsExactly("Zürich.xmp");
  }

  @Test
  void aPhotoThatComesLaterFindsIt() {
    String cut = "Screenshot_20200102-030405_Some Application Na";
    assertThat(came(put("a", cut + ".json"))).isEmpty();
    long photo = photo("a", cut + "me.jpg");
    assertThat(of(photo)).containsExactly(cut + ".json");
  }

  @Test
  void theSameAgainTellsNobody() {
    long photo = photo("a", "a.jpg");
    Sidecars.Put put = put("a", "a.xmp");
    assertThat(came(put)).containsExactly(photo);
    assertThat(came(put)).isEmpty();
  }

  @Test
  void itMovesToThePhotoThatCameNearerInTime() {
    long first = photo("a", "a.jpg");
    room.database
        .sql("update arrivals set arrived_at = timestampadd(day, -1, arrived_at)")
        .update();
    assertThat(came(put("a", "a.xmp"))).containsExactly(first);
    long second = photo("a", "a.jpg");
    assertThat(of(second)).containsExactly("a.xmp");
    assertThat(of(first)).isEmpty();
  }

  @Test
  void itGoesForGoodWithItsLastPhoto() {
    long raw = photo("a", "a.CR2");
    long jpeg = photo("a", "a.jpg");
    came(put("a", "a.xmp"));
    ForgottenSidecars forgotten =
        new ForgottenSidecars(room.database, new Disks(home.toString(), List.of()));
    forgotten.forgotten(raw);
    room.database.sql("delete from images where id = :id").param("id", raw).update();
    assertThat(of(jpeg)).containsExactly("a.xmp");
    forgotten.forgotten(jpeg);
    assertThat(room.database.sql("select count(*) from sidecars").query(Long.class).single())
        .isZero();
  }
}
