package io.caravel.change;

import io.caravel.job.JobRoom;

/** The same on a server. */
class NumbererOnMariaDbTest extends NumbererTest {
  @Override
  JobRoom room() {
    return JobRoom.onMariaDb();
  }

  @Override
  String byIndex() {
    return "force index";
  }
}
