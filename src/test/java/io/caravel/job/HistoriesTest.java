package io.caravel.job;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** src/bench/histories lives through 20,000 of them. */
class HistoriesTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aJobIsAlwaysInOneStateAndComesToAnEnd(long seed) {
    try (JobRoom room = JobRoom.embedded()) {
      Histories histories = new Histories(room, seed);
      for (int number = 1; number <= 100; number++) {
        histories.live(number);
      }
    }
  }
}
