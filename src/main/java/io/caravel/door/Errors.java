package io.caravel.door;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.boot.web.servlet.error.ErrorController;
import org.springframework.http.HttpHeaders;
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
    ResponseEntity.BodyBuilder answer = ResponseEntity.status(status);
    String again = Problem.again(status);
    if (again != null) {
      answer.header(HttpHeaders.RETRY_AFTER, again);
    }
    return answer
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(Problem.json(status, sentence(status)));
  }

  static String sentence(int status) {
    return switch (status) {
      case 400 -> "The request is not well-formed: see /openapi.json.";
      case 404 -> "There is nothing here: see /openapi.json for what there is.";
      case 405 -> "This cannot be done with that method: see /openapi.json.";
      case 406 ->
          "It is not to be had as that type: see /openapi.json, or ask for any (Accept: */*).";
      case 408 ->
          "The request came too slowly, and others waited for its place: send it again, faster.";
      case 413 -> "The request is too large: send fewer or smaller files at once.";
      case 414 -> "The address is too long: ask for less at once.";
      case 415 -> "This content type is not taken here: see /openapi.json.";
      case 416 -> "The file has no such range: ask for it without Range to see its length.";
      case 417 -> "Expect: 100-continue is all that can be expected: leave other expectations out.";
      case 431 -> "The request's headers are too long: send 16 kB at most.";
      case 501 ->
          "The body is packed in a way that is not known here: send it without Transfer-Encoding, or chunked.";
      case 503 -> "Caravel is starting or stopping: try again in a few seconds.";
      case 505 -> "This version of HTTP is not spoken here: use HTTP/1.1.";
      default ->
          status >= 500
              ? "Caravel failed at this: its log says why."
              : "The request was refused: see /openapi.json.";
    };
  }
}
