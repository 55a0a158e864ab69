package io.caravel.metadata;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.Resource;

/** The beans of this room and their settings. */
@Configuration(proxyBeanMethods = false)
class MetadataConfiguration {

  /** ExifTool reads it from a file: this node's own. */
  @Bean
  Path exifToolConfig(
      @Value("${caravel.exiftool.config}") Resource config,
      @Value("${caravel.home}") Path home,
      @Value("${caravel.node}") String node)
      throws IOException {
    return written(config, home.resolve("native").resolve(node));
  }

  static Path written(Resource config, Path directory) throws IOException {
    Path file = Files.createDirectories(directory).resolve("exiftool-limits.config");
    try (InputStream lines = config.getInputStream()) {
      Files.copy(lines, file, StandardCopyOption.REPLACE_EXISTING);
    }
    return file;
  }

  @Bean(destroyMethod = "close")
  ExifToolPool exifToolPool(
      @Value("${caravel.exiftool.command}") String command,
      Path exifToolConfig,
      @Value("${caravel.exiftool.arguments}") Resource arguments,
      @Value("${caravel.exiftool.processes}") int processes,
      @Value("${caravel.exiftool.photos-per-process}") int photosPerProcess,
      @Value("${caravel.exiftool.limit-seconds}") int limitSeconds,
      @Value("${caravel.exiftool.answer-mb}") int answerMb)
      throws IOException {
    return new ExifToolPool(
        new ExifToolPool.Settings(
            command,
            exifToolConfig,
            arguments(arguments),
            processes,
            photosPerProcess,
            Duration.ofSeconds(limitSeconds),
            answerMb << 20));
  }

  @Bean(destroyMethod = "close")
  ExifToolPreviews rawPreviews(
      @Value("${caravel.exiftool.command}") String command,
      Path exifToolConfig,
      @Value("${caravel.exiftool.limit-seconds}") int limitSeconds) {
    return new ExifToolPreviews(
        command, exifToolConfig, Duration.ofSeconds(limitSeconds), ExifToolPreviews.BYTES_AT_MOST);
  }

  @Bean
  MetadataReader metadataReader(ZoneMap zones, @Value("${caravel.timezone}") String zone) {
    return new MetadataReader(zones, zone(zone), InstantSource.system());
  }

  /** The lines of an ExifTool argument file, without its comments. */
  static List<String> arguments(Resource file) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(file.getInputStream(), StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty() && !line.startsWith("#"))
          .toList();
    }
  }

  private static ZoneId zone(String name) {
    try {
      return name.isBlank() ? ZoneId.systemDefault() : ZoneId.of(name.strip());
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "CARAVEL_TIMEZONE is \"%s\", which is no time zone; write it like Europe/Berlin or +02:00."
              .formatted(name),
          e);
    }
  }
}
