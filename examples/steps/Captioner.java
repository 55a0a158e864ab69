import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import javax.imageio.ImageIO;

/** A stand-in for a captioner: takes a picture by POST /caption, answers JSON. java Captioner.java */
class Captioner {
  public static void main(String[] arguments) throws IOException {
    int port = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 8090;
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext(
        "/caption",
        exchange -> {
          var picture = ImageIO.read(exchange.getRequestBody());
          String shape = picture == null ? "of a kind I do not know"
              : picture.getWidth() > picture.getHeight() ? "that is wide" : "that is high";
          byte[] json = ("{\"caption\": \"A picture " + shape + "\"}").getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, json.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(json);
          }
        });
    server.setExecutor(Executors.newFixedThreadPool(4));
    server.start();
  }
}
