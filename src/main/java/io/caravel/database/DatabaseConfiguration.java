package io.caravel.database;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.jdbc.DataSourceProperties;
import org.springframework.boot.autoconfigure.jdbc.JdbcConnectionDetails;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.transaction.PlatformTransactionManager;

/** Which database there is, and what it is told. */
@Configuration(proxyBeanMethods = false)
class DatabaseConfiguration {

  @Bean
  @Profile("embedded")
  JdbcConnectionDetails embeddedDetails(
      DataSourceProperties asked,
      @Value("${caravel.db.write-delay-ms}") int writeDelayMs,
      @Value("${caravel.db.retention-ms}") int retentionMs) {
    Map<String, String> settings = new TreeMap<>();
    settings.put("WRITE_DELAY", String.valueOf(writeDelayMs));
    settings.put("RETENTION_TIME", String.valueOf(retentionMs));
    // Of this H2's thread holds a third at work, and the whole at rest, where its own 90 is out of
    // reach of a large file: it would undo for ever what compact does. With 60 a file grew to 1 GB.
    settings.put("AUTO_COMPACT_FILL_RATE", "82");
    settings.put("MAX_COMPACT_TIME", "0"); // EmbeddedFile.close does better
    settings.put("QUERY_CACHE_SIZE", "64"); // a photo takes some 35 statements; of 8 none was found
    String url = EmbeddedUrl.of(asked.determineUrl(), settings);
    return new JdbcConnectionDetails() {
      @Override
      public String getUsername() {
        return asked.determineUsername();
      }

      @Override
      public String getPassword() {
        return asked.determinePassword();
      }

      @Override
      public String getJdbcUrl() {
        return url;
      }
    };
  }

  /** In place of Spring Boot's. */
  @Bean
  RepeatedTransaction transactions(PlatformTransactionManager manager) {
    return new RepeatedTransaction(manager);
  }

  @Bean(name = "databaseFile", destroyMethod = "close")
  @Profile("embedded")
  EmbeddedFile embeddedFile(
      DataSource database, @Value("${caravel.db.close-compact-ms}") int closeCompactMs) {
    return new EmbeddedFile(database, Duration.ofMillis(closeCompactMs));
  }

  @Bean("databaseFile")
  @Profile("!embedded")
  DatabaseFile serversFiles() {
    return () -> {};
  }
}
