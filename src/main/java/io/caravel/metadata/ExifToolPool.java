package io.caravel.metadata;

import io.caravel.ground.Failure;
import io.caravel.job.CrewSize;
import io.caravel.job.OwnTime;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;

/**
 * ExifTool, started once for many photos: Perl's start takes some twenty times as long as reading a
 * photo. A process that hangs or dies is replaced, and the photo it was at is asked about once
 * more, by a fresh one: what hangs or kills that too fails, alone. Thread-safe.
 *
 * @see <a href="https://exiftool.org/exiftool_pod.html#Advanced-options">-stay_open</a>
 */
public final class ExifToolPool implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExifToolPool.class);
  private static final int LONGEST_ARGUMENT = 4096;

  /**
   * @param command exiftool, or a path to it
   * @param config what it runs at its start; see exiftool/limits.config
   * @param arguments given once, for all photos; see exiftool/photo.args
   * @param processes at most this many at once; they are started as they are needed
   * @param photosPerProcess after so many a process is replaced, for Perl does not give memory back
   * @param timeLimit for one photo and process
   * @param outputLimit bytes, for one photo, without what is left out
   */
  public record Settings(
      String command,
      Path config,
      List<String> arguments,
      int processes,
      int photosPerProcess,
      Duration timeLimit,
      int outputLimit) {}

  private final Settings settings;
  private final ExifToolStarter starter;
  private final Permits free;
  private final ConcurrentLinkedDeque<ExifToolProcess> idle = new ConcurrentLinkedDeque<>();
  private final Set<ExifToolProcess> all = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  public ExifToolPool(Settings settings) {
    this.settings = settings;
    this.starter = new ExifToolStarter(settings.command(), settings.config());
    this.free = new Permits(settings.processes());
  }

  /**
   * What ExifTool says to these arguments, usually one path; waits for a free process. The answer
   * is empty when there is no such file.
   *
   * @throws Failure {@code exiftool-missing} when it cannot be started; {@code exiftool-failed}
   *     when it died twice or said too much; {@code memory-limit} when it twice got no more memory;
   *     {@code time-limit} when it twice took too long or the caller was interrupted; {@code
   *     interrupted} when the pool was closed
   */
  public String read(List<String> arguments) {
    arguments.forEach(ExifToolPool::refuseWhatIsNoPlainLine);
    try {
      OwnTime.waiting(
          () -> {
            free.acquire();
            return free;
          });
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    try {
      return ask(arguments);
    } finally {
      free.release();
    }
  }

  /** As many processes at once as there are workers; those too many end with their answer. */
  @EventListener(condition = "#size.queue() == 'metadata'")
  public void resized(CrewSize size) {
    free.resize(size.workers());
  }

  /** How many may work at once, in a number that can change. */
  private static final class Permits extends Semaphore {
    private static final long serialVersionUID = 1;

    private int all;

    Permits(int all) {
      super(all, true);
      this.all = all;
    }

    synchronized int all() {
      return all;
    }

    synchronized void resize(int to) {
      if (to > all) {
        release(to - all);
      } else {
        reducePermits(all - to);
      }
      all = to;
    }
  }

  /** The process ids of those that live, for health and tests. */
  public List<Long> pids() {
    return all.stream().filter(ExifToolProcess::isAlive).map(ExifToolProcess::pid).toList();
  }

  /** Whether a caller waits for this process's answer. */
  boolean asks(long pid) {
    return all.stream().anyMatch(process -> process.pid() == pid && !idle.contains(process));
  }

  /** Whether the command is there to be started. */
  public boolean available() {
    return starter.found().isPresent();
  }

  /** Kills all processes; the calls that wait for one of them end with a failure. */
  @Override
  public void close() {
    closed = true;
    all.forEach(this::end);
    starter.close();
  }

  /** The process gave no answer, which proves nothing yet. */
  private static final class NoAnswer extends Exception {
    private final Failure failure;

    NoAnswer(Failure failure) {
      super(failure);
      this.failure = failure;
    }
  }

  private String ask(List<String> arguments) {
    try {
      return answer(take(), arguments);
    } catch (NoAnswer first) {
      // Stopped or killed from outside, or grown large over the photos before: that is no fault of
      // this one. A fresh process, which has seen nothing else, tells.
      LOG.warn("{} It is asked again in a fresh process.", first.failure.getMessage());
    }
    try {
      return answer(start(), arguments);
    } catch (NoAnswer again) {
      throw again.failure;
    }
  }

  private String answer(ExifToolProcess process, List<String> arguments) throws NoAnswer {
    boolean fit = false;
    try {
      String answer = process.ask(arguments, settings.timeLimit(), settings.outputLimit());
      fit =
          process.questions() < settings.photosPerProcess() && all.size() <= free.all() && !closed;
      return answer;
    } catch (TimeoutException e) {
      throw new NoAnswer(
          Failure.passing(
              "time-limit",
              "ExifTool took longer than %d s for this photo and was stopped."
                      .formatted(settings.timeLimit().toSeconds())
                  + " If that happens again, the file is likely damaged: look at it with"
                  + " `exiftool -v3`.",
              e));
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExifToolAnswer.TooLong e) {
      throw Failure.lasting(
          "exiftool-failed",
          "ExifTool reports more than %d MB of metadata for this photo; it was stopped."
                  .formatted(settings.outputLimit() >> 20)
              + " Remove what bloats the file (`exiftool -s -G1` lists it) and upload it again.",
          e);
    } catch (IOException e) {
      if (closed) {
        throw shuttingDown(e);
      }
      throw new NoAnswer(
          e instanceof ExifToolProcess.Ended ended && ended.outOfMemory()
              ? Failure.lasting(
                  "memory-limit",
                  "ExifTool needs more than the %d MB of memory it may have for this photo's metadata."
                          .formatted(ExifToolStarter.MEMORY_MB)
                      + " Remove what bloats the file (`exiftool -s -G1` lists it) and upload it"
                      + " again.",
                  e)
              : Failure.passing(
                  "exiftool-failed",
                  "ExifTool ended while it read this photo. If that happens again, try `exiftool` on"
                      + " the original by hand to see why.",
                  e));
    } finally {
      if (fit) {
        idle.push(process);
        if (closed) {
          end(process);
        }
      } else {
        end(process);
      }
    }
  }

  private ExifToolProcess take() {
    Optional<ExifToolProcess> waiting = Optional.ofNullable(idle.poll());
    while (waiting.isPresent()) {
      if (waiting.get().isAlive()) {
        return waiting.get();
      }
      end(waiting.get());
      waiting = Optional.ofNullable(idle.poll());
    }
    return start();
  }

  private ExifToolProcess start() {
    try {
      ExifToolProcess started = starter.stayOpen(settings.arguments());
      all.add(started);
      if (closed) {
        end(started);
      }
      return started;
    } catch (IOException e) {
      throw Failure.passing(
          "exiftool-missing",
          "ExifTool cannot be started (%s). Install it (Debian: apt-get install"
                  .formatted(e.getMessage())
              + " libimage-exiftool-perl) or name it in caravel.exiftool.command; then try again.",
          e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (RejectedExecutionException e) {
      throw shuttingDown(e);
    }
  }

  private void end(ExifToolProcess process) {
    all.remove(process);
    process.close();
  }

  private static Failure interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return Failure.passing(
        "time-limit", "Reading this photo's metadata was stopped at the job's time limit.", e);
  }

  private static Failure shuttingDown(Exception e) {
    return Failure.passing(
        "interrupted", "Caravel was shut down while it read this photo's metadata.", e);
  }

  // ExifTool reads its arguments line by line, trims them and skips those that begin with #.
  private static void refuseWhatIsNoPlainLine(String argument) {
    if (argument.isBlank()
        || argument.length() > LONGEST_ARGUMENT
        || argument.startsWith("#")
        || !argument.strip().equals(argument)
        || argument.chars().anyMatch(Character::isISOControl)) {
      throw Failure.lasting(
          "exiftool-failed",
          "ExifTool is not asked about a path that holds a line break or the like:"
              + " it would take the rest for further orders.");
    }
  }
}
