package io.caravel.job;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Which due jobs of a queue have a hint on its way to the workers. What waits with them is first
 * come, first served, so the lanes share the work as they share this room: of ten, nine are the
 * upper lane's. And since an upload stands behind whatever has been sent, the lower lanes have no
 * more there than is done in two seconds.
 */
final class Hints {
  /** Hints of an upper lane to one of the lanes below. */
  private static final int UPPER = 9;

  private Hints() {}

  /** A due job; sent: a hint of it is on its way. */
  record Due(long id, boolean sent) {}

  /**
   * The jobs to send a hint of.
   *
   * @param lanes the due jobs of each lane, in their order, those with a hint under way among them
   * @param least under way of a lane that has due jobs, whatever the lanes above it have
   * @param room under way of the lower lanes
   */
  static List<Long> next(List<List<Due>> lanes, int least, int room) {
    List<List<Due>> waiting = lanes.stream().filter(lane -> !lane.isEmpty()).toList();
    List<List<Long>> sends = new ArrayList<>();
    int most = waiting.size() > 1 ? UPPER * room : Integer.MAX_VALUE;
    for (List<Due> lane : waiting) {
      List<Due> window = lane.subList(0, Math.min(lane.size(), most));
      sends.add(window.stream().filter(due -> !due.sent()).map(Due::id).toList());
      most = Math.max(least, Math.min(room, window.size() / UPPER));
    }
    return merged(sends);
  }

  /** Nine of the first, one of the others, and so on. */
  private static List<Long> merged(List<List<Long>> lanes) {
    if (lanes.isEmpty()) {
      return List.of();
    }
    Iterator<Long> below = merged(lanes.subList(1, lanes.size())).iterator();
    List<Long> all = new ArrayList<>();
    for (long id : lanes.get(0)) {
      all.add(id);
      if (all.size() % (UPPER + 1) == UPPER && below.hasNext()) {
        all.add(below.next());
      }
    }
    below.forEachRemaining(all::add);
    return all;
  }
}
