package io.caravel.photo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DisplayTagsBoundsTest {
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  Path directory;

  private static byte[] packed(String text) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(packed)) {
      deflater.write(DrawnPng.latin(text));
    }
    return packed.toByteArray();
  }

  /** Else a small file of many packed profiles has them unpacked one by one, gigabytes in all. */
  @Test
  void ofSeveralProfilesAndExifsInAPngTheFirstCounts() throws IOException {
    byte[] exif =
        DrawnPng.latin(
            "II*\0\u0008\0\0\0\u0001\0\u0012\u0001\u0003\0\u0001\0\0\0\u0006\0\0\0\0\0\0\0");
    byte[] other = exif.clone();
    other[18] = 3;
    byte[] png =
        new DrawnPng(8, 8)
            .chunk("iCCP", DrawnPng.latin("one\0\0"), packed("first"))
            .chunk("iCCP", DrawnPng.latin("two\0\0"), packed("second"))
            .chunk("eXIf", exif)
            .chunk("eXIf", other)
            .pixels()
            .end();
    DisplayTags tags =
        DisplayTags.read(Files.write(directory.resolve("a.png"), png), PictureType.PNG);
    assertThat(tags.profile()).asString().isEqualTo("first");
    assertThat(tags.orientation()).isEqualTo(6);
  }
}
