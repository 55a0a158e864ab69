package io.caravel.thumbnail;

import io.caravel.photo.PictureHeader;
import io.caravel.photo.PictureType;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadProgressListener;
import javax.imageio.event.IIOReadWarningListener;

/** Stops a decoder whose thread is interrupted, and hears what it says of cut data. */
class Watch implements IIOReadProgressListener, IIOReadWarningListener {
  private boolean stopped;
  private boolean cut;

  /** Watches this reader, which must not read yet. */
  void over(ImageReader reader) {
    reader.addIIOReadProgressListener(this);
    reader.addIIOReadWarningListener(this);
  }

  boolean stopped() {
    return stopped;
  }

  /**
   * Whether pixels are missing. A baseline JPEG that lacks but its end marker is whole; of a
   * progressive one the last, finest scan is gone then.
   */
  boolean incomplete(PictureStream stream, PictureHeader header) {
    return cut || header.type() == PictureType.JPEG && header.progressive() && stream.exhausted();
  }

  @Override
  public void imageProgress(ImageReader source, float percentageDone) {
    if (Thread.currentThread().isInterrupted()) {
      stopped = true;
      source.abort();
    }
  }

  /** libjpeg makes up the rest in grey and only says so (its jerror.h, JWRN_HIT_MARKER). */
  @Override
  public void warningOccurred(ImageReader source, String warning) {
    cut |= warning.contains("premature end of data segment");
  }

  @Override
  public void sequenceStarted(ImageReader source, int minIndex) {}

  @Override
  public void sequenceComplete(ImageReader source) {}

  @Override
  public void imageStarted(ImageReader source, int imageIndex) {}

  @Override
  public void imageComplete(ImageReader source) {}

  @Override
  public void thumbnailStarted(ImageReader source, int imageIndex, int thumbnailIndex) {}

  @Override
  public void thumbnailProgress(ImageReader source, float percentageDone) {}

  @Override
  public void thumbnailComplete(ImageReader source) {}

  @Override
  public void readAborted(ImageReader source) {
    stopped = true;
  }
}
