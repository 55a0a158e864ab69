package io.caravel.door;

import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's HTTP over connections of which the slowest is closed when there is no place for another:
 * as it comes, Tomcat has the newest wait, until none of the slow ones is left.
 */
public final class Connections extends Http11NioProtocol {
  private static final ThreadLocal<ClientPace> CURRENT = new ThreadLocal<>();

  /** Of a hundred places, those that are filled before one is made free. */
  private static final int FULL_PERCENT = 95;

  /** By its name, for Tomcat. */
  public Connections() {
    this(new Endpoint());
  }

  private Connections(Endpoint endpoint) {
    super(endpoint);
  }

  /**
   * How each is judged.
   *
   * @param spared addresses whose connections are not closed
   */
  void judge(Predicate<String> spared, Duration grace, int leastRate) {
    Endpoint endpoint = (Endpoint) getEndpoint();
    endpoint.spared = spared;
    endpoint.grace = grace;
    endpoint.leastRate = leastRate;
  }

  /** Of the connection that this thread serves; null: it serves none. */
  static @Nullable ClientPace current() {
    return CURRENT.get();
  }

  private static final class Endpoint extends NioEndpoint {
    private final Map<SocketWrapperBase<NioChannel>, ClientPace> paces =
        Collections.synchronizedMap(new WeakHashMap<>());
    private volatile Predicate<String> spared = address -> false;
    private volatile Duration grace = Duration.ofSeconds(5);
    private volatile int leastRate = 1000;

    @Override
    protected boolean setSocketOptions(SocketChannel socket) {
      if (connections.size() >= getMaxConnections() * FULL_PERCENT / 100) {
        closeTheSlowest();
      }
      return super.setSocketOptions(socket);
    }

    @Override
    public void setHandler(Handler<NioChannel> handler) {
      super.setHandler(new Noting(handler));
    }

    private ClientPace pace(SocketWrapperBase<NioChannel> connection) {
      return paces.computeIfAbsent(connection, this::newPace);
    }

    private ClientPace newPace(SocketWrapperBase<NioChannel> connection) {
      ClientPace pace = new ClientPace(grace, leastRate);
      SocketChannel socket = connection.getSocket().getIOChannel();
      String address = connection.getRemoteAddr();
      pace.endsBy(() -> !spared.test(address) && close(socket, pace));
      return pace;
    }

    private void closeTheSlowest() {
      SocketChannel slowest = null;
      ClientPace its = null;
      long most = 0;
      for (Map.Entry<SocketChannel, SocketWrapperBase<NioChannel>> each : connections.entrySet()) {
        NioSocketWrapper connection = (NioSocketWrapper) each.getValue();
        ClientPace pace = pace(connection);
        long behind = Math.max(pace.behind(), unread(connection));
        if (behind > most
            && !pace.isClosed()
            && !spared.test(connection.getRemoteAddr())
            && !waitsForUs(each.getKey())) {
          slowest = each.getKey();
          its = pace;
          most = behind;
        }
      }
      if (slowest != null && its != null) {
        close(slowest, its);
      }
    }

    /** What the client sent lies unread: on a busy machine it is us who are slow. */
    private boolean waitsForUs(SocketChannel socket) {
      try {
        return socket.socket().getInputStream().available() > 0;
      } catch (java.io.IOException e) {
        getLog().debug("It was gone already", e);
        return false;
      }
    }

    /** The thread that serves it wakes, and closes it. A body that did not come is answered. */
    private boolean close(SocketChannel socket, ClientPace pace) {
      if (!pace.close()) {
        return false;
      }
      try {
        socket.shutdownInput();
        if (pace.behind() < 0) {
          socket.shutdownOutput();
        }
      } catch (java.io.IOException e) {
        getLog().debug("It was gone already", e);
      }
      return true;
    }

    /** Nanoseconds since the client last read of an answer that we wait to write. */
    private static long unread(NioSocketWrapper connection) {
      return connection.interestOpsHas(SelectionKey.OP_WRITE)
          ? TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis() - connection.getLastWrite())
          : 0;
    }

    private final class Noting implements Handler<NioChannel> {
      private final Handler<NioChannel> tomcats;

      Noting(Handler<NioChannel> tomcats) {
        this.tomcats = tomcats;
      }

      @Override
      public SocketState process(SocketWrapperBase<NioChannel> connection, SocketEvent event) {
        CURRENT.set(pace(connection));
        try {
          return tomcats.process(connection, event);
        } finally {
          CURRENT.remove();
        }
      }

      @Override
      public Object getGlobal() {
        return tomcats.getGlobal();
      }

      @Override
      public void release(SocketWrapperBase<NioChannel> connection) {
        tomcats.release(connection);
      }

      @Override
      public void pause() {
        tomcats.pause();
      }

      @Override
      public void recycle() {
        tomcats.recycle();
      }
    }
  }
}
