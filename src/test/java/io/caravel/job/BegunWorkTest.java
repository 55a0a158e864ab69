package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.caravel.ground.Nodes;
import io.caravel.job.BegunWork.Start;
import io.caravel.photo.Photo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BegunWorkTest {
  private final Path home;

  BegunWorkTest(@TempDir Path home) {
    this.home = home;
  }

  private BegunWork life(String owner) {
    Nodes nodes = mock(Nodes.class);
    when(nodes.owner()).thenReturn(owner);
    return new BegunWork(home.toString(), nodes, ShippedSteps.steps());
  }

  private static Job job(long id, String queue) {
    Photo photo =
        new Photo(id, "aa", "a.jpg", "image/jpeg", 1, "private", "aa", "aa.jpg", false, null, null);
    return new Job(id, queue, "k", "{}", false, 2, 3, 0, 0, "one/11111111", Lane.UPLOAD, 0, photo);
  }

  @Test
  void whatHasNotEndedIsSeenByTheNextLifeAndByOtherNodes() {
    BegunWork former = life("one/11111111");
    former.begins(job(7, "thumbnails"));
    former.begins(job(8, "faces"));
    former.begins(job(9, "faces"));
    former.ends(job(8, "faces"));

    BegunWork next = life("one/22222222");
    assertThat(next.formerLives()).containsExactly("one/11111111");
    for (BegunWork reader : List.of(next, life("two/33333333"))) {
      assertThat(reader.unendedOf("one/11111111"))
          .containsExactly(new Start(7, 2, 3), new Start(9, 2, 3));
    }
    assertThat(life("two/33333333").formerLives()).isEmpty();
    assertThat(life("on/44444444").formerLives()).isEmpty();

    next.forget("one/11111111");
    assertThat(next.formerLives()).isEmpty();
    assertThat(next.unendedOf("one/11111111")).isEmpty();
  }

  @Test
  void workThatCannotEndTheProgramIsNotNoted() throws Exception {
    BegunWork life = life("one/11111111");
    life.begins(job(8, "geolocation"));
    life.ends(job(8, "geolocation"));
    assertThat(files()).isEmpty();
  }

  @Test
  void whatIsNotNotedWasIdleUnlessNothingIsKnownOfItsLife() throws Exception {
    BegunWork next = life("one/22222222");
    assertThat(next.wasIdle(job(7, "metadata"))).as("no notes").isFalse();

    BegunWork former = life("one/11111111");
    former.open();
    assertThat(next.wasIdle(job(7, "metadata"))).as("opened").isTrue();
    assertThat(next.wasIdle(job(7, "geolocation"))).as("never noted").isFalse();
    former.begins(job(7, "metadata"));
    former.begins(job(8, "faces"));
    former.ends(job(8, "faces"));
    assertThat(next.wasIdle(job(7, "metadata"))).as("begun").isFalse();
    assertThat(next.wasIdle(job(8, "faces"))).as("ended").isTrue();
  }

  @Test
  void notesThatLackSomethingAreThrownAwayAndMadeAnew() throws Exception {
    BegunWork former = life("one/11111111");
    Path hindrance = home.resolve("nodes/one.11111111.begun.new");
    Files.createDirectories(hindrance);
    former.begins(job(7, "faces"));
    BegunWork next = life("one/22222222");
    assertThat(next.wasIdle(job(7, "faces"))).isFalse();

    Files.delete(hindrance);
    former.begins(job(8, "faces"));
    assertThat(next.unendedOf("one/11111111"))
        .containsExactly(new Start(7, 2, 3), new Start(8, 2, 3));
  }

  @Test
  void anOrderlyEndLeavesNothingAndNotesNoMore() throws Exception {
    BegunWork life = life("host/of/slashes/11111111");
    life.begins(job(7, "thumbnails"));
    assertThat(files()).hasSize(1);
    life.close();
    life.ends(job(7, "thumbnails"));
    life.begins(job(8, "thumbnails"));
    assertThat(files()).isEmpty();
  }

  @Test
  void theNotesStaySmallHoweverManyJobsThereAre() throws Exception {
    BegunWork life = life("one/11111111");
    life.begins(job(1, "faces"));
    for (int id = 2; id < 10_000; id++) {
      life.begins(job(id, "thumbnails"));
      life.ends(job(id, "thumbnails"));
    }
    assertThat(Files.size(files().get(0))).isLessThan(70_000);
    assertThat(life("one/22222222").unendedOf("one/11111111")).containsExactly(new Start(1, 2, 3));
  }

  /** The write of the last line may have been cut by a power cut. */
  @Test
  void aLineThatIsNoNoteIsPassedBy() throws Exception {
    Path notes = home.resolve("nodes/one.11111111.begun");
    Files.createDirectories(home.resolve("nodes"));
    Files.writeString(notes, "+ 1 1 1\n\0\0\0\n+ 2 1 1\n- 1 1 1\n+ 3 1");
    assertThat(life("one/22222222").unendedOf("one/11111111")).containsExactly(new Start(2, 1, 1));
  }

  private List<Path> files() throws Exception {
    if (!Files.isDirectory(home.resolve("nodes"))) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(home.resolve("nodes"))) {
      return files.toList();
    }
  }

  @Test
  void aLifeIsNotAFormerOneOfItsOwnAndOtherFilesAreNone() throws Exception {
    life("one/11111111").open();
    BegunWork next = life("one/22222222");
    next.open();
    Files.createFile(home.resolve("nodes/one.33333333.begun.new"));
    Files.createFile(home.resolve("nodes/one.begun"));
    assertThat(next.formerLives()).containsExactly("one/11111111");
  }

  @Test
  void whatAWorkerHasInHandIsOneStartOfAJob() {
    BegunWork life = life("one/11111111");
    assertThat(life.isInHand("faces", 7, 2, 3)).isFalse();
    life.taken(job(7, "faces"));
    assertThat(life.isInHand("faces", 7, 2, 3)).isTrue();
    assertThat(life.isInHand("faces", 7, 2, 2)).isFalse();
    assertThat(life.isInHand("faces", 7, 1, 3)).isFalse();
    life.ends(job(7, "faces"));
    assertThat(life.isInHand("faces", 7, 2, 3)).isFalse();
    life.taken(job(8, "geolocation"));
    life.ends(job(8, "geolocation"));
    assertThat(life.isInHand("geolocation", 8, 2, 3)).as("not noted: it may be").isTrue();
  }
}
