package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.photo.Photo;
import io.caravel.photo.Photos;
import io.caravel.route.Api.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.camel.ProducerTemplate;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** CARAVEL_UPLOAD_DISK: the storage root that takes new photos, and the one that did before. */
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/upload-disk",
      "caravel.disks=private=${test.home}/upload-disk/before,photos=${test.home}/upload-disk/now",
      "caravel.upload-disk=photos"
    })
class UploadDiskTest extends FlowTest {
  @Autowired Photos photos;
  @Autowired ProducerTemplate producer;

  private static Path original(String disk, String sha256) {
    return home("upload-disk/" + disk).resolve(sha256.substring(0, 2)).resolve(sha256 + ".jpg");
  }

  @Test
  void takesUploadsAndNothingIsWrittenOnTheOther() throws IOException {
    long photo = api.accepted("a.jpg", Picture.tiny().bytes());

    assertThat(settled(photo).at("/jobs/thumbnails/state").asText()).isEqualTo("done");
    assertThat(original("now", photos.photo(photo).sha256())).isRegularFile();
    try (Stream<Path> left = Files.walk(home("upload-disk/before"))) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
  }

  @Test
  void aFileOnTheOtherIsTakenByReferenceAndOutlivesItsPhoto() throws IOException {
    Path folder = Files.createDirectories(home("upload-disk/before/images"));
    byte[] bytes = Picture.tiny().bytes();
    Path file = Files.write(folder.resolve("theirs.jpg"), bytes);
    long id =
        api.post(
                "/api/photos",
                "{\"image_id\":77,\"source_disk\":\"private\",\"source_path\":\"images\",\"source_filename\":\"theirs.jpg\"}")
            .photo()
            .path("id")
            .asLong();
    settled(id);
    assertThat(original("now", photos.photo(id).sha256())).doesNotExist();

    purge(id);

    assertThat(count("select count(*) from images where id = " + id)).isZero();
    assertThat(file).hasBinaryContent(bytes);
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).containsExactly(file);
    }
    Files.delete(file);
  }

  private void purge(long id) {
    api.delete("/api/photos/" + id);
    lived(31);
    database
        .sql(
            "update images set deleted_at = timestampadd(day, -31, current_timestamp(3)) where id = :id")
        .param("id", id)
        .update();
    producer.sendBody("direct:trash", "");
  }

  /** Deleted on one of them alone, it would be adopted from the other. */
  @Test
  void aPhotoOfTheFormerDiskThatWasUploadedAgainIsDeletedOnBoth() throws IOException {
    byte[] bytes = Picture.tiny().bytes();
    long id = api.accepted("a.jpg", bytes);
    settled(id);
    Photo photo = photos.photo(id);
    Path former = original("before", photo.sha256());
    Path now = original("now", photo.sha256());
    Files.createDirectories(former.getParent());
    Files.move(now, former);
    database
        .sql("update images set source_disk = 'private' where id = :id")
        .param("id", id)
        .update();

    assertThat(api.upload(Part.file("b.jpg", bytes)).photo().path("status").asText())
        .isEqualTo("exists");
    assertThat(List.of(former, now)).allMatch(Files::isRegularFile);
    purge(id);

    assertThat(List.of(former, now)).noneMatch(Files::exists);
    assertThat(count("select count(*) from images where id = " + id)).isZero();
    Files.delete(former.getParent());
  }
}
