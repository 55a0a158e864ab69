package io.caravel.door;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Camel refuses a path or method below the contract's with a bare status: here it gains words. */
@Component
class EmptyAnswers extends OncePerRequestFilter {
  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    chain.doFilter(request, response);
    int status = response.getStatus();
    if (!isAsyncStarted(request)
        && !response.isCommitted()
        && response.getContentType() == null
        && (status == 404 || status == 405)) {
      Problem.answer(request, response, status, Errors.sentence(status));
    }
  }

  /** Camel answers on a thread of its own; the answer is complete when the request comes back. */
  @Override
  protected boolean shouldNotFilterAsyncDispatch() {
    return false;
  }
}
