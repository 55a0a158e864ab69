package io.caravel.photo;

import static org.mockito.Mockito.mock;

import io.caravel.job.JobRoom;
import java.util.List;

/** The photos of a database without routes; none of their files lies anywhere. */
final class RoomPhotos {
  private RoomPhotos() {}

  static Photos of(JobRoom room) {
    return new Photos(
        room.seen,
        mock(Disks.class),
        room.journey,
        room.outbox,
        room.livedTime,
        List.of(),
        room.transaction,
        30);
  }
}
