package io.caravel.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.springframework.util.FileSystemUtils;

/**
 * A temporary directory and the processes that live on it. All of it is gone when the sandbox is
 * closed or the test JVM ends; when that is killed, the processes still end (see {@link Child}).
 */
final class Sandbox implements AutoCloseable {
  private static final Set<Sandbox> OPEN = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> OPEN.forEach(Sandbox::close), "close-sandboxes"));
  }

  private final Path directory;
  private final Queue<Child> children = new ConcurrentLinkedQueue<>();

  /** An empty directory whose name begins with {@code caravel-} and {@code name}. */
  Sandbox(String name) {
    try {
      directory = Files.createTempDirectory("caravel-" + name + "-").toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    OPEN.add(this);
  }

  Path path(String name) {
    return directory.resolve(name);
  }

  Path write(String name, String text) {
    try {
      return Files.writeString(path(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a program in here: its output is appended to {@code name}.log. */
  Child start(String name, ProcessBuilder program) {
    program.directory(directory.toFile());
    Child child = new Child(program, path(name + ".log"));
    children.add(child);
    return child;
  }

  /** Runs a program to its end, within a minute; its failure is an error with its output. */
  void run(String name, ProcessBuilder program) {
    Child child = start(name, program);
    int status = child.awaitEnd();
    children.remove(child);
    if (status != 0) {
      throw new IllegalStateException(name + " ended with status " + status + "\n" + child.tail());
    }
  }

  @Override
  public void close() {
    OPEN.remove(this);
    children.forEach(Child::killFamily);
    children.clear();
    try {
      FileSystemUtils.deleteRecursively(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
