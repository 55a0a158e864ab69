package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose sidecar a file is, by its name. */
class SidecarNameTest {

  @ParameterizedTest
  @CsvSource({
    "a.xmp, a.jpg",
    "a.xmp, a.CR2",
    "a.jpg.xmp, a.jpg",
    "A.JPG.XMP, a.jpg",
    "1.2.xmp, 1.2.jpg",
    "a.jpg.xmp, a.jpg.jpg",
    "IMG_1234.AAE, IMG_1234.HEIC",
    "IMG_1.jpg.json, IMG_1.jpg",
    "IMG_1.jpg(1).json, IMG_1(1).jpg",
    "IMG_1(1).jpg.json, IMG_1(1).jpg",
    "IMG_1.jpg.supplemental-metadata.json, IMG_1.jpg",
    "IMG_1.jpg.supplemental-metadata(2).json, IMG_1(2).jpg",
    "IMG_1.jpg.suppl.json, IMG_1.jpg",
    "Screenshot_20200102-030405_Some Application Na.json, Screenshot_20200102-030405_Some Application Name.jpg",
    "Screenshot_20200102-030405_Some Application Na(1).json, Screenshot_20200102-030405_Some Application Name(1).jpg",
    "PXL_20230101_123456789.PORTRAIT.jpg.supplement.json, PXL_20230101_123456789.PORTRAIT.jpg",
    "0a1b2c3d-4e5f-6789-abcd-ef0123456789-n.jpeg.su.json, 0a1b2c3d-4e5f-6789-abcd-ef0123456789-n.jpeg",
    "0a1b2c3d-4e5f-6789-abcd-ef01234567890123.jpg.s.json, 0a1b2c3d-4e5f-6789-abcd-ef01234567890123.jpg",
  })
  void belongsToThePhotoBesideIt(String sidecar, String photo) {
    SidecarName name = SidecarName.of(sidecar).orElseThrow();
    assertThat(name.belongsTo(photo)).isTrue();
    String found = name.isShort() ? SidecarName.shortStem(photo) : SidecarName.stem(photo);
    assertThat(found).as("by which it is looked up").isEqualTo(name.stem());
  }

  @ParameterizedTest
  @CsvSource({
    "a.xmp, b.jpg",
    "a.jpg.xmp, a.png",
    "IMG_1.xmp, IMG_10.jpg",
    "IMG_10.xmp, IMG_1.jpg",
    "IMG_1(1).xmp, IMG_1.jpg",
    "IMG_1.AAE, IMG_1.HEIC.jpg",
    "IMG_1.jpg(1).json, IMG_1.jpg",
    "IMG_1.jpg(1).json, IMG_1(2).jpg",
    "IMG_1.jpg.json, IMG_1(1).jpg",
    "IMG_1.jpg.json, IMG_1.png",
    "IMG_1.json, IMG_1.jpg",
    "Screenshot_20200102-030405_Some Application Na.json, Screenshot_20200102-030405_Some Other.jpg",
  })
  void belongsToNoOther(String sidecar, String photo) {
    assertThat(SidecarName.of(sidecar).orElseThrow().belongsTo(photo)).isFalse();
  }

  @Test
  void aNameIsTheSameComposedAndDecomposed() {
    String composed = "Zürich.jpg";
    String decomposed = Normalizer.normalize(composed + ".xmp", Normalizer.Form.NFD);
    assertThat(SidecarName.of(decomposed).orElseThrow().belongsTo(composed)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.jpg", ".xmp", "xmp", "a.xmp.jpg", "a.jsonl", "a"})
  void otherNamesAreNoSidecars(String name) {
    assertThat(SidecarName.of(name)).isEmpty();
  }
}
