package io.caravel.face;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.face.SiteWrites.Written;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the site means by what it writes into the row of face 5. */
class SiteWishTest {
  private static final FaceState REVIEW = FaceState.of("process");
  private static final FaceState SUGGESTED = REVIEW.under(1L, 0.4);
  private static final FaceState ADA = FaceState.root("Ada");

  private static Written written(FaceState known, FaceState written) {
    return new Written(5, 9L, known, written, false, false);
  }

  private static @Nullable SiteWish wish(FaceState known, FaceState written) {
    return SiteWish.of(written(known, written));
  }

  private static SiteWish plain(String action, @Nullable String name, @Nullable Long person) {
    return new SiteWish(action, name, person, "");
  }

  @Test
  void aRowThatIsDeletedIsNoFaceAndOneThatCaravelDeletedStaysSo() {
    @Nullable SiteWish deleted = SiteWish.of(new Written(5, 9L, ADA, ADA, true, false));
    assertThat(deleted)
        .isEqualTo(
            new SiteWish(
                "not_face",
                null,
                null,
                " Its row was deleted in the database, which is kept as no face."));
    @Nullable SiteWish undeleted = SiteWish.of(new Written(5, 9L, ADA, ADA, false, true));
    assertThat(undeleted)
        .isEqualTo(new SiteWish("none", null, null, " It had been replaced by a later search."));
  }

  @ParameterizedTest
  @ValueSource(strings = {"unknown", "not_face"})
  void aStatusIsADecisionAndWhatElseIsWrittenBesideItIsNone(String status) {
    assertThat(wish(SUGGESTED, FaceState.of(status))).isEqualTo(plain(status, null, null));
    assertThat(wish(FaceState.of(status), FaceState.of(status).named("Ada")))
        .isEqualTo(
            new SiteWish("none", null, null, " Only a confirmed face has a name or a parent."));
  }

  @Test
  void anyOtherStatusIsNone() {
    assertThat(wish(REVIEW, FaceState.of("done")))
        .isEqualTo(new SiteWish("none", null, null, " \"done\" is no status."));
  }

  @Test
  void toReviewMeansToPutBackOrToNameOrToSuggest() {
    assertThat(wish(ADA, REVIEW)).isEqualTo(plain("detach", null, null));
    assertThat(wish(SUGGESTED, SUGGESTED.named("Eve"))).isEqualTo(plain("confirm", "Eve", null));
    assertThat(wish(SUGGESTED, REVIEW)).isEqualTo(plain("detach", null, null));
    assertThat(wish(SUGGESTED, REVIEW.named(" "))).isEqualTo(plain("detach", null, null));
    assertThat(wish(REVIEW, SUGGESTED)).as("as its parent is").isNull();
  }

  @Test
  void confirmedMeansToNameToConfirmOrToStandForSomebody() {
    assertThat(wish(ADA, FaceState.root("Eve"))).isEqualTo(plain("name", "Eve", 5L));
    assertThat(wish(SUGGESTED, ADA)).isEqualTo(plain("confirm", "Ada", null));
    assertThat(wish(SUGGESTED, FaceState.root(null))).isEqualTo(plain("root", null, null));
    assertThat(wish(SUGGESTED, ADA.under(7L, null))).as("as its parent is").isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "confirm,true",
    "root,true",
    "merge,true",
    "unknown,false",
    "not_face,false",
    "detach,false"
  })
  void someWishesConfirm(String action, boolean confirming) {
    assertThat(plain(action, null, null).isConfirming()).isEqualTo(confirming);
  }

  @Test
  void underAPersonItIsSuggestedOrConfirmedOrMerged() {
    FaceState confirmed = ADA.under(1L, null);
    assertThat(SiteWish.under(written(REVIEW, SUGGESTED), 1, "Ada"))
        .isEqualTo(plain("suggest", null, 1L));
    assertThat(SiteWish.under(written(SUGGESTED, confirmed), 1, "Ada"))
        .isEqualTo(plain("confirm", null, 1L));
    assertThat(SiteWish.under(written(SUGGESTED, confirmed.named(null)), 1, "Ada"))
        .isEqualTo(plain("confirm", null, 1L));
    assertThat(SiteWish.under(written(ADA, confirmed), 1, "Ada"))
        .isEqualTo(plain("merge", null, 1L));
  }

  @Test
  void aParentThatIsNoRootStandsForItsRootAndAnotherNameIsTheRoots() {
    String mended = " Its parent was to be 3, which is no root: it stands under that one's root.";
    String named = " It bears the name of the face that it stands under.";
    assertThat(SiteWish.under(written(REVIEW, REVIEW.under(3L, null)), 1, "Ada"))
        .isEqualTo(new SiteWish("suggest", null, 1L, mended));
    assertThat(SiteWish.under(written(ADA, ADA.under(3L, null)), 1, "Ada"))
        .isEqualTo(new SiteWish("merge", null, 1L, mended));
    assertThat(SiteWish.under(written(REVIEW, ADA.under(3L, null)), 1, "Ada"))
        .isEqualTo(new SiteWish("confirm", null, 1L, mended));
    assertThat(SiteWish.under(written(REVIEW, ADA.under(3L, null)), 1, "Eve"))
        .isEqualTo(new SiteWish("confirm", null, 1L, mended + named));
  }

  @Test
  void anotherNameUnderTheSameParentIsAnotherPerson() {
    FaceState confirmed = ADA.under(1L, null);
    assertThat(SiteWish.under(written(confirmed, confirmed.named("Eve")), 1, "Ada"))
        .isEqualTo(plain("confirm", "Eve", null));
    assertThat(SiteWish.under(written(confirmed, confirmed.named(null)), 1, "Ada"))
        .isEqualTo(plain("confirm", null, 1L));
    assertThat(SiteWish.under(written(confirmed, confirmed), 1, "Ada"))
        .isEqualTo(plain("confirm", null, 1L));
    assertThat(SiteWish.under(written(ADA.under(2L, null), confirmed.named("Eve")), 1, "Ada"))
        .isEqualTo(
            new SiteWish(
                "confirm", null, 1L, " It bears the name of the face that it stands under."));
  }

  @Test
  void underNobodyANameAloneCounts() {
    String nobody = " Its parent was to be 3, which stands for nobody.";
    String ring = " Its parent was to be 3, which stands under it: that would be a ring.";
    FaceState wanted = ADA.under(3L, null);
    assertThat(SiteWish.nobody(written(REVIEW, wanted), 3, false))
        .isEqualTo(new SiteWish("confirm", "Ada", null, nobody));
    assertThat(SiteWish.nobody(written(ADA, wanted), 3, true))
        .isEqualTo(new SiteWish("none", null, null, ring));
    assertThat(SiteWish.nobody(written(REVIEW, wanted.named(null)), 3, false))
        .isEqualTo(new SiteWish("none", null, null, nobody));
    assertThat(SiteWish.nobody(written(REVIEW, REVIEW.under(3L, null).named("Ada")), 3, false))
        .isEqualTo(new SiteWish("none", null, null, nobody));
  }
}
