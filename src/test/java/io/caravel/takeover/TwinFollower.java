package io.caravel.takeover;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Another program that reads the changes as they come, from one kill to the next. */
final class TwinFollower implements AutoCloseable {
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final ObjectMapper json = new ObjectMapper();
  private final List<JsonNode> read = new ArrayList<>();
  private final URI base;
  private final Thread thread = new Thread(this::follow, "follower");
  private volatile boolean over;

  TwinFollower(URI base) {
    this.base = base;
    thread.setDaemon(true);
    thread.start();
  }

  private void follow() {
    long last = 0;
    while (!over) {
      try {
        HttpResponse<String> answer =
            http.send(
                HttpRequest.newBuilder(base.resolve("/api/changes?wait=2&after=" + last))
                    .timeout(Duration.ofSeconds(30))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() == 200) {
          JsonNode page = json.readTree(answer.body());
          synchronized (read) {
            page.path("items").forEach(read::add);
          }
          last = page.path("last").asLong();
        }
      } catch (IOException e) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50)); // away
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /** What it read and is told otherwise now. */
  List<String> amiss(List<JsonNode> changes) {
    synchronized (read) {
      for (int n = 0; n < read.size(); n++) {
        if (n >= changes.size() || !read.get(n).equals(changes.get(n))) {
          return List.of(
              "change %s was read before, it is %s now"
                  .formatted(read.get(n), n < changes.size() ? changes.get(n) : "none"));
        }
      }
      return List.of();
    }
  }

  @Override
  public void close() {
    over = true;
    thread.interrupt();
  }
}
