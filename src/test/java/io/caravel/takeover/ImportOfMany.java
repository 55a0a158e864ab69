package io.caravel.takeover;

import io.caravel.crash.Camera;
import io.caravel.server.CaravelProcess;
import io.caravel.server.MariaDbNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.springframework.util.FileSystemUtils;

/**
 * How long {@code import} takes, and how much memory, for the dump of a large site: half as many
 * faces again as photos, a file for each photo, of a few kB; then once more, where all is there.
 */
public final class ImportOfMany {
  private static final int PEOPLE = 300;

  private final Path directory;
  private final int photos;

  private ImportOfMany(Path directory, int photos) {
    this.directory = directory;
    this.photos = photos;
  }

  /** {@code ImportOfMany embedded|mariadb [PHOTOS]}. */
  public static void main(String[] arguments) throws Exception {
    boolean embedded = arguments.length == 0 || arguments[0].equals("embedded");
    int photos = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100_000;
    Path directory = Files.createTempDirectory("caravel-import-");
    try {
      ImportOfMany many = new ImportOfMany(directory, photos);
      many.write();
      many.measure(embedded);
    } finally {
      FileSystemUtils.deleteRecursively(directory);
    }
    System.exit(0);
  }

  private Path disk() {
    return directory.resolve("storage");
  }

  private void write() throws IOException {
    Camera camera = new Camera(1, "import", 96, 64, 5);
    try (BufferedWriter dump = Files.newBufferedWriter(directory.resolve("dump.sql"))) {
      dump.write("/*!40103 SET TIME_ZONE='+00:00' */;\n");
      dump.write(OldSite.TABLES);
      for (int n = 1; n <= photos; n++) {
        String folder = "images/" + n / 1000;
        Path file = disk().resolve(folder).resolve("IMG_%06d.jpg".formatted(n));
        Files.createDirectories(file.getParent());
        Files.write(file, camera.shoot().bytes());
        dump.write(n % 500 == 1 ? "INSERT INTO `images` VALUES " : ",");
        dump.write(
            "(%d,'private','%s','%s','%3$s','2026-01-19 07:01:00','2026-01-19 07:01:00',NULL)"
                .formatted(n, folder, file.getFileName()));
        dump.write(n % 500 == 0 || n == photos ? ";\n" : "");
      }
      int faces = photos * 3 / 2;
      for (int n = 1; n <= faces; n++) {
        boolean root = n <= PEOPLE;
        int person = root ? n : 1 + n % PEOPLE;
        boolean confirmed = n % 2 == 0 || root;
        dump.write(n % 100 == 1 ? "INSERT INTO `faces` VALUES " : ",");
        dump.write(
            "(%d,%s,%d,%d,%s,'%s','%s','2026-01-20 10:01:00','2026-01-20 10:01:00',NULL)"
                .formatted(
                    n,
                    root ? "NULL" : "" + person,
                    1 + n % photos,
                    n / photos,
                    confirmed ? "'Person " + person + "'" : "NULL",
                    OldSite.json(OldSite.somebody()),
                    confirmed ? "ok" : "process"));
        dump.write(n % 100 == 0 || n == faces ? ";\n" : "");
      }
      dump.write("-- Dump completed on 2026-01-21 22:14:07\n");
    }
    System.out.printf(
        Locale.ROOT,
        "%,d photos, %,d faces, a dump of %,d MB%n",
        photos,
        photos * 3 / 2,
        Files.size(directory.resolve("dump.sql")) >> 20);
  }

  private void measure(boolean embedded) {
    Map<String, String> settings = new HashMap<>();
    if (!embedded) {
      MariaDbNode node = MariaDbNode.shared();
      settings.put("CARAVEL_DB_URL", node.createDatabase());
      settings.put("CARAVEL_DB_USER", node.user());
      settings.put("CARAVEL_DB_PASSWORD", node.password());
    }
    try (CaravelProcess caravel = new CaravelProcess(settings)) {
      for (String which : new String[] {"first", "second"}) {
        long began = System.nanoTime();
        caravel.launch(
            "import", directory.resolve("dump.sql").toString(), "--disk", "private=" + disk());
        long most = 0;
        while (caravel.alive()) {
          most = Math.max(most, kilobytes(caravel.pid()));
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        }
        System.out.printf(
            Locale.ROOT,
            "%s run: status %d, %,d s, at most %,d MB%n",
            which,
            caravel.awaitEnd(),
            TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began),
            most >> 10);
      }
      caravel
          .log()
          .lines()
          .filter(line -> line.matches("caravel: .*\\."))
          .forEach(System.out::println);
    }
  }

  /** The most memory that a process has had, VmHWM of proc(5); 0: it has ended. */
  private static long kilobytes(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/status"))
          .lines()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    } catch (UncheckedIOException e) {
      return 0;
    }
  }
}
