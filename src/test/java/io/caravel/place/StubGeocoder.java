package io.caravel.place;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A Nominatim on loopback that answers, delays, refuses, redirects, drops, drips and floods, and
 * keeps when each request arrived. Also a program of its own: see {@link #main}.
 */
public final class StubGeocoder implements AutoCloseable {
  /** What arrived: {@code nanos} of {@link System#nanoTime} when its first byte was read. */
  public record Arrival(long nanos, String requestLine, List<String> headers) {}

  /** What becomes of one request. */
  @FunctionalInterface
  public interface Reply {
    void send(OutputStream out, StubGeocoder stub) throws IOException, InterruptedException;
  }

  private static final String PLACE =
      "{\"place_id\":1,\"licence\":\"Data © OpenStreetMap contributors, ODbL 1.0."
          + " http://osm.org/copyright\",\"display_name\":\"1, Stephansplatz, Wien, Österreich\","
          + "\"address\":{\"road\":\"Stephansplatz\",\"city\":\"Wien\",\"country\":\"Österreich\"}}";

  private final ServerSocket door;
  private final Queue<Reply> next = new ConcurrentLinkedQueue<>();
  private final List<Arrival> arrivals = new CopyOnWriteArrayList<>();
  private final Set<Socket> waiting = ConcurrentHashMap.newKeySet();
  private final AtomicInteger together = new AtomicInteger();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicLong sent = new AtomicLong();
  private final AtomicInteger cutOff = new AtomicInteger();
  private volatile Reply usual = answer();
  private volatile @Nullable Consumer<Arrival> listener;

  public StubGeocoder() {
    this(0);
  }

  /** Listens on this port of loopback; 0: any free one. */
  public StubGeocoder(int port) {
    try {
      door = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    start(this::welcome);
  }

  public String url() {
    return "http://" + door.getInetAddress().getHostAddress() + ":" + door.getLocalPort();
  }

  /** The replies to the next requests, in order; after them the usual one. */
  public void next(Reply... replies) {
    next.addAll(List.of(replies));
  }

  public void usually(Reply reply) {
    usual = reply;
  }

  public List<Arrival> arrivals() {
    return List.copyOf(arrivals);
  }

  /** Bytes of bodies that were handed to the network. */
  public long sent() {
    return sent.get();
  }

  /** How many requests came while another had no whole answer and its sender still waited. */
  public int together() {
    return together.get();
  }

  /** How many endless replies ended because the client closed the connection. */
  public int cutOff() {
    return cutOff.get();
  }

  public void forget() {
    next.clear();
    arrivals.clear();
    sent.set(0);
    cutOff.set(0);
    together.set(0);
    usual = answer();
  }

  public static Reply answer() {
    return json(200, "", PLACE);
  }

  public static Reply unable() {
    return json(200, "", "{\"error\":\"Unable to geocode\"}");
  }

  public static Reply body(String body) {
    return json(200, "", body);
  }

  /** An error, with a Retry-After when that is not null. */
  public static Reply status(int status, @Nullable String retryAfter) {
    return json(status, retryAfter == null ? "" : "Retry-After: " + retryAfter + "\r\n", "{}");
  }

  public static Reply redirect(String to) {
    return json(302, "Location: " + to + "\r\n", "{}");
  }

  public static Reply delayed(Duration time, Reply reply) {
    return (out, stub) -> {
      if (!stub.closing.await(time.toMillis(), TimeUnit.MILLISECONDS)) {
        reply.send(out, stub);
      }
    };
  }

  /** Closes the connection without a word. */
  public static Reply drop() {
    return (out, stub) -> {
      throw new IOException("dropped");
    };
  }

  /** Never says anything. */
  public static Reply silence() {
    return (out, stub) -> stub.closing.await();
  }

  /** A body without end, as fast as it is taken. */
  public static Reply flood() {
    return (out, stub) -> {
      byte[] blanks = " ".repeat(8192).getBytes(StandardCharsets.US_ASCII);
      head(out, "Content-Type: application/json\r\nConnection: close\r\n");
      stub.endless(out, blanks, 0);
    };
  }

  /** A body of a known length, far too long. */
  public static Reply huge(long bytes) {
    return (out, stub) -> {
      byte[] blanks = " ".repeat(8192).getBytes(StandardCharsets.US_ASCII);
      head(out, "Content-Length: " + bytes + "\r\n");
      stub.endless(out, blanks, 0);
    };
  }

  /** A body of which a byte comes every 20 ms, without end. */
  public static Reply drip() {
    return (out, stub) -> {
      head(out, "Content-Length: 60000\r\n");
      stub.endless(out, new byte[] {' '}, 20);
    };
  }

  /** A response head of which a byte comes every 20 ms, without end. */
  public static Reply dripHead() {
    return (out, stub) -> {
      out.write("HTTP/1.1 200 OK\r\nX-Long: ".getBytes(StandardCharsets.US_ASCII));
      stub.endless(out, new byte[] {'x'}, 20);
    };
  }

  /**
   * The beginning of a response, and then the same piece of it, without end, as fast as it is
   * taken.
   */
  public static Reply endless(String beginning, String piece) {
    byte[] many = piece.repeat(8192 / piece.length()).getBytes(StandardCharsets.US_ASCII);
    return (out, stub) -> {
      out.write(beginning.getBytes(StandardCharsets.US_ASCII));
      stub.endless(out, many, 0);
    };
  }

  private static Reply json(int status, String headers, String body) {
    return (out, stub) -> {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      out.write(
          ("HTTP/1.1 "
                  + status
                  + " Reply\r\nContent-Type: application/json\r\nSet-Cookie: who=you\r\n"
                  + "X-Tell: tale\r\n"
                  + headers
                  + "Content-Length: "
                  + bytes.length
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      out.write(bytes);
      out.flush();
      stub.sent.addAndGet(bytes.length);
    };
  }

  private static void head(OutputStream out, String headers) throws IOException {
    out.write(("HTTP/1.1 200 OK\r\n" + headers + "\r\n").getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private void endless(OutputStream out, byte[] piece, long everyMillis)
      throws IOException, InterruptedException {
    try {
      while (!closing.await(everyMillis, TimeUnit.MILLISECONDS)) {
        out.write(piece);
        out.flush();
        sent.addAndGet(piece.length);
      }
    } catch (IOException e) {
      cutOff.incrementAndGet();
      throw e;
    }
  }

  private void welcome() {
    try {
      while (true) {
        Socket guest = door.accept();
        start(() -> serve(guest));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket guest) {
    try (guest) {
      guest.setTcpNoDelay(true);
      InputStream raw = guest.getInputStream();
      OutputStream out = new BufferedOutputStream(guest.getOutputStream());
      int first;
      while ((first = raw.read()) >= 0) {
        long nanos = System.nanoTime();
        Arrival arrival = read(nanos, (char) first, raw);
        Consumer<Arrival> tell = listener;
        if (tell != null) {
          tell.accept(arrival);
        }
        arrivals.add(arrival);
        if (waiting.stream().anyMatch(StubGeocoder::isThere)) {
          together.incrementAndGet();
        }
        waiting.add(guest);
        try {
          Reply reply = next.poll();
          (reply == null ? usual : reply).send(out, this);
          out.flush();
        } finally {
          waiting.remove(guest);
        }
      }
    } catch (IOException e) {
      // the guest left, or is thrown out
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether a guest that waits for its answer, and so sends nothing, has not left. */
  private static boolean isThere(Socket guest) {
    try {
      guest.setSoTimeout(1);
      try {
        return guest.getInputStream().read() >= 0;
      } catch (SocketTimeoutException e) {
        return true;
      } finally {
        guest.setSoTimeout(0);
      }
    } catch (IOException e) {
      return false;
    }
  }

  private static Arrival read(long nanos, char first, InputStream raw) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(raw, StandardCharsets.ISO_8859_1));
    String requestLine = first + lines.readLine();
    List<String> headers = new ArrayList<>();
    for (String line = lines.readLine(); line != null && !line.isEmpty(); line = lines.readLine()) {
      headers.add(line);
    }
    return new Arrival(nanos, requestLine, List.copyOf(headers));
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "stub-geocoder");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    closing.countDown();
    try {
      door.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * A geocoder as a program: {@code StubGeocoder LOG [PORT [REPLY …]]} prints its address, gives
   * the replies in turn ({@code answer}, {@code delay:MS}, {@code 429:S}, {@code 503:S}, {@code
   * 500}, {@code drop}, {@code unable}; without any: answer) and writes a line {@code nanos
   * requestLine} for each request to LOG, until it is ended.
   */
  public static void main(String[] arguments) throws Exception {
    Path log = Path.of(arguments[0]);
    int port = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 0;
    List<Reply> replies = new ArrayList<>();
    for (int i = 2; i < arguments.length; i++) {
      replies.add(named(arguments[i]));
    }
    try (StubGeocoder stub = new StubGeocoder(port);
        PrintWriter lines = new PrintWriter(Files.newBufferedWriter(log), true)) {
      AtomicInteger turn = new AtomicInteger();
      stub.listener =
          arrival -> {
            synchronized (lines) {
              lines.println(arrival.nanos() + " " + arrival.requestLine());
            }
          };
      if (!replies.isEmpty()) {
        stub.usually(
            (out, geocoder) ->
                replies
                    .get(Math.floorMod(turn.getAndIncrement(), replies.size()))
                    .send(out, geocoder));
      }
      System.out.println(stub.url());
      stub.closing.await();
    }
  }

  private static Reply named(String name) {
    String[] parts = name.split(":", 2);
    String detail = parts.length > 1 ? parts[1] : null;
    return switch (parts[0]) {
      case "answer" -> answer();
      case "unable" -> unable();
      case "drop" -> drop();
      case "delay" ->
          delayed(Duration.ofMillis(Long.parseLong(detail == null ? "500" : detail)), answer());
      default -> status(Integer.parseInt(parts[0]), detail);
    };
  }
}
