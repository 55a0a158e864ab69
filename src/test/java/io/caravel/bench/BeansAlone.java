package io.caravel.bench;

import io.caravel.crash.Camera;
import io.caravel.ground.DatabaseWatch;
import io.caravel.ground.Nodes;
import io.caravel.job.Job;
import io.caravel.job.Lane;
import io.caravel.metadata.ExifToolPool;
import io.caravel.metadata.MetadataReader;
import io.caravel.photo.Disks;
import io.caravel.photo.Original;
import io.caravel.photo.Originals;
import io.caravel.photo.Photo;
import io.caravel.thumbnail.Thumbnails;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.util.FileSystemUtils;

/**
 * What the flow has done for each photo, by direct calls: published with its SHA-256, thumbnails
 * made, metadata read. No Camel, no database, no HTTP. Started by {@link FlowCpu}.
 */
public final class BeansAlone {
  private static final String WISHES = "{\"targets\":[\"cover:300x300\",\"scale:1600x1600\"]}";

  private final Originals originals;
  private final Thumbnails thumbnails;
  private final Disks disks;
  private final ExifToolPool exifTool;
  private final MetadataReader metadata;

  private BeansAlone(ConfigurableApplicationContext context) {
    originals = context.getBean(Originals.class);
    thumbnails = context.getBean(Thumbnails.class);
    disks = context.getBean(Disks.class);
    exifTool = context.getBean(ExifToolPool.class);
    metadata = context.getBean(MetadataReader.class);
  }

  /** {@code BeansAlone PHOTOS} prints milliseconds of CPU a photo: the first, then as many more. */
  public static void main(String[] arguments) throws Exception {
    int photos = Integer.parseInt(arguments[0]);
    Path home = Files.createTempDirectory("caravel-beans-");
    try (ConfigurableApplicationContext context =
        new SpringApplicationBuilder(Scanned.class, Nodes.class, DatabaseWatch.class)
            .web(WebApplicationType.NONE)
            .lazyInitialization(true)
            .run(
                "--caravel.home=" + home,
                "--logging.level.root=off",
                "--logging.level.io.caravel=off")) {
      BeansAlone beans = new BeansAlone(context);
      Camera camera = FlowCpu.camera();
      double cold = beans.cost(camera, photos);
      double warm = beans.cost(camera, photos);
      System.out.println(cold + " " + warm);
    } finally {
      FileSystemUtils.deleteRecursively(home);
    }
  }

  private double cost(Camera camera, int photos) {
    long self = ProcessHandle.current().pid();
    double start = Cpu.seconds(self);
    for (int i = 0; i < photos; i++) {
      take(camera.shoot());
    }
    return (Cpu.seconds(self) - start) * 1000 / photos;
  }

  private void take(Camera.Shot shot) {
    Original original =
        originals.publish(originals.stage(shot.filename(), new ByteArrayInputStream(shot.bytes())));
    Photo photo =
        new Photo(
            1,
            original.sha256(),
            original.filename(),
            original.mimeType(),
            original.bytes(),
            original.disk(),
            original.path(),
            original.file(),
            false,
            null,
            null);
    thumbnails.make(
        new Job(1, "thumbnails", "", WISHES, false, 1, 1, 0, 0, "", Lane.UPLOAD, 0, photo));
    metadata.read(exifTool.read(disks.argument(photo)), photo);
  }

  /** Not a {@code @Configuration}: the scan of the whole program must not find it. */
  @ComponentScan({"io.caravel.photo", "io.caravel.thumbnail", "io.caravel.metadata"})
  static class Scanned {
    /** Asked at the start alone: for the marks of the storage roots. */
    @Bean
    DataSource source() {
      DriverManagerDataSource source =
          new DriverManagerDataSource(
              "jdbc:h2:mem:beans;MODE=MySQL;DATABASE_TO_LOWER=TRUE;DB_CLOSE_DELAY=-1");
      new ResourceDatabasePopulator(
              new ClassPathResource("db/migration/V1__photos_jobs_places.sql"),
              new ClassPathResource("db/migration/V4__roots.sql"))
          .execute(source);
      return source;
    }

    @Bean
    JdbcClient database(DataSource source) {
      return JdbcClient.create(source);
    }
  }
}
