package io.caravel.door;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.boot.web.servlet.error.ErrorController;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Whatever nobody else answered: problem+json with a sentence, and nothing of the inside. */
@RestController
class Errors implements ErrorController {
  @RequestMapping("/error")
  ResponseEntity<String> error(HttpServletRequest request) {
    int status =
        request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) instanceof Integer code
            ? code
            : HttpStatus.NOT_FOUND.value();
    return ResponseEntity.status(status)
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(Problem.json(status, sentence(status)));
  }

  static String sentence(int status) {
    return switch (status) {
      case 400 -> "The request is not well-formed: see /openapi.json.";
      case 404 -> "There is nothing here: see /openapi.json for what there is.";
      case 405 -> "This cannot be done with that method: see /openapi.json.";
      case 413 -> "The request is too large: send fewer or smaller files at once.";
      case 415 -> "This content type is not taken here: see /openapi.json.";
      case 503 -> "Caravel is starting or stopping: try again in a few seconds.";
      default ->
          status >= 500
              ? "Caravel failed at this: its log says why."
              : "The request was refused: see /openapi.json.";
    };
  }
}
