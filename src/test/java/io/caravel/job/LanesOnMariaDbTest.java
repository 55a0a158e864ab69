package io.caravel.job;

/** The same on a server. */
class LanesOnMariaDbTest extends LanesTest {
  @Override
  JobRoom room() {
    return JobRoom.onMariaDb();
  }
}
