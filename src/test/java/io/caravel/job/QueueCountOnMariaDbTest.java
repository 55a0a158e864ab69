package io.caravel.job;

/** The same on a server. */
class QueueCountOnMariaDbTest extends QueueCountTest {
  @Override
  JobRoom room() {
    return JobRoom.onMariaDb();
  }
}
