package io.caravel.metadata;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.caravel.ground.Failure;
import io.caravel.ground.Journey;
import io.caravel.photo.Photo;
import io.caravel.photo.Sidecar;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** On H2, or on the database whose JDBC address CARAVEL_TEST_DB_URL gives. */
class MetadataStoreTest {
  private final DataSource source = source();
  private final JdbcClient database = JdbcClient.create(source);
  private final MetadataStore store = new MetadataStore(database, new Journey(database));
  private final MetadataReader reader =
      new MetadataReader(new ZoneMap(), ZoneOffset.UTC, InstantSource.system());

  @BeforeEach
  void migrate() {
    Flyway.configure().dataSource(source).load().migrate();
    database.sql("delete from image_metadata").update();
    database.sql("delete from images").update();
    database.sql("delete from sidecars").update();
  }

  /** It was linked to the photo after that had been read. */
  @Test
  void whatCameBesideItMeanwhileIsReadToo() {
    long id = photo(null, null);
    database
        .sql(
            """
            insert into sidecars (id, kind, folder, stem, filename, sha256, source_disk, source_path, source_filename, bytes)
            values (7, 'xmp', 'f', 'a', 'a.xmp', 's', 'private', '00', 'x', 1)
            """)
        .update();
    database
        .sql("insert into image_sidecars (image_id, sidecar_id) values (:id, 7)")
        .param("id", id)
        .update();
    Photo photo = new Photo(id, "0", "a", "image/tiff", 1, "private", "", "a", false, null, null);
    PhotoMetadata without = reader.read(FULL, photo, List.of());
    Failure failure = catchThrowableOfType(Failure.class, () -> store.keep(id, without));
    assertThat(failure.cause()).isEqualTo("sidecar-came");
    assertThat(failure.lasting()).isFalse();
    Sidecar sidecar = new Sidecar(7, "xmp", "a.xmp", Path.of("/beside.xmp"));
    store.keep(id, reader.read(FULL, photo, List.of(sidecar)));
  }

  @Test
  void columnsAndJsonAreKept() {
    long id = photo(null, null);
    store.keep(id, reader.read(FULL, "a.jpg", null));
    Map<String, Object> row = row(id);
    assertThat(time(id)).isEqualTo(LocalDateTime.of(2021, 7, 1, 12, 34, 56, 78_000_000));
    assertThat(row)
        .containsEntry("taken_offset_minutes", 120)
        .containsEntry("taken_zone", "+02:00")
        .containsEntry("taken_zone_from", "offset-tag")
        .containsEntry("camera_make", "Maker 😀")
        .containsEntry("iso", 200)
        .containsEntry("aperture", 1.8)
        .containsEntry("latitude", -34.603722)
        .containsEntry("longitude", -58.381592)
        .containsEntry("position", "valid")
        .containsEntry("orientation", 6)
        .containsEntry("stored_width", 400)
        .containsEntry("stored_height", 300)
        .containsEntry("width", 300)
        .containsEntry("height", 400);
    assertThat(json(id)).contains("\"IFD0:Make\":\"Maker 😀\"");
  }

  @Test
  void keepingAgainReplacesEverything() {
    long id = photo(null, null);
    store.keep(id, reader.read(FULL, "a.jpg", null));
    assertThat(text(id, "camera_make", "image_text")).isEqualTo("Maker 😀");
    assertThat(text(id, "words", "image_text")).contains("gannet");
    assertThat(text(id, "title", "image_words")).isEqualTo("Gannet");
    store.keep(id, reader.read("[{\"File:MIMEType\": \"image/jpeg\"}]", "a.jpg", null));
    store.keep(id, reader.read("[{\"File:MIMEType\": \"image/jpeg\"}]", "a.jpg", null));
    assertThat(row(id))
        .containsEntry("taken_at", null)
        .containsEntry("camera_make", null)
        .containsEntry("latitude", null)
        .containsEntry("position", "none")
        .containsEntry("orientation", 1);
    assertThat(json(id)).isEqualTo("{\"File:MIMEType\":\"image/jpeg\"}");
    assertThat(text(id, "camera_make", "image_text")).isNull();
    assertThat(text(id, "words", "image_text")).contains("a.jpg").doesNotContain("gannet");
    assertThat(text(id, "title", "image_words")).isNull();
  }

  @Test
  void theSizeSeenAtIntakeStandsWhereExifToolKnowsNoneAndIsTurnedUpright() {
    long id = photo(800, 600);
    store.keep(id, reader.read("[{\"IFD0:Orientation\": 8}]", "a.jpg", null));
    assertThat(row(id))
        .containsEntry("stored_width", 800)
        .containsEntry("stored_height", 600)
        .containsEntry("width", 600)
        .containsEntry("height", 800);
  }

  @Test
  void aPhotoThatIsGoneIsALastingFailure() {
    PhotoMetadata read = reader.read(FULL, "a.jpg", null);
    Failure failure =
        requireNonNull(catchThrowableOfType(Failure.class, () -> store.keep(-1, read)));
    assertThat(failure.cause()).isEqualTo("no-photo");
    assertThat(failure.lasting()).isTrue();
  }

  private static final String FULL =
      """
      [{"SourceFile": "x", "File:ImageWidth": 400, "File:ImageHeight": 300, "IFD0:Orientation": 6,
      "IFD0:Make": "Maker 😀", "XMP-dc:Title": "Gannet", "ExifIFD:ISO": 200, "ExifIFD:FNumber": 1.8,
      "ExifIFD:DateTimeOriginal": "2021:07:01 12:34:56", "ExifIFD:SubSecTimeOriginal": "078",
      "ExifIFD:OffsetTimeOriginal": "+02:00",
      "Composite:GPSLatitude": -34.603722, "Composite:GPSLongitude": -58.381592}]
      """;

  private long photo(@Nullable Integer width, @Nullable Integer height) {
    String sha256 = UUID.randomUUID().toString().replace("-", "").repeat(2);
    database
        .sql(
            """
            insert into images (sha256, filename, mime_type, bytes, source_disk, source_path,
              source_filename, stored_width, stored_height)
            values (:sha256, 'a.jpg', 'image/jpeg', 1, 'private', 'x', 'y', :width, :height)
            """)
        .param("sha256", sha256)
        .param("width", width)
        .param("height", height)
        .update();
    return database
        .sql("select id from images where sha256 = :sha256")
        .param("sha256", sha256)
        .query(Long.class)
        .single();
  }

  private Map<String, Object> row(long id) {
    return database.sql("select * from images where id = :id").param("id", id).query().singleRow();
  }

  private LocalDateTime time(long id) {
    return database
        .sql("select taken_at from images where id = :id")
        .param("id", id)
        .query(LocalDateTime.class)
        .single();
  }

  private @Nullable String text(long id, String column, String table) {
    return database
        .sql("select %s from %s where image_id = :id".formatted(column, table))
        .param("id", id)
        .query((row, number) -> Optional.ofNullable(row.getString(1)))
        .single()
        .orElse(null);
  }

  private String json(long id) {
    return database
        .sql("select json from image_metadata where image_id = :id")
        .param("id", id)
        .query(String.class)
        .single();
  }

  private static DataSource source() {
    String h2 =
        "jdbc:h2:mem:"
            + UUID.randomUUID()
            + ";MODE=MySQL;DATABASE_TO_LOWER=TRUE;TIME ZONE=UTC;DB_CLOSE_DELAY=-1";
    return new DriverManagerDataSource(
        Optional.ofNullable(System.getenv("CARAVEL_TEST_DB_URL")).orElse(h2));
  }
}
