package io.caravel.search;

import io.caravel.job.JobRoom;

/** The same on a server. */
class TextIndexOnMariaDbTest extends TextIndexTest {
  @Override
  JobRoom room() {
    return JobRoom.onMariaDb();
  }

  @Override
  String byIndex() {
    return "force index";
  }
}
