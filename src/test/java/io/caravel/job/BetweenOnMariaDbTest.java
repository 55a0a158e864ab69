package io.caravel.job;

/** The same on a server. */
class BetweenOnMariaDbTest extends BetweenTest {
  @Override
  JobRoom room() {
    return JobRoom.onMariaDb();
  }
}
