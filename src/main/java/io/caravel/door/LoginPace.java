package io.caravel.door;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.springframework.security.core.AuthenticationException;

/**
 * Slows the guessing of passwords: ten wrong ones in a minute for a name from an address, and a
 * further one is refused unchecked until the first of them is a minute old. Each is counted before
 * it is checked: many at once have no more tries than one after the other. Thread-safe; kept in
 * memory, for the 10,000 guessers seen last.
 */
class LoginPace {
  private static final int FREE = 10;
  private static final Duration WINDOW = Duration.ofMinutes(1);
  private static final int GUESSERS = 10_000;

  /** Names are counted by so many kinds: whoever goes through many names is slowed, too. */
  private static final int NAMES = 64;

  private final InstantSource clock;
  private final Map<String, Guesses> guessers =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Guesses> eldest) {
          return size() > GUESSERS;
        }
      };

  private static final class Guesses {
    private final Deque<Instant> wrong = new ArrayDeque<>();
    private int checked;
  }

  /** A guess that was not looked at. */
  static final class TooMany extends AuthenticationException {
    private static final long serialVersionUID = 1;

    /** Until another is looked at, 1 to 60. */
    private final long seconds;

    TooMany(long seconds) {
      super("Too many wrong passwords for this name: try again in %d s.".formatted(seconds));
      this.seconds = seconds;
    }

    long seconds() {
      return seconds;
    }
  }

  LoginPace(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Checks a password in its turn; one that throws was wrong.
   *
   * @throws TooMany it was not checked
   */
  <T> T paced(String name, String address, Supplier<T> check) {
    Guesses guesses = begin(Math.floorMod(name.hashCode(), NAMES) + " " + network(address));
    boolean right = false;
    try {
      T known = check.get();
      right = true;
      return known;
    } finally {
      end(guesses, right);
    }
  }

  /** Waits while as many are being checked as may still be wrong. */
  private synchronized Guesses begin(String guesser) {
    Guesses guesses = guessers.computeIfAbsent(guesser, any -> new Guesses());
    while (true) {
      Instant past = clock.instant().minus(WINDOW);
      while (!guesses.wrong.isEmpty() && !guesses.wrong.getFirst().isAfter(past)) {
        guesses.wrong.removeFirst();
      }
      if (guesses.wrong.size() >= FREE) {
        long millis = Duration.between(past, guesses.wrong.getFirst()).toMillis();
        throw new TooMany((millis + 999) / 1000);
      }
      if (guesses.wrong.size() + guesses.checked < FREE) {
        guesses.checked++;
        return guesses;
      }
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TooMany(1);
      }
    }
  }

  private synchronized void end(Guesses guesses, boolean right) {
    guesses.checked--;
    if (!right) {
      guesses.wrong.addLast(clock.instant());
    }
    notifyAll();
  }

  /** Whoever has an IPv6 address has 2^64 of them. */
  private static String network(String address) {
    if (!address.contains(":")) {
      return address;
    }
    try {
      byte[] bytes = InetAddress.getByName(address).getAddress();
      return HexFormat.of().formatHex(Arrays.copyOf(bytes, 8));
    } catch (UnknownHostException e) {
      return address;
    }
  }
}
