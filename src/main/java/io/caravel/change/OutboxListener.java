package io.caravel.change;

/** Is told that changes were written, once that is committed. Returns at once. */
public interface OutboxListener {
  void committed();
}
