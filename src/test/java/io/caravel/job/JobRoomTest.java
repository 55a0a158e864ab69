package io.caravel.job;

import org.junit.jupiter.api.AfterEach;

/** A {@link JobRoom} for each test, embedded unless a class says otherwise. */
abstract class JobRoomTest {
  final JobRoom room = room();

  JobRoom room() {
    return JobRoom.embedded();
  }

  @AfterEach
  void close() {
    room.close();
  }
}
