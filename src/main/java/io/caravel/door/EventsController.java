package io.caravel.door;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Server-sent events: each step of each photo as it happens. */
@RestController
class EventsController {
  private final Events events;

  EventsController(Events events) {
    this.events = events;
  }

  @GetMapping(path = "/api/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  ResponseEntity<SseEmitter> listen(
      @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String last,
      HttpServletRequest request) {
    if (request.getMethod().equals("HEAD")) {
      return ResponseEntity.ok()
          .build(); // a line that nobody reads would never be known to be gone
    }
    SseEmitter emitter = new SseEmitter(0L); // for as long as somebody listens
    if (!events.add(emitter, id(last))) {
      throw Problem.thrown(
          HttpStatus.SERVICE_UNAVAILABLE,
          "Too many pages listen to the events already: close some, or try again later.");
    }
    return ResponseEntity.ok()
        .header("X-Accel-Buffering", "no") // a proxy that collects would hold the events back
        .body(emitter);
  }

  /** What is no id is no reason to refuse the line: it begins with what comes next. */
  private static @Nullable Long id(@Nullable String last) {
    return last != null && last.matches("\\d{1,18}") ? Long.valueOf(last) : null;
  }
}
