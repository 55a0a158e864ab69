package io.caravel.job;

/** The long form of {@link HistoriesTest}; arguments: how many, the seed. */
final class HistoriesBench {
  private HistoriesBench() {}

  public static void main(String[] arguments) {
    int count = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 20_000;
    long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.nanoTime();
    long began = System.nanoTime();
    try (JobRoom room = JobRoom.embedded()) {
      Histories histories = new Histories(room, seed);
      for (int number = 1; number <= count; number++) {
        histories.live(number);
        if (number % 1000 == 0) {
          System.out.printf("%d histories, %.0f s%n", number, (System.nanoTime() - began) / 1e9);
        }
      }
    }
    System.out.printf(
        "%d histories of seed %d: never two states, never none, never stuck%n", count, seed);
  }
}
