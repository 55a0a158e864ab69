package io.caravel.photo;

/** Is told what becomes of a photo in the trash, within the transaction in which it happens. */
public interface TrashListener {
  /** The photo lies in the trash now. */
  void trashed(long photo);

  /** The photo lies there no more. */
  void restored(long photo);

  /** The photo's row is about to be deleted for good. */
  void forgotten(long photo);
}
