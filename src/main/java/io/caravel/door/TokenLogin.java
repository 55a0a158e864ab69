package io.caravel.door;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets in whoever sends a token of CARAVEL_TOKENS ({@code Authorization: Bearer …}), to the doors
 * it is for.
 */
class TokenLogin extends OncePerRequestFilter {
  private static final String BEARER = "Bearer ";
  private static final String BY_TOKEN = TokenLogin.class.getName();

  private final Tokens tokens;
  private final Operations operations;
  private final LoginPace pace;

  TokenLogin(Tokens tokens, Operations operations, LoginPace pace) {
    this.tokens = tokens;
    this.operations = operations;
    this.pace = pace;
  }

  /** Whether a token was found right, so that no page can have made the request. */
  static boolean let(HttpServletRequest request) {
    return request.getAttribute(BY_TOKEN) != null;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String authorization = request.getHeader("Authorization");
    if (authorization == null
        || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      chain.doFilter(request, response);
      return;
    }
    Tokens.Token token;
    try {
      token = find(authorization.substring(BEARER.length()).strip(), request.getRemoteAddr());
    } catch (LoginPace.TooMany e) {
      refuse(request, response, e);
      return;
    }
    if (token == null) {
      response.setHeader("WWW-Authenticate", "Bearer realm=\"Caravel\", error=\"invalid_token\"");
      Problem.answer(
          request,
          response,
          401,
          "This token is not known: look into CARAVEL_TOKENS for its hash.");
    } else if (!token.opens(operations.of(request.getMethod(), request.getRequestURI()))) {
      Problem.answer(
          request,
          response,
          403,
          "The token %s is not for this door: add its operationId to the token's line in CARAVEL_TOKENS."
              .formatted(token.name()));
    } else {
      SecurityContext context = SecurityContextHolder.createEmptyContext();
      context.setAuthentication(
          new PreAuthenticatedAuthenticationToken(
              token.name(), "", AuthorityUtils.createAuthorityList("ROLE_TOKEN")));
      SecurityContextHolder.setContext(context);
      request.setAttribute(BY_TOKEN, token.name());
      chain.doFilter(request, response);
    }
  }

  /** What takes time to check is paced as a password is; by the address alone, it has no name. */
  private Tokens.@Nullable Token find(String presented, String address) {
    Tokens.Token known = tokens.known(presented);
    if (known != null || !tokens.haveSlow()) {
      return known;
    }
    try {
      return pace.paced(
          "",
          address,
          () -> {
            Tokens.Token found = tokens.slowly(presented);
            if (found == null) {
              throw new BadCredentialsException("no such token");
            }
            return found;
          });
    } catch (BadCredentialsException e) {
      return null;
    }
  }

  /** 429 to a guess that was not looked at. */
  static void refuse(
      HttpServletRequest request, HttpServletResponse response, LoginPace.TooMany many)
      throws IOException {
    response.setHeader("Retry-After", Long.toString(many.seconds()));
    Problem.answer(request, response, 429, String.valueOf(many.getMessage()));
  }
}
