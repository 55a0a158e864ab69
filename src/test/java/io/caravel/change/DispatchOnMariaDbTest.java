package io.caravel.change;

import io.caravel.job.JobRoom;

/** The same on a server. */
class DispatchOnMariaDbTest extends DispatchTest {
  @Override
  JobRoom room() {
    return JobRoom.onMariaDb();
  }

  @Override
  String byIndex() {
    return "force index";
  }
}
