package io.caravel.change;

/** Is told that changes were numbered by this node. Returns at once. */
public interface NumberedListener {
  void numbered();
}
