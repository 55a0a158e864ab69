package io.caravel.job;

/** The same on a server. */
class WaitsOnMariaDbTest extends WaitsTest {
  @Override
  JobRoom room() {
    return JobRoom.onMariaDb();
  }
}
