package io.caravel.door;

import io.caravel.ground.Cause;
import io.caravel.ground.Failure;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Photos by the number that another program knows them by: whatever lies below {@code
 * /api/photos/ext-50} is asked of the photo itself, by its own id.
 */
@Component
@Order(15) // after the log-in and the weather
class ExternalIds extends OncePerRequestFilter {
  private static final Pattern ADDRESS =
      Pattern.compile("(/api/(?:photos|trash)/)ext-(\\d{1,18})(/.*)?");

  private final JdbcClient database;

  ExternalIds(JdbcClient database) {
    this.database = database;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    Matcher address = ADDRESS.matcher(request.getRequestURI());
    if (!address.matches()) {
      chain.doFilter(request, response);
      return;
    }
    Optional<Long> photo;
    try {
      photo = photo(Long.parseLong(address.group(2)));
    } catch (DataAccessException | TransactionException e) {
      Failure failure = Failure.of(e);
      int status = Cause.of(failure.cause()).status();
      Problem.answer(request, response, status, String.valueOf(failure.getMessage()));
      return;
    }
    if (photo.isEmpty()) {
      String sentence =
          "There is no photo that another program knows as %s: ext- goes before the image_id it was taken by reference with."
              .formatted(address.group(2));
      Problem.answer(request, response, 404, sentence);
      return;
    }
    String rest = address.group(3) == null ? "" : address.group(3);
    chain.doFilter(new Addressed(request, address.group(1) + photo.get() + rest), response);
  }

  private Optional<Long> photo(long externalId) {
    return database
        .sql("select image_id from external_ids where external_id = :id")
        .param("id", externalId)
        .query(Long.class)
        .optional();
  }

  /** A request that was sent to this path. */
  private static final class Addressed extends HttpServletRequestWrapper {
    private final String path;

    private Addressed(HttpServletRequest request, String path) {
      super(request);
      this.path = path;
    }

    @Override
    public String getRequestURI() {
      return path;
    }

    @Override
    public String getServletPath() {
      return path;
    }

    @Override
    public StringBuffer getRequestURL() {
      StringBuffer url = super.getRequestURL();
      int start = url.length() - super.getRequestURI().length();
      return url.replace(start, url.length(), path);
    }
  }
}
