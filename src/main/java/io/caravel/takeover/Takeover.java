package io.caravel.takeover;

import io.caravel.database.DatabaseFile;
import io.caravel.ground.Failure;
import io.caravel.ground.Journey;
import io.caravel.job.JobRequests;
import io.caravel.photo.Photos;
import io.caravel.photo.References;
import io.caravel.place.PhotoPlace;
import io.caravel.thumbnail.ThumbnailSpec;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.PropertyResolver;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * {@code import DUMP.sql|jdbc:mysql://… --disk NAME=DIR [--dry-run] [--follow] [--searched]
 * [--column what=NAME]}: brings the photos, faces and open jobs of the site that Caravel takes the
 * place of into its own database. The old one, and its files, are only read.
 */
public final class Takeover {
  private static final String DRY_DATABASE =
      "jdbc:h2:mem:dry-run;MODE=MySQL;DATABASE_TO_LOWER=TRUE;TIME ZONE=UTC;DB_CLOSE_DELAY=-1;MAX_MEMORY_ROWS=250000";

  private Takeover() {}

  /**
   * @param arguments what follows the word import
   * @return the exit status
   */
  public static int run(List<String> arguments, PrintStream out) {
    return run(arguments, new StandardEnvironment(), out, Map.of(), new CountDownLatch(1));
  }

  /**
   * @param more settings beside those of the environment
   * @param stop asks it to end
   */
  static int run(
      List<String> arguments,
      PropertyResolver settings,
      PrintStream out,
      Map<String, String> more,
      CountDownLatch stop) {
    try {
      Wish wish = Wish.of(arguments);
      OldDisks disks = OldDisks.of(wish.disks(), settings);
      try (OldTables old = open(wish, settings)) {
        return run(wish, disks, old, settings, out, more, stop);
      }
    } catch (OldTrouble | Failure e) {
      out.println("caravel: " + e.getMessage());
      return 1;
    }
  }

  private static OldTables open(Wish wish, PropertyResolver settings) {
    if (wish.source().startsWith("jdbc:")) {
      return new OldDatabase(
          wish.source(),
          settings.getProperty("caravel.import.user", ""),
          settings.getProperty("caravel.import.password", ""));
    }
    if (wish.follow()) {
      throw new OldTrouble("--follow goes with the address of a database, not with a dump.");
    }
    return new SqlDump(Path.of(wish.source()));
  }

  private static int run(
      Wish wish,
      OldDisks disks,
      OldTables old,
      PropertyResolver settings,
      PrintStream out,
      Map<String, String> more,
      CountDownLatch stop) {
    List<String> there = old.columns(OldTables.IMAGES);
    if (there.contains("sha256")) {
      throw new OldTrouble(
          "Its table images is Caravel's: name the database of the site that it takes the place of.");
    }
    OldColumns columns = new OldColumns(there, wish.columns());
    List<String> remarks = new ArrayList<>(old.remarks());
    if (columns.column("disk") == null) {
      remarks.add("The table images names no disk: all lie on \"private\".");
    }
    remarks.forEach(each -> out.println("caravel: " + each));
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook =
        new Thread(
            () -> {
              stop.countDown();
              await(ended, TimeUnit.MINUTES.toSeconds(2)); // the batch under way is committed
            },
            "stop-import");
    Runtime.getRuntime().addShutdownHook(hook);
    long seconds = settings.getProperty("caravel.import.follow-seconds", Long.class, 60L);
    ExecutorService readers =
        Executors.newFixedThreadPool(
            Math.max(2, Runtime.getRuntime().availableProcessors()), Takeover::reader);
    try (ConfigurableApplicationContext context = start(wish, disks, settings, more)) {
      Rooms rooms = rooms(context, out);
      Import all =
          new Import(
              rooms,
              old,
              columns,
              disks.names(),
              wish.searched(),
              readers,
              out,
              () -> stop.getCount() == 0);
      String left = all.left();
      if (left != null) {
        out.println("caravel: " + left);
      }
      if (wish.dryRun()) {
        all.dryRun();
        all.sum(true);
      } else {
        follow(wish, all, stop, seconds, context);
        all.sum(false);
        String set = disks.toBeSet();
        if (set != null) {
          out.println("caravel: " + set);
        }
      }
      return 0;
    } catch (Import.Stopped e) {
      out.println(
          "caravel: it was ended; what came over stays: the same command goes on with the rest.");
      return 1;
    } finally {
      readers.shutdownNow();
      ended.countDown();
    }
  }

  private static Thread reader(Runnable work) {
    Thread thread = new Thread(work, "import-reader");
    thread.setDaemon(true);
    return thread;
  }

  /** Passes once, and again every minute where it is to follow, until it is asked to end. */
  private static void follow(
      Wish wish,
      Import all,
      CountDownLatch stop,
      long seconds,
      ConfigurableApplicationContext context) {
    LocalDateTime since = null;
    do {
      LocalDateTime next = wish.follow() ? all.followed().now() : null;
      all.pass(since);
      all.raiseCounters();
      since = next;
      context.getBean("databaseFile", DatabaseFile.class).sync();
    } while (wish.follow() && !await(stop, seconds));
  }

  private static boolean await(CountDownLatch latch, long seconds) {
    try {
      return latch.await(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private static Rooms rooms(ConfigurableApplicationContext context, PrintStream out) {
    JdbcClient database = context.getBean(JdbcClient.class);
    return new Rooms(
        database,
        context.getBean(JdbcTemplate.class),
        context.getBean(TransactionTemplate.class),
        context.getBean(Photos.class),
        context.getBean(References.class),
        context.getBean(JobRequests.class),
        context.getBean(Journey.class),
        context.getBean(PhotoPlace.class),
        ThumbnailSpec.parseList(context.getEnvironment().getRequiredProperty("caravel.thumbnails")),
        context.getEnvironment().getRequiredProperty("caravel.face.threshold", Double.class),
        new ImportIds(database),
        new Remarks(out),
        new Counts());
  }

  private static ConfigurableApplicationContext start(
      Wish wish, OldDisks disks, PropertyResolver settings, Map<String, String> more) {
    List<String> arguments = new ArrayList<>();
    more.forEach((name, value) -> arguments.add("--" + name + "=" + value));
    disks.settings().forEach((name, value) -> arguments.add("--" + name + "=" + value));
    arguments.add("--logging.level.io.caravel=warn");
    if (wish.dryRun()) {
      arguments.add("--caravel.mark-roots=false");
      if (isNotThereYet(settings)) {
        arguments.add("--caravel.db.url=" + DRY_DATABASE);
      }
    }
    return new SpringApplicationBuilder(TakeoverProgram.class)
        .web(WebApplicationType.NONE)
        .lazyInitialization(true)
        .registerShutdownHook(false)
        .run(arguments.toArray(String[]::new));
  }

  /** Whether the library has no database: then a dry run has one in memory. */
  private static boolean isNotThereYet(PropertyResolver settings) {
    Path home = OldDisks.home(settings);
    return settings.getProperty("caravel.db.url", "").isBlank()
        && !Files.exists(home.resolve("database/caravel.mv.db"));
  }
}
