package io.caravel.flow;

import io.caravel.photo.Settled;
import java.io.File;
import java.nio.file.Files;
import org.apache.camel.component.file.GenericFile;
import org.apache.camel.component.file.GenericFileFilter;
import org.springframework.stereotype.Component;

/** Lets the file endpoint see only files that have stopped growing. */
@Component("settledFiles")
final class InboxFilter implements GenericFileFilter<File> {
  private final Settled settled;

  InboxFilter(Settled settled) {
    this.settled = settled;
  }

  @Override
  public boolean accept(GenericFile<File> file) {
    // A linked folder is somebody's own elsewhere: its files are not ours to move.
    return file.isDirectory()
        ? !Files.isSymbolicLink(file.getFile().toPath())
        : settled.test(file.getFile().toPath());
  }
}
