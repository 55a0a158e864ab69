package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

/** CARAVEL_THUMBNAIL_TARGET: where copies of all thumbnails lie. */
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/target-setting",
      "caravel.disks=private=${test.home}/target-setting/originals,site=${test.home}/site",
      "caravel.thumbnail.target=site:thumbs/{method}-{width}x{height}/{path}/{stem}.{format}"
    })
class TargetSettingTest extends FlowTest {
  private static final Path SITE = made(home("site"));

  private static Path made(Path folder) {
    assertThat(folder.toFile().mkdirs() || folder.toFile().isDirectory()).isTrue();
    return folder;
  }

  private List<String> laid(String stem) throws IOException {
    try (Stream<Path> files = Files.walk(SITE)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(stem))
          .map(file -> SITE.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void allThumbnailsOfAnUploadLieThereByTheMonthItCameIn() throws IOException {
    long photo = api.accepted("beach.jpg", Picture.tiny().bytes());
    assertThat(ended(photo, "thumbnails").path("state").asText()).isEqualTo("done");

    List<String> files = laid("beach");
    assertThat(files).hasSize(2);
    assertThat(files.get(0)).matches("thumbs/cover-300x300/\\d{4}/\\d{2}/beach\\.jpg");
    assertThat(files.get(1)).matches("thumbs/scale-1600x1600/\\d{4}/\\d{2}/beach\\.jpg");
    assertThat(SITE.resolve(files.get(0)))
        .hasBinaryContent(api.get("/api/photos/" + photo + "/thumbnails/cover-300x300").body());
  }

  @Test
  void anExtraThumbnailLiesThereToo() throws IOException {
    long photo = api.accepted("lake.jpg", Picture.tiny().bytes());
    ended(photo, "thumbnails");
    api.post(
        "/api/photos/" + photo + "/jobs/thumbnails",
        "{\"method\":\"resize\",\"width\":9,\"height\":8}");
    eventually("the third", () -> laid("lake").size() == 3);
    assertThat(laid("lake").get(1)).startsWith("thumbs/resize-9x8/");
  }

  @Test
  void photosOfBeforeTheSettingAreMissingTheirs() throws IOException {
    long photo = api.accepted("hill.jpg", Picture.tiny().bytes());
    ended(photo, "thumbnails");
    database
        .sql(
            "update jobs set data = replace(data, '\"copy_to\"', '\"was\"'), job_key = :key where image_id = :id and queue = 'thumbnails'")
        .param("key", "0".repeat(32))
        .param("id", photo)
        .update();
    for (String file : laid("hill")) {
      Files.delete(SITE.resolve(file));
    }

    assertThat(api.post("/api/queues/thumbnails/missing").json().path("queued").asLong())
        .isEqualTo(1);
    eventually("both again", () -> laid("hill").size() == 2);
  }
}
