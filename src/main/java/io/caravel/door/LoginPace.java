package io.caravel.door;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Slows the guessing of passwords: after five failures from an address each further one doubles the
 * time, up to a minute, in which log-ins from there are refused (429). Whoever is logged in stays
 * so. Kept in memory, for the 10,000 addresses that failed last.
 */
class LoginPace extends OncePerRequestFilter {
  private static final int FREE = 5;
  private static final long LONGEST_SECONDS = 60;
  private static final Duration FORGET = Duration.ofMinutes(15);
  private static final int ADDRESSES = 10_000;

  private record Failures(int count, Instant last) {
    Instant until() {
      if (count < FREE) {
        return last;
      }
      return last.plusSeconds(Math.min(LONGEST_SECONDS, 1L << Math.min(count - FREE, 6)));
    }
  }

  private final InstantSource clock;
  private final Map<String, Failures> failures =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
          return size() > ADDRESSES;
        }
      };

  LoginPace(InstantSource clock) {
    this.clock = clock;
  }

  synchronized void failed(String address) {
    Failures before = failures.remove(address);
    boolean fresh = before == null || before.last().plus(FORGET).isBefore(clock.instant());
    failures.put(
        address, new Failures(fresh || before == null ? 1 : before.count() + 1, clock.instant()));
  }

  synchronized void succeeded(String address) {
    failures.remove(address);
  }

  /** Whole seconds until the address may try again; 0: now. */
  synchronized long secondsLeft(String address) {
    Failures known = failures.get(address);
    if (known == null) {
      return 0;
    }
    long millis = Duration.between(clock.instant(), known.until()).toMillis();
    return millis <= 0 ? 0 : (millis + 999) / 1000;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    long left = triesToLogIn(request) ? secondsLeft(request.getRemoteAddr()) : 0;
    if (left > 0) {
      response.setHeader("Retry-After", Long.toString(left));
      Problem.answer(
          request,
          response,
          HttpStatus.TOO_MANY_REQUESTS.value(),
          "Too many failed log-ins from your address: try again in %d s.".formatted(left));
      return;
    }
    chain.doFilter(request, response);
  }

  private static boolean triesToLogIn(HttpServletRequest request) {
    @Nullable String authorization = request.getHeader("Authorization");
    return authorization != null
        || (request.getMethod().equals("POST") && request.getRequestURI().equals("/login"));
  }
}
