package io.caravel;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code ./caravel rehearse FILE [--photos N]}: has the program that runs try the file of a step on
 * its latest photos, and says photo by photo what it would answer and how that differs from what is
 * kept. The file is laid into $CARAVEL_HOME/rehearsals for it, for no door takes the text of a
 * route.
 */
final class Rehearse {
  private static final Duration PATIENCE = Duration.ofMinutes(15);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST = 200;

  private final Reach caravel;
  private final PrintStream out;
  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();
  private int same;
  private int fresh;
  private int changed;
  private int failed;
  private long ms;
  private long touches;

  private Rehearse(Reach caravel, PrintStream out) {
    this.caravel = caravel;
    this.out = out;
  }

  /**
   * @param settings environment variables
   * @return the exit status: 1 when nothing could be tried, with a sentence why; 2 for a command
   *     that is none
   */
  static int run(List<String> arguments, Map<String, String> settings, PrintStream out) {
    Rehearse rehearse = new Rehearse(new Reach(settings), out);
    boolean counted =
        arguments.size() == 4
            && arguments.get(2).equals("--photos")
            && arguments.get(3).matches("[1-9][0-9]{0,2}");
    if (arguments.size() != 2 && !counted) {
      out.println("caravel: usage: ./caravel rehearse FILE [--photos N]");
      return 2;
    }
    Path folder =
        Path.of(settings.getOrDefault("CARAVEL_HOME", "data"))
            .toAbsolutePath()
            .resolve("rehearsals");
    try {
      return rehearse.run(
          Path.of(arguments.get(1)), folder, counted ? Integer.parseInt(arguments.get(3)) : 20);
    } catch (ConnectException e) {
      return rehearse.refuse(
          "no Caravel answers at %s: start it, or set CARAVEL_ADDRESS and CARAVEL_PORT as for run."
              .formatted(rehearse.caravel.base()));
    } catch (IOException e) {
      return rehearse.refuse("it broke off (%s).".formatted(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private int run(Path file, Path folder, int photos) throws IOException, InterruptedException {
    if (!Files.isRegularFile(file)) {
      return refuse("there is no file %s.".formatted(file));
    }
    String name = String.valueOf(file.getFileName());
    Files.createDirectories(folder);
    Path laid = folder.resolve(name);
    boolean ours = !Files.exists(laid) || !Files.isSameFile(file, laid);
    if (ours) {
      Files.copy(file, laid, StandardCopyOption.REPLACE_EXISTING);
    }
    try {
      return rehearse(name, photos);
    } finally {
      if (ours) {
        Files.delete(laid);
      }
    }
  }

  private int rehearse(String name, int count) throws IOException, InterruptedException {
    HttpResponse<String> listed = send("/api/photos?order=added&size=" + count, null);
    if (listed.statusCode() != 200) {
      return refuse(caravel.refusal(listed));
    }
    List<Long> photos = new ArrayList<>();
    JSON.readTree(listed.body())
        .path("items")
        .forEach(photo -> photos.add(photo.path("id").asLong()));
    if (photos.isEmpty()) {
      return refuse("there is no photo to try it on.");
    }
    for (long photo : photos) {
      String wish = JSON.writeValueAsString(Map.of("file", name, "photos", List.of(photo)));
      HttpResponse<String> answer = send("/api/rehearsals", wish);
      if (answer.statusCode() != 200) {
        return refuse(caravel.refusal(answer));
      }
      JsonNode told = JSON.readTree(answer.body());
      touches = told.path("touches").asLong();
      told.path("items").forEach(this::tell);
    }
    out.printf(
        "%d photos: %d as they are kept, %d without a result so far, %d would change, %d failed; %d ms a photo%n",
        same + fresh + changed + failed,
        same,
        fresh,
        changed,
        failed,
        ms / Math.max(1, same + fresh + changed + failed));
    out.printf(
        "%d photos in all have a result that was made otherwise: POST /api/queues/%s/stale does them again, once this file is the step's%n",
        touches, name.replaceFirst("\\.camel\\.yaml$", ""));
    return 0;
  }

  private void tell(JsonNode item) {
    ms += item.path("ms").asLong();
    String begin =
        "photo %d: %s after %d ms"
            .formatted(
                item.path("photo").asLong(), item.path("state").asText(), item.path("ms").asLong());
    String why =
        item.path("cause").isNull()
            ? ""
            : ", %s: %s".formatted(item.path("cause").asText(), item.path("error").asText());
    if (item.path("state").asText().equals("failed")) {
      failed++;
      out.println(begin + why);
    } else if (!item.path("differs").asBoolean()) {
      same++;
      out.println(begin + why + ", as it is kept");
    } else if (item.path("kept").isNull()) {
      fresh++;
      out.println(begin + why + ", new: " + shown(item.path("result")));
    } else {
      changed++;
      out.println(begin + why);
      out.println("  kept: " + shown(item.path("kept")));
      out.println("  now:  " + shown(item.path("result")));
    }
  }

  private static String shown(JsonNode json) {
    String text = json.toString();
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
  }

  private HttpResponse<String> send(String path, @Nullable String body)
      throws IOException, InterruptedException {
    var request = caravel.request(path).timeout(PATIENCE).header("Accept", "application/json");
    if (body != null) {
      request.header("Content-Type", "application/json").POST(BodyPublishers.ofString(body));
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private int refuse(String sentence) {
    out.println("caravel: " + sentence);
    return 1;
  }
}
