package io.caravel.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.caravel.metadata.DrawnPhoto;
import io.caravel.metadata.ExifToolPool;
import io.caravel.metadata.ShippedExifTool;
import java.nio.file.Path;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExifToolExecutorTest {
  @Test
  void execExiftoolIsAnsweredByThePool(@TempDir Path directory) throws Exception {
    Path photo = DrawnPhoto.with(directory, "a.jpg", "-Make=Maker Ø");
    try (ExifToolPool pool = ShippedExifTool.pool(1);
        DefaultCamelContext camel = new DefaultCamelContext()) {
      camel.getRegistry().bind("exifToolExecutor", new ExifToolExecutor(pool));
      camel.start();
      String answer =
          camel
              .createProducerTemplate()
              .requestBody(
                  "exec:exiftool?commandExecutor=#exifToolExecutor&args=" + photo,
                  "",
                  String.class);
      assertThat(answer).contains("\"IFD0:Make\": \"Maker Ø\"");
      assertThat(pool.pids()).hasSize(1);
    }
  }
}
