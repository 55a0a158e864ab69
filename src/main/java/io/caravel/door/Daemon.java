package io.caravel.door;

/** A thread that does not keep the program from ending. */
final class Daemon {
  private Daemon() {}

  static Thread thread(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }
}
