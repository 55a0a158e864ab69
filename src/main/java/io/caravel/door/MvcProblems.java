package io.caravel.door;

import io.caravel.ground.Cause;
import io.caravel.ground.Failure;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.TransactionException;
import org.springframework.web.ErrorResponseException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/**
 * What fails a controller of Spring MVC is answered as it is in the routes: the database's
 * failures, and what Spring itself refuses, in words that say what to do. Spring Security says that
 * none of it is kept.
 */
@RestControllerAdvice
class MvcProblems extends ResponseEntityExceptionHandler {
  @ExceptionHandler({DataAccessException.class, TransactionException.class, Failure.class})
  ResponseEntity<String> answer(RuntimeException problem) {
    Failure failure = Failure.of(problem);
    int status = Cause.of(failure.cause()).status();
    ResponseEntity.BodyBuilder answer =
        ResponseEntity.status(status).contentType(MediaType.APPLICATION_PROBLEM_JSON);
    String again = Problem.again(status);
    if (again != null) {
      answer.header(HttpHeaders.RETRY_AFTER, again);
    }
    return answer.body(Problem.json(status, String.valueOf(failure.getMessage())));
  }

  @Override
  protected @Nullable ResponseEntity<Object> handleExceptionInternal(
      Exception problem,
      @Nullable Object body,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    // What Problem.thrown made has words of our own; Spring's own are of its inside.
    String sentence =
        problem.getClass() == ErrorResponseException.class
            ? String.valueOf(((ErrorResponseException) problem).getBody().getDetail())
            : Errors.sentence(status.value());
    String again = Problem.again(status.value());
    if (again != null) {
      headers = new HttpHeaders(headers);
      headers.set(HttpHeaders.RETRY_AFTER, again);
    }
    return ResponseEntity.status(status)
        .headers(headers)
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(Problem.json(status.value(), sentence));
  }
}
