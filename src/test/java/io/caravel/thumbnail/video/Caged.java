package io.caravel.thumbnail.video;

import io.caravel.thumbnail.vips.Cage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.NullUnmarked;

/** Closes the cage and says what can still be done: {@code Caged FILE DIRECTORY}. */
@NullUnmarked
final class Caged {
  private Caged() {}

  public static void main(String[] arguments) throws Exception {
    Path file = Path.of(arguments[0]);
    Path directory = Path.of(arguments[1]);
    Files.readAllBytes(file); // what reading needs is loaded
    InetAddress here = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    Cage.close(file);
    System.out.println(
        "read the film: "
            + can(() -> Files.size(file) > 0 && Files.newInputStream(file).read() >= 0));
    System.out.println(
        "write a file: " + can(() -> Files.writeString(directory.resolve("new"), "x")));
    System.out.println("delete it: " + can(() -> Files.deleteIfExists(file)));
    System.out.println("connect: " + can(() -> new Socket(here, 9)));
    System.out.println("start a program: " + can(() -> new ProcessBuilder("/bin/true").start()));
    System.out.println(
        "from another thread: "
            + inThread(() -> Files.writeString(directory.resolve("other"), "x")));
    Runtime.getRuntime().halt(0);
  }

  private static String inThread(Callable<?> work) throws InterruptedException {
    String[] said = {""};
    Thread thread = new Thread(() -> said[0] = can(work));
    thread.start();
    thread.join();
    return said[0];
  }

  private static String can(Callable<?> work) {
    try {
      work.call();
      return "yes";
    } catch (java.net.ConnectException e) {
      return "yes"; // it could ask, and nobody was there
    } catch (IOException | RuntimeException e) {
      return "no";
    } catch (Exception e) {
      return e.toString();
    }
  }
}
