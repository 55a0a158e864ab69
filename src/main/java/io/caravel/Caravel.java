package io.caravel;

import io.caravel.database.Restore;
import io.caravel.takeover.Export;
import io.caravel.takeover.Takeover;
import io.caravel.thumbnail.video.PosterFrame;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * Starts Caravel: the routes tell what it does. Or, with the word restore, {@link Restore}; with
 * status and the like, {@link Operator}, backup, {@link Backup}, rehearse, {@link Rehearse}, or
 * compare, {@link Comparison}; with the words import and export, {@link Takeover} and {@link
 * Export}. With the word poster, which this program alone says, {@link PosterFrame}.
 */
@SpringBootApplication
public class Caravel {
  public static void main(String[] arguments) {
    System.setProperty("java.awt.headless", "true");
    if (arguments.length == 2 && arguments[0].equals("poster")) {
      PosterFrame.main(new String[] {arguments[1]});
    }
    if (arguments.length > 0 && arguments[0].equals("restore")) {
      List<String> which = List.of(arguments).subList(1, arguments.length);
      // Not System.out: the log's. This is the answer to a command.
      System.exit(Restore.run(which, new PrintStream(new FileOutputStream(FileDescriptor.out))));
    }
    if (arguments.length > 0 && Operator.COMMANDS.contains(arguments[0])) {
      PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out));
      System.exit(Operator.run(List.of(arguments), System.getenv(), out));
    }
    if (arguments.length > 0 && arguments[0].equals("backup")) {
      List<String> where = List.of(arguments).subList(1, arguments.length);
      PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out));
      System.exit(Backup.run(where, System.getenv(), out));
    }
    if (arguments.length > 0 && arguments[0].equals("rehearse")) {
      PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out));
      System.exit(Rehearse.run(List.of(arguments), System.getenv(), out));
    }
    if (arguments.length > 0 && arguments[0].equals("compare")) {
      List<String> what = List.of(arguments).subList(1, arguments.length);
      PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out));
      System.exit(Comparison.run(what, System.getenv(), out));
    }
    try {
      if (arguments.length > 0 && arguments[0].equals("import")) {
        List<String> wish = List.of(arguments).subList(1, arguments.length);
        System.exit(Takeover.run(wish, new PrintStream(new FileOutputStream(FileDescriptor.out))));
      }
      if (arguments.length > 0 && arguments[0].equals("export")) {
        List<String> wish = List.of(arguments).subList(1, arguments.length);
        System.exit(Export.run(wish, new PrintStream(new FileOutputStream(FileDescriptor.out))));
      }
      SpringApplication.run(Caravel.class, arguments);
    } catch (SpringApplication.AbandonedRunException e) {
      throw e;
    } catch (RuntimeException e) {
      // Told already, by StartReport or with its stack trace.
      System.exit(StartReport.status(e));
    }
  }
}
