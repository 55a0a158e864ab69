package io.caravel;

import io.caravel.ground.CannotStart;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.env.EnvironmentPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.FileSystemUtils;

/**
 * Settings that follow from others: absolute paths, workers by cores, the profiles of queues and
 * database, and this node's name; those of steps and roles are {@link StepSettings}. Everything
 * else stands in application.yaml.
 */
final class DerivedSettings implements EnvironmentPostProcessor, Ordered {
  /** How long another node may hold a name's lock that is not its own. */
  private static final Duration TIDYING = Duration.ofSeconds(3);

  /**
   * The priority of a line as systemd reads it: sd-daemon(3), SyslogLevelPrefix= of
   * systemd.exec(5).
   */
  static final String PRIORITY =
      "%replace(%replace(%replace(%replace(%level){'^ERROR$','<3>'}){'^WARN$','<4>'}){'^INFO$','<6>'}){'^(DEBUG|TRACE)$','<7>'}";

  private static final String NODE = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

  /** Of a secret that signs. */
  private static final int LEAST_SECRET = 16;

  /** Held for the life of the process: two processes with one home never share a node name. */
  private static final Map<Path, FileLock> HELD = new ConcurrentHashMap<>();

  /**
   * Before the configuration files are read, since it chooses among their profiles; after Spring's
   * {@code random.*}.
   */
  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE + 2;
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    if (!environment.getProperty("caravel.rabbitmq.uri", "").isBlank()) {
      environment.addActiveProfile("rabbitmq");
    }
    String database = environment.getProperty("caravel.db.url", "");
    environment.addActiveProfile(database.startsWith("jdbc:mysql:") ? "mysql" : "embedded");
    Map<String, Object> derived = new HashMap<>();
    Path home =
        Path.of(environment.getProperty("caravel.home", "./data")).toAbsolutePath().normalize();
    derived.put("caravel.home", home.toString());
    // Set by systemd where standard output leads to its journal.
    boolean journal = !environment.getProperty("JOURNAL_STREAM", "").isEmpty();
    derived.put("caravel.log-prefix", journal ? PRIORITY : "");
    String inbox = environment.getProperty("caravel.inbox", "");
    Path watched =
        inbox.isBlank() ? home.resolve("inbox") : Path.of(inbox).toAbsolutePath().normalize();
    InboxPlace.check(environment, home, watched);
    SettingRanges.check(environment);
    derived.put("caravel.inbox", watched.toString());
    derived.put("caravel.face.models", faceModels(environment).toString());
    geocoder(environment, derived);
    changes(environment, derived);
    workers(environment, derived);
    String node = node(environment, home);
    derived.put("caravel.node", node);
    derived.put("caravel.scratch", scratch(home, node).toString());
    derived.put("caravel.incoming", uploadDisk(environment, home) + "/.incoming/" + node);
    derived.put("caravel.boot", UUID.randomUUID().toString().substring(0, 8));
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("caravel-derived-settings", derived));
  }

  /**
   * Where the launcher puts dlib's models, for all clones of a user; or a directory of one's own.
   */
  private static Path faceModels(ConfigurableEnvironment environment) {
    String asked = environment.getProperty("caravel.face.models", "");
    if (!asked.isBlank()) {
      return Path.of(asked).toAbsolutePath().normalize();
    }
    String cache = environment.getProperty("XDG_CACHE_HOME", "");
    return (cache.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache))
        .resolve("caravel/face_recognition_models-0.3.0")
        .toAbsolutePath();
  }

  /** Who asks the geocoder, and in which languages it is to answer. */
  private static void geocoder(ConfigurableEnvironment environment, Map<String, Object> derived) {
    String contact = environment.getProperty("caravel.contact", "").strip();
    if (!contact.matches("[\\x21-\\x7E&&[^()\\\\{}$]]{0,200}")) {
      throw CannotStart.mendFirst(
          "CARAVEL_CONTACT is \"%s\": give it one mail address or web address.".formatted(contact));
    }
    derived.put("caravel.contact-in-brackets", contact.isEmpty() ? "" : " (" + contact + ")");
    String language = environment.getProperty("caravel.language", "").strip();
    String system = Locale.getDefault().toLanguageTag();
    String ofSystem = system.startsWith("en") || system.equals("und") ? "en" : system + ",en";
    if (!language.matches("[A-Za-z0-9-]{0,35}(\\s*,\\s*[A-Za-z0-9-]{1,35}){0,3}")) {
      throw CannotStart.mendFirst(
          "CARAVEL_LANGUAGE is \"%s\": give it a language such as de or pt-BR, or up to four with commas between."
              .formatted(language));
    }
    derived.put("caravel.language-asked", !language.isEmpty());
    derived.put(
        "caravel.language", language.isEmpty() ? ofSystem : language.replaceAll("\\s+", ""));
  }

  /** Where changes are sent on: to a webhook or an exchange, or nowhere. */
  private static void changes(ConfigurableEnvironment environment, Map<String, Object> derived) {
    String url = environment.getProperty("caravel.webhook.url", "").strip();
    String exchange = environment.getProperty("caravel.changes.exchange", "").strip();
    if (!url.isEmpty()) {
      requireWebhook(url, environment.getProperty("caravel.webhook.secret", ""));
      if (!exchange.isEmpty()) {
        throw CannotStart.mendFirst(
            "CARAVEL_WEBHOOK_URL and CARAVEL_CHANGES_EXCHANGE are set: changes are sent to one of them, so unset the other.");
      }
    }
    if (!exchange.isEmpty()) {
      if (!exchange.matches("[A-Za-z0-9._-]{1,255}")) {
        throw CannotStart.mendFirst(
            "CARAVEL_CHANGES_EXCHANGE is \"%s\": name an exchange by letters, digits, dots and dashes."
                .formatted(exchange));
      }
      if (environment.getProperty("caravel.rabbitmq.uri", "").isBlank()) {
        throw CannotStart.mendFirst(
            "CARAVEL_CHANGES_EXCHANGE is set without CARAVEL_RABBITMQ_URI: name the broker it is an exchange of.");
      }
      derived.put(
          "caravel.changes.out",
          "spring-rabbitmq:" + exchange + "?confirm=enabled&confirmTimeout=10000");
    }
    derived.put("caravel.changes.sent-on", !url.isEmpty() || !exchange.isEmpty());
  }

  private static void requireWebhook(String url, String secret) {
    boolean good = false;
    try {
      URI address = new URI(url);
      good = address.getHost() != null && Set.of("http", "https").contains(address.getScheme());
    } catch (URISyntaxException e) {
      // it is told below
    }
    if (!good) {
      throw CannotStart.mendFirst(
          "CARAVEL_WEBHOOK_URL is \"%s\": give it an address such as https://photos.example.org/caravel."
              .formatted(url));
    }
    if (secret.length() < LEAST_SECRET) {
      throw CannotStart.mendFirst(
          "CARAVEL_WEBHOOK_URL is set without CARAVEL_WEBHOOK_SECRET: give it %d characters or more, which the receiver knows too."
              .formatted(LEAST_SECRET));
    }
  }

  /** Thumbnails and faces are made by processor time, metadata waits for ExifTool's processes. */
  private static void workers(ConfigurableEnvironment environment, Map<String, Object> derived) {
    int cores = Runtime.getRuntime().availableProcessors();
    Map<String, Integer> byCores =
        Map.of(
            "thumbnails", Math.max(2, cores / 2),
            "metadata", Math.max(2, Math.min(4, cores / 4)),
            "faces", Math.max(1, cores / 4));
    byCores.forEach(
        (queue, count) -> {
          String name = "caravel.workers." + queue;
          String asked = environment.getProperty(name, "");
          derived.put(name, asked.isBlank() ? count : positive(name, asked.trim()));
        });
  }

  private static int positive(String property, String asked) {
    if (!asked.matches("[1-9][0-9]{0,3}")) {
      throw CannotStart.mendFirst(
          "CARAVEL_%s is \"%s\": give it a number of workers, 1 or more."
              .formatted(
                  property
                      .substring("caravel.".length())
                      .toUpperCase(Locale.ROOT)
                      .replace('.', '_'),
                  asked));
    }
    return Integer.parseInt(asked);
  }

  private static String node(ConfigurableEnvironment environment, Path home) {
    String asked = environment.getProperty("caravel.node", "");
    String name = asked.isBlank() ? plain(hostName()) : asked.trim();
    // Folders are called so that are emptied and removed.
    if (!name.matches(NODE)) {
      throw CannotStart.mendFirst(
          "CARAVEL_NODE is \"%s\": give it up to 64 letters, digits, points, - and _, a letter or digit first."
              .formatted(name.replaceAll("\\p{Cntrl}", "?")));
    }
    try {
      Path locks = Files.createDirectories(home.resolve("nodes"));
      for (int number = 1; ; number++) {
        String candidate = number == 1 ? name : name + "-" + number;
        Path file = locks.resolve(candidate + ".lock");
        if (HELD.containsKey(file) ? !asked.isBlank() : hold(file)) {
          return candidate;
        }
        if (!asked.isBlank()) {
          throw CannotStart.mendFirst(
              "another Caravel with CARAVEL_NODE="
                  + name
                  + " runs on "
                  + home
                  + ": give each its own name, or stop the other.");
        }
      }
    } catch (IOException e) {
      throw CannotStart.mendFirst(
          "CARAVEL_HOME "
              + home
              + " cannot be written by "
              + System.getProperty("user.name")
              + " ("
              + reason(e)
              + "): mend its owner or permissions, or name another directory.",
          e);
    }
  }

  /** Where uploads land, so that taking them in is a rename. */
  private static String uploadDisk(ConfigurableEnvironment environment, Path home) {
    String begin = environment.getProperty("caravel.upload-disk", "private").strip() + "=";
    for (String disk : environment.getProperty("caravel.disks", "").split(",")) {
      if (disk.strip().startsWith(begin)) {
        return disk.strip().substring(begin.length()).strip();
      }
    }
    return home.resolve("originals").toString();
  }

  /**
   * A directory of this node for what need not outlive it, such as Tomcat's; emptied now, since a
   * killed program empties nothing. With it goes what nodes left that are gone: their names are
   * held by nobody.
   */
  private static Path scratch(Path home, String node) {
    Path scratch = home.resolve("scratch").resolve(node);
    try {
      FileSystemUtils.deleteRecursively(scratch);
      for (Path left : List.of(home.resolve("scratch"), home.resolve("native"))) {
        if (Files.isDirectory(left)) {
          try (Stream<Path> names = Files.list(left)) {
            for (Path each : names.toList()) {
              removeOfGone(home, each);
            }
          }
        }
      }
      return Files.createDirectories(scratch);
    } catch (IOException e) {
      throw CannotStart.mendFirst(
          "%s cannot be emptied (%s): mend its owner or remove it.".formatted(scratch, reason(e)),
          e);
    }
  }

  private static void removeOfGone(Path home, Path left) throws IOException {
    Path file = home.resolve("nodes").resolve(left.getFileName() + ".lock");
    if (HELD.containsKey(file) || !Files.exists(file)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock != null) {
        FileSystemUtils.deleteRecursively(left);
      }
    }
  }

  private static String reason(IOException problem) {
    return problem instanceof FileSystemException file && file.getReason() != null
        ? file.getReason()
        : problem.getClass().getSimpleName() + " " + problem.getMessage();
  }

  private static boolean hold(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = channel.tryLock();
    long until = System.nanoTime() + TIDYING.toNanos();
    while (lock == null && System.nanoTime() - until < 0 && pause()) {
      lock = channel.tryLock(); // another node that starts may be removing what this one left
    }
    if (lock == null) {
      channel.close();
      return false;
    }
    HELD.put(file, lock);
    return true;
  }

  private static boolean pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(100);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static String plain(String host) {
    String plain = host.replaceAll("[^A-Za-z0-9._-]", "-").replaceAll("^[._-]+", "");
    return plain.isEmpty() ? "localhost" : plain.substring(0, Math.min(plain.length(), 60));
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
