package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Passwords are guessed ten times a minute for a name from an address, and nobody else waits. */
class GuessingTest extends BehindLogin {
  private static final AtomicInteger ADDRESSES = new AtomicInteger();

  private final String address = "203.0.113." + ADDRESSES.incrementAndGet();

  private int guess(String name, String password, String from, String... more) {
    String[] headers = java.util.Arrays.copyOf(more, more.length + 4);
    headers[more.length] = "Authorization";
    headers[more.length + 1] = basic(name, password);
    headers[more.length + 2] = "X-Forwarded-For";
    headers[more.length + 3] = from;
    return caller.get("/api/queues", headers).statusCode();
  }

  private void guessTenTimes() {
    for (int i = 0; i < 10; i++) {
      assertThat(guess("anna", "guess " + i, address)).isEqualTo(401);
    }
  }

  @Test
  void theEleventhGuessIsNotLookedAt() {
    guessTenTimes();
    HttpResponse<String> right =
        caller.get(
            "/api/queues",
            "Authorization",
            basic("anna", "correct horse"),
            "X-Forwarded-For",
            address);
    assertThat(right.statusCode()).isEqualTo(429);
    assertThat(Integer.parseInt(right.headers().firstValue("Retry-After").orElse("0")))
        .isBetween(1, 60);
    assertThat(right.body()).contains("\"status\":429");
    HttpResponse<String> form =
        form("anna", "correct horse", "", "X-Forwarded-For", address, "Accept", "text/html");
    assertThat(form.statusCode()).isEqualTo(429);
    assertThat(form.body()).contains("<form").contains("try again in");
  }

  /** BCrypt reads 72 bytes. */
  @Test
  void aGuessLongerThanAnyPasswordIsWrong() {
    assertThat(guess("anna", "correct horse".repeat(20), address)).isEqualTo(401);
    assertThat(guess("nobody", "correct horse".repeat(20), address)).isEqualTo(401);
    assertThat(form("anna", "é".repeat(200)).headers().firstValue("Location").orElse(""))
        .contains("error");
  }

  @Test
  void whoeverIsKnownNeitherCountsNorWaits() {
    HttpResponse<String> in = form("anna", "correct horse");
    String session = "JSESSIONID=" + value(cookie(in, "JSESSIONID"));
    String device = "caravel-device=" + value(cookie(in, "caravel-device"));
    guessTenTimes();
    String[] from = {"X-Forwarded-For", address};
    assertThat(caller.get("/api/queues", "Cookie", session, from[0], from[1]).statusCode())
        .isEqualTo(200);
    assertThat(guess("anna", "correct horse", address, "Cookie", device)).isEqualTo(200);
    assertThat(
            form("anna", "correct horse", "; " + device, from[0], from[1])
                .headers()
                .firstValue("Location")
                .orElse(""))
        .doesNotContain("error");
    for (String token : new String[] {ALL, QUEUES}) {
      assertThat(
              caller
                  .get("/api/queues", "Authorization", "Bearer " + token, from[0], from[1])
                  .statusCode())
          .isEqualTo(200);
    }
    assertThat(guess("anna", "correct horse", address, "Cookie", "caravel-device=forged"))
        .isEqualTo(429);
  }

  @Test
  void whoeverIsElsewhereOrAnotherDoesNotWait() {
    guessTenTimes();
    assertThat(guess("anna", "correct horse", "198.51.100.7")).isEqualTo(200);
    assertThat(guess("berta", "any horse", address)).isEqualTo(401);
    // What stands left of it the client wrote itself.
    assertThat(guess("anna", "correct horse", "198.51.100.8, " + address)).isEqualTo(429);
  }

  private Map<Integer, Long> atOnce(int times, String password) {
    return IntStream.range(0, times)
        .mapToObj(i -> password + (password.endsWith(" ") ? i : ""))
        .map(
            each ->
                java.util.concurrent.CompletableFuture.supplyAsync(
                    () -> guess("anna", each, address), task -> new Thread(task, "guess").start()))
        .toList()
        .stream()
        .map(java.util.concurrent.CompletableFuture::join)
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
  }

  @Test
  void aHundredAndFiftyAtOnceHaveTenTries() {
    assertThat(atOnce(150, "guess ")).isEqualTo(Map.of(401, 10L, 429, 140L));
  }

  @Test
  void rightOnesAtOnceAreAllRight() {
    assertThat(atOnce(40, "correct horse")).isEqualTo(Map.of(200, 40L));
  }
}
