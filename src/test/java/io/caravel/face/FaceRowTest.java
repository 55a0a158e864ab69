package io.caravel.face;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A face's row as it is read, changed, and told of in a sentence. */
class FaceRowTest {
  private static final FaceState REVIEW = FaceState.of("process");
  private static final FaceState ADA = FaceState.root("Ada");

  private static FaceRow row(
      long id, boolean visible, FaceState before, @Nullable FaceState written) {
    return new FaceRow(id, 9L, visible, true, 0.5, 1, before, written);
  }

  private static FaceRow row(long id, FaceState before) {
    return row(id, true, before, null);
  }

  @Test
  void itIsChangedOnceItIsOtherThanBefore() {
    FaceRow row = row(5, REVIEW);
    assertThat(row.isChanged()).isFalse();
    row.now = row.now.under(1L, 0.4);
    assertThat(row.isChanged()).isTrue();
    assertThat(row.isUnder(1)).isTrue();
    assertThat(row.isUnder(2)).isFalse();
    assertThat(row(6, REVIEW).isUnder(1)).isFalse();
  }

  @Test
  void onlyWhatTheSiteWroteCanHaveLostItsRoot() {
    FaceState under = ADA.under(1L, null);
    assertThat(row(5, true, under, ADA).mayHaveLostItsRoot()).isTrue();
    assertThat(row(5, true, under, under).mayHaveLostItsRoot()).isFalse();
    assertThat(row(5, true, ADA, ADA).mayHaveLostItsRoot()).isFalse();
    assertThat(row(5, true, under, null).mayHaveLostItsRoot()).isFalse();
  }

  @Test
  void aPersonIsWithinReachWithoutAPhotoAndAnyOtherFaceIsNot() {
    assertThat(row(5, true, REVIEW, null).isWithinReach()).isTrue();
    assertThat(row(5, false, REVIEW, null).isWithinReach()).isFalse();
    assertThat(row(5, false, ADA, null).isWithinReach()).isTrue();
    assertThat(row(5, false, ADA.under(1L, null), null).isWithinReach()).isFalse();
    assertThat(row(5, true, FaceState.of(FaceState.UNDRAWN), null).isWithinReach()).isFalse();
  }

  @Test
  void decisionsAreToldOfOneFaceByItsNumberAndOfSeveralByTheirCount() {
    List<FaceRow> one = List.of(row(5, ADA));
    assertThat(Sentences.of("confirm", one)).isEqualTo("Face 5 confirmed as Ada.");
    assertThat(Sentences.of("suggest", one)).isEqualTo("Face 5 given another suggestion.");
    assertThat(Sentences.of("unknown", one)).isEqualTo("Face 5 marked as unknown.");
    assertThat(Sentences.of("not_face", one)).isEqualTo("Face 5 marked as no face.");
    assertThat(Sentences.of("detach", List.of(row(5, ADA), row(6, REVIEW))))
        .isEqualTo("2 faces put back for review.");
    assertThat(Sentences.drawn(5, 9)).isEqualTo("Face 5 drawn on photo 9.");
  }

  @Test
  void upToTwoNamesAreToldAndAPersonMayHaveNone() {
    FaceRow nobody = row(7, FaceState.root(null));
    assertThat(Sentences.of("confirm", List.of(row(5, ADA), row(6, ADA), nobody)))
        .isEqualTo("3 faces confirmed as Ada and a person without a name.");
    assertThat(Sentences.of("confirm", List.of(row(5, ADA), row(6, FaceState.root("Eve")), nobody)))
        .isEqualTo("3 faces confirmed as Ada and 2 others.");
    assertThat(Sentences.renamed(nobody, "Bob")).isEqualTo("a person without a name renamed Bob.");
    assertThat(Sentences.merged(row(5, ADA), nobody))
        .isEqualTo("Ada (person 5) merged into a person without a name (person 7).");
  }

  @Test
  void anUndoTellsWhatItUndoesAndIsCutToItsColumn() {
    Ledger.Entry naming = new Ledger.Entry(1, "confirm", "Face 5 confirmed.", null, null, 0);
    assertThat(Sentences.undone(naming, false)).isEqualTo("Undone: Face 5 confirmed.");
    assertThat(Sentences.undone(naming, true)).isEqualTo("Made again: Face 5 confirmed.");
    Ledger.Entry longest = new Ledger.Entry(1, "confirm", "x".repeat(1024), null, null, 0);
    assertThat(Sentences.undone(longest, false)).isEqualTo("Undone: " + "x".repeat(1016));
  }

  @Test
  void whatIsPutBackIsListedUpToTwentyFaces() {
    assertThat(Sentences.putBack(List.of(5L), " It is gone. "))
        .isEqualTo("Put back as it was what was written into the row of face 5. It is gone.");
    List<Long> twenty = LongStream.rangeClosed(1, 20).boxed().toList();
    assertThat(Sentences.putBack(twenty, "Why."))
        .contains("of faces 1, 2, 3, ")
        .endsWith(", 20. Why.");
    List<Long> more = LongStream.rangeClosed(1, 22).boxed().toList();
    assertThat(Sentences.putBack(more, "Why.")).endsWith(", 20 and 2 more. Why.");
  }
}
