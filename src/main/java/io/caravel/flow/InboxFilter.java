package io.caravel.flow;

import io.caravel.photo.Settled;
import java.io.File;
import java.nio.file.Path;
import org.apache.camel.component.file.GenericFile;
import org.apache.camel.component.file.GenericFileFilter;
import org.springframework.stereotype.Component;

/** Lets the file endpoint see only files that are complete. */
@Component("settledFiles")
final class InboxFilter implements GenericFileFilter<File> {
  private final Settled settled;

  InboxFilter(Settled settled) {
    this.settled = settled;
  }

  @Override
  public boolean accept(GenericFile<File> file) {
    Path path = file.getFile().toPath();
    return file.isDirectory() ? settled.testFolder(path) : settled.test(path);
  }
}
