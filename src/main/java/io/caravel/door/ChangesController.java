package io.caravel.door;

import io.caravel.change.Changes;
import io.caravel.change.Changes.Page;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What changed, in one order without gaps: a page, the next one as it comes, or all as events. */
@RestController
class ChangesController {
  private static final int LONGEST_WAIT_SECONDS = 60;

  private final ChangeFeed feed;
  private final Changes changes;

  ChangesController(ChangeFeed feed, Changes changes) {
    this.feed = feed;
    this.changes = changes;
  }

  /** One method for both types: to a caller who takes any, Spring could not choose between two. */
  @GetMapping(
      path = "/api/changes",
      produces = {MediaType.APPLICATION_JSON_VALUE, MediaType.TEXT_EVENT_STREAM_VALUE})
  Object listen(
      @RequestParam(name = "after", required = false) @Nullable String after,
      @RequestParam(name = "wait", required = false) @Nullable String wait,
      @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEvent,
      HttpServletRequest request,
      HttpServletResponse response) {
    String accept = request.getHeader(HttpHeaders.ACCEPT);
    if (request.getMethod().equals("HEAD")) {
      return ResponseEntity.ok()
          .build(); // a line that nobody reads would never be known to be gone
    }
    if (accept != null && accept.contains(MediaType.TEXT_EVENT_STREAM_VALUE)) {
      response.setHeader("X-Accel-Buffering", "no"); // a proxy that collects would hold them back
      return feed.line(
          lastEvent == null ? begin(after) : number("Last-Event-ID", lastEvent, Long.MAX_VALUE));
    }
    long from = begin(after);
    long seconds = wait == null ? 0 : number("wait", wait, LONGEST_WAIT_SECONDS);
    Page page = feed.page(from);
    return page.items().isEmpty() && seconds > 0
        ? feed.next(from, Duration.ofSeconds(seconds))
        : page;
  }

  private long begin(@Nullable String after) {
    return after == null ? changes.forgotten() : number("after", after, Long.MAX_VALUE);
  }

  private static long number(String name, String text, long most) {
    long number = text.matches("\\d{1,18}") ? Long.parseLong(text) : -1;
    if (number < 0 || number > most) {
      throw Problem.thrown(
          HttpStatus.BAD_REQUEST,
          name
              + " is a whole number, 0 or more"
              + (most == Long.MAX_VALUE ? "." : " and at most " + most + "."));
    }
    return number;
  }
}
