package io.caravel.takeover;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** Says every few seconds how far it has come, how fast, and how long it will go on. */
final class Progress {
  private static final long EVERY = Duration.ofSeconds(5).toNanos();

  private final PrintStream out;
  private String what = "";
  private long all;
  private long done;
  private long began;
  private long told;

  Progress(PrintStream out) {
    this.out = out;
  }

  void begin(String part, long total) {
    what = part;
    all = total;
    done = 0;
    began = System.nanoTime();
    told = began;
  }

  void add(int rows) {
    done += rows;
    long now = System.nanoTime();
    if (now - told >= EVERY) {
      told = now;
      double rate = done / ((now - began) / 1e9);
      long left = (long) (Math.max(0, all - done) / rate);
      out.println(
          String.format(
              Locale.ROOT,
              "caravel: %s: %,d of %,d (%d %%), %,.0f a second, %s left",
              what,
              done,
              all,
              all == 0 ? 100 : Math.min(100, done * 100 / all),
              rate,
              left < 120 ? left + " s" : left / 60 + " min"));
    }
  }
}
