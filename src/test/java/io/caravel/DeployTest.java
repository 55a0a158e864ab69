package io.caravel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** The files of {@code deploy/}, held against the program's settings and against each other. */
class DeployTest {
  private static final Path DEPLOY = Path.of("deploy");
  private static final Path RESOURCES = Path.of("src/main/resources");
  private static final Pattern IN_ENV = Pattern.compile("(?m)^#?(CARAVEL_[A-Z_]+)=");
  private static final Pattern IN_README = Pattern.compile("(?m)^\\| (CARAVEL_[^|]*) \\|");

  /** Of the launcher, and of the unit. */
  private static final Set<String> NOT_OF_THE_PROGRAM = Set.of("CARAVEL_HEAP");

  private static String text(String file) throws IOException {
    return Files.readString(DEPLOY.resolve(file));
  }

  private static Set<String> found(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * Of README's table of settings, where a name may stand for several: {@code …_URL, _PERIOD_MS}.
   */
  private static Set<String> ofReadme() throws IOException {
    Set<String> names = new TreeSet<>();
    for (String row : found(IN_README, Files.readString(Path.of("README.md")))) {
      List<String> family = List.of();
      for (String name : row.split(", ")) {
        if (name.startsWith("CARAVEL_")) {
          family = List.of(name.split("_"));
          names.add(name);
        } else {
          names.add(String.join("_", family.subList(0, 2)) + name);
        }
      }
    }
    names.removeIf(name -> name.contains("…"));
    return names;
  }

  /** As Spring compares environment variables with properties. */
  private static String compared(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }

  private static Set<String> ofTheProgram() throws IOException {
    Set<String> names = new TreeSet<>();
    for (String file : List.of("application.yaml", "door-settings.yaml")) {
      String yaml = Files.readString(RESOURCES.resolve(file)).replace("@", "");
      for (Object document : new Yaml().loadAll(yaml)) {
        flatten("", document, names);
      }
    }
    return names.stream().map(DeployTest::compared).collect(Collectors.toSet());
  }

  private static void flatten(String path, Object value, Set<String> names) {
    names.add(path);
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, each) -> flatten(path + "." + key, each, names));
    }
  }

  @Test
  void everySettingOfReadmeIsInCaravelEnv() throws Exception {
    assertThat(ofReadme()).hasSizeGreaterThan(50);
    assertThat(found(IN_ENV, text("caravel.env"))).containsAll(ofReadme());
  }

  @Test
  void everySettingInCaravelEnvAndInTheContainersIsOneOfTheProgram() throws Exception {
    Set<String> named = found(IN_ENV, text("caravel.env"));
    assertThat(ofReadme()).containsAll(named);
    named.addAll(found(Pattern.compile("(?m)^ +(CARAVEL_[A-Z_]+):"), text("compose.yaml")));
    named.addAll(found(Pattern.compile("\\b(CARAVEL_[A-Z_]+)="), text("caravel.service")));
    named.removeAll(NOT_OF_THE_PROGRAM);
    Set<String> known = ofTheProgram();
    // Those that DerivedSettings reads before there is a default.
    Set<String> derived =
        Stream.of(
                Files.readString(Path.of("src/main/java/io/caravel/DerivedSettings.java")),
                Files.readString(Path.of("src/main/java/io/caravel/takeover/Takeover.java")),
                Files.readString(Path.of("src/main/java/io/caravel/takeover/OldDatabase.java")))
            .flatMap(
                java ->
                    Pattern.compile("\"(caravel\\.[a-z.-]+)\"")
                        .matcher(java)
                        .results()
                        .map((MatchResult it) -> compared(it.group(1))))
            .collect(Collectors.toSet());
    assertThat(named)
        .hasSizeGreaterThan(60)
        .allMatch(name -> known.contains(compared(name)) || derived.contains(compared(name)));
  }

  @Test
  void noSettingOfCaravelEnvIsNamedTwice() throws Exception {
    List<String> names = new ArrayList<>();
    IN_ENV.matcher(text("caravel.env")).results().forEach(found -> names.add(found.group(1)));
    assertThat(names).doesNotHaveDuplicates();
  }

  @Test
  void theProgramIsStartedAlikeByTheLauncherTheServiceAndTheContainers() throws Exception {
    Set<String> options = options(Files.readString(Path.of("caravel")));
    assertThat(options).hasSizeGreaterThan(8);
    assertThat(options(text("caravel.service"))).isEqualTo(options);
    assertThat(options(text("compose.yaml"))).isEqualTo(options);
  }

  private static Set<String> options(String text) {
    return Pattern.compile(
            "(?<![\\w-])-(?:Xms|Djava\\.awt|XX:(?!SharedArchiveFile|ArchiveClassesAtExit))[\\w=.:+]+")
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Under a filter that refuses them the decoder's cage would silently have holes. */
  @Test
  void theServiceLetsItsChildrenCageThemselves() throws Exception {
    Set<String> calls =
        found(
            Pattern.compile("syscall\\(SYS_(\\w+)"),
            Files.readString(Path.of("src/main/cpp/cage.cpp")));
    assertThat(calls).contains("seccomp", "landlock_restrict_self");
    String allowed =
        text("caravel.service")
            .lines()
            .filter(line -> line.startsWith("SystemCallFilter=@"))
            .collect(Collectors.joining());
    assertThat(allowed.split(" ")).containsAll(calls);
  }

  private static Map<?, ?> part(Map<String, Object> whole, String name) {
    return (Map<?, ?>) Objects.requireNonNull(whole.get(name));
  }

  @Test
  void whatTheContainersMountAndWaitForIsThere() throws Exception {
    Map<String, Object> compose = new Yaml().load(text("compose.yaml"));
    Map<?, ?> services = part(compose, "services");
    assertThat(services.keySet()).map(String::valueOf).contains("caravel", "mariadb", "rabbitmq");
    Set<String> volumes = new TreeSet<>();
    part(compose, "volumes").keySet().forEach(name -> volumes.add(name.toString()));
    for (Object service : services.values()) {
      Object mounted = ((Map<?, ?>) service).get("volumes");
      for (Object each : mounted == null ? List.of() : (List<?>) mounted) {
        String from = each.toString().replaceAll(":/.*", "");
        if (from.startsWith("./")) {
          assertThat(DEPLOY.resolve(from)).exists();
        } else if (!from.startsWith("${")) {
          assertThat(volumes).contains(from);
        }
      }
      assertThat(((Map<?, ?>) service).get("restart")).isEqualTo("always");
    }
  }
}
