package io.caravel.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.yaml.snakeyaml.Yaml;

/**
 * {@code deploy/alerts.yaml} and {@code deploy/grafana.json}, held against the metrics of the
 * program that runs. Whether an alert fires is Prometheus' own word: promtool evaluates the rules
 * on the series that were scraped, some of them changed by hand.
 */
class AlertsTest extends FlowTest {
  private static final Path ALERTS = Path.of("deploy/alerts.yaml").toAbsolutePath();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern NAME =
      Pattern.compile("\\b((?:caravel|jvm|process)_[a-z_]+)(?:\\{([^}]*)})?");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)(=~?)\"([^\"]*)\"");
  private static final Pattern BY = Pattern.compile("\\b(?:by|on) \\(([a-z_, ]+)\\)");

  /** Added by Prometheus itself. */
  private static final Set<String> OF_THE_TARGET = Set.of("instance", "job");

  @TempDir Path directory = Path.of("unset");

  /** The series that are there now, such as {@code caravel_queue_jobs{queue="faces",…}}. */
  private Map<String, String> scraped() {
    eventually(
        "all has been counted",
        () ->
            api.get("/actuator/prometheus")
                .text()
                .contains("caravel_free_bytes{root=\"private\"} "));
    Map<String, String> series = new TreeMap<>();
    api.get("/actuator/prometheus")
        .text()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(
            line -> {
              int space = line.lastIndexOf(' ');
              series.put(line.substring(0, space), line.substring(space + 1));
            });
    return series;
  }

  private static JsonNode rules() throws IOException {
    return JSON.valueToTree(new Yaml().<Object>load(Files.readString(ALERTS)))
        .path("groups")
        .path(0)
        .path("rules");
  }

  private static List<String> expressions() throws IOException {
    List<String> all = new ArrayList<>();
    rules().forEach(rule -> all.add(rule.path("expr").asText()));
    JSON.readTree(Path.of("deploy/grafana.json").toFile())
        .findValues("expr")
        .forEach(expression -> all.add(expression.asText()));
    assertThat(all).hasSizeGreaterThan(15);
    return all;
  }

  @Test
  void everyMetricAndLabelThatTheyNameIsThere() throws Exception {
    // So that something has ended: what was never done has no time that it took.
    settled(api.accepted("a.jpg", Picture.tiny().bytes()));
    Map<String, String> series = scraped();
    for (String expression : expressions()) {
      Set<String> labels = new HashSet<>(OF_THE_TARGET);
      Matcher named = NAME.matcher(expression);
      while (named.find()) {
        String name = named.group(1);
        List<String> its =
            series.keySet().stream()
                .filter(each -> each.equals(name) || each.startsWith(name + "{"))
                .toList();
        assertThat(its).as("%s of %s", name, expression).isNotEmpty();
        its.forEach(each -> LABEL.matcher(each).results().forEach(it -> labels.add(it.group(1))));
        Matcher label = LABEL.matcher(named.group(2) == null ? "" : named.group(2));
        while (label.find()) {
          if (label.group(3).startsWith("$")) {
            assertThat(labels).as(expression).contains(label.group(1));
            continue;
          }
          for (String value : label.group(3).split("\\|")) {
            assertThat(its)
                .as("%s of %s", label.group(), expression)
                .anyMatch(each -> each.contains(label.group(1) + "=\"" + value + "\""));
          }
        }
      }
      Matcher by = BY.matcher(expression);
      while (by.find()) {
        assertThat(labels).as(expression).contains(by.group(1).split(", ?"));
      }
    }
  }

  @Test
  void eachSaysWhatToDo() throws Exception {
    assertThat(rules()).hasSize(6);
    for (JsonNode rule : rules()) {
      String alert = rule.path("alert").asText();
      assertThat(rule.at("/annotations/summary").asText()).as(alert).isNotBlank();
      assertThat(rule.at("/annotations/description").asText()).as(alert).endsWith(".");
      assertThat(rule.at("/labels/severity").asText()).as(alert).isIn("warning", "critical");
    }
  }

  /** Values as promtool writes them: a start, and so many steps of a minute. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "CaravelQueueStands | caravel_queue_oldest_seconds{queue=\"faces\"} | 0+0x60 0+60x60 | queue=faces",
        "CaravelFailuresRise | caravel_queue_jobs{queue=\"metadata\",state=\"failed\"} | 3+0x100 20+0x20 | queue=metadata",
        "CaravelDiskBelowFloor | caravel_free_bytes{root=\"private\"} | 9000000000+0x100 200000000+0x20 | root=private",
        "CaravelNodeGone | caravel_nodes | 2+0x100 1+0x20 | ",
        "CaravelGeocoderRefuses | caravel_geocoder_requests_total{outcome=\"refused\"} | 0+0x100 0+1x20 | ",
        "CaravelOriginalsChanged | caravel_originals_changed | 0+0x100 1+0x20 | "
      })
  void itFiresOnceWhatItWatchesHappensAndNotBefore(
      String alert, String changed, String values, String labels) throws Exception {
    Map<String, String> series = scraped();
    assertThat(series).as("a live series").containsKey(changed);
    JsonNode rule = rules().path(0);
    for (JsonNode each : rules()) {
      rule = each.path("alert").asText().equals(alert) ? each : rule;
    }
    List<String> input = new ArrayList<>();
    series.forEach(
        (name, value) -> {
          if (name.startsWith("caravel_")) {
            input.add(series(name, name.equals(changed) ? values : quiet(name) + "+0x120"));
          }
        });
    String label = labels == null ? "" : labels.replace("=", ": ");
    String expected =
        """
                exp_alerts:
                  - exp_labels: { severity: %s%s }
                    exp_annotations: { summary: %s, description: %s }
        """
            .formatted(
                rule.at("/labels/severity").asText(),
                label.isEmpty() ? "" : ", " + label,
                told(rule.at("/annotations/summary"), label),
                told(rule.at("/annotations/description"), label));
    String test =
        """
        rule_files: [ %s ]
        evaluation_interval: 1m
        tests:
          - interval: 1m
            input_series:
        %s    alert_rule_test:
              - eval_time: 59m
                alertname: %s
                exp_alerts: []
              - eval_time: 110m
                alertname: %s
        %s"""
            .formatted(ALERTS, String.join("", input), alert, alert, expected);
    Path file = Files.writeString(directory.resolve("fires.yaml"), test);
    Process promtool =
        new ProcessBuilder("promtool", "test", "rules", file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(promtool.waitFor()).as("%s%n%s", said, test).isZero();
  }

  private static String series(String name, String values) {
    return "      - { series: '%s', values: '%s' }%n".formatted(name, values);
  }

  /** What nothing is told of: whatever the other tests of this context have left. */
  private static String quiet(String name) {
    return name.startsWith("caravel_free_bytes") ? "9000000000" : "0";
  }

  private static String told(JsonNode annotation, String label) throws IOException {
    String[] named = label.split(": ");
    String text = annotation.asText();
    return JSON.writeValueAsString(
        named.length == 2 ? text.replace("{{ $labels." + named[0] + " }}", named[1]) : text);
  }
}
