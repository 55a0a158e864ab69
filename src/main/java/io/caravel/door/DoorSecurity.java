package io.caravel.door;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.InsufficientAuthenticationException;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.ObjectPostProcessor;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.SavedRequestAwareAuthenticationSuccessHandler;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfFilter;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;
import org.springframework.security.web.header.HeaderWriterFilter;
import org.springframework.security.web.header.writers.DelegatingRequestMatcherHeaderWriter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.header.writers.StaticHeadersWriter;

/**
 * Who may come in. With CARAVEL_USER and CARAVEL_PASSWORD: whoever knows them, scripts by HTTP
 * Basic, browsers by a form and a session; and who has a token, to its doors. Liveness and
 * readiness stay open; nothing of a body is read before the log-in, but the form's. Without:
 * whoever reaches loopback, which {@link AddressGuard} and {@link HostGuard} hold.
 */
@Configuration(proxyBeanMethods = false)
class DoorSecurity {
  static final String WITH_LOGIN = "!'${caravel.user:}'.isBlank()";
  private static final String WITHOUT_LOGIN = "'${caravel.user:}'.isBlank()";

  /** Hawtio's console comes with its own, which allows the inline style it needs. */
  private static final String CONSOLE = "/actuator/hawtio";

  private static final String EVENTS = "/api/events";
  private static final String CHANGES = "/api/changes";
  private static final OpenedPage OPENED = new OpenedPage();

  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self'; font-src"
          + " 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'none'; base-uri 'none';"
          + " form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script';"
          + " trusted-types 'none'";

  /**
   * The events are written by threads of their own, while the request's leaves the filters: there
   * the headers are written before, not after. Not elsewhere: files and pages name some themselves,
   * and these would stand there twice.
   */
  @Bean
  @Order(1)
  @ConditionalOnExpression(WITHOUT_LOGIN)
  SecurityFilterChain openEvents(HttpSecurity http) throws Exception {
    return open(headersFirst(http));
  }

  @Bean
  @Order(1)
  @ConditionalOnExpression(WITH_LOGIN)
  SecurityFilterChain eventsBehindLogin(HttpSecurity http, Ways ways) throws Exception {
    return behind(headersFirst(http), ways);
  }

  private static HttpSecurity headersFirst(HttpSecurity http) throws Exception {
    return http.securityMatcher(EVENTS, CHANGES)
        .headers(
            headers ->
                headers.addObjectPostProcessor(
                    new ObjectPostProcessor<HeaderWriterFilter>() {
                      @Override
                      public <F extends HeaderWriterFilter> F postProcess(F filter) {
                        filter.setShouldWriteHeadersEagerly(true);
                        return filter;
                      }
                    }));
  }

  @Bean
  @ConditionalOnExpression(WITHOUT_LOGIN)
  SecurityFilterChain openOnLoopback(HttpSecurity http) throws Exception {
    return open(http);
  }

  @Bean
  @ConditionalOnExpression(WITH_LOGIN)
  SecurityFilterChain behindLogin(HttpSecurity http, Ways ways, Devices devices) throws Exception {
    SavedRequestAwareAuthenticationSuccessHandler in =
        new SavedRequestAwareAuthenticationSuccessHandler();
    in.setRequestCache(OPENED);
    http.formLogin(
        form ->
            form.loginPage("/login")
                .authenticationDetailsSource(ways.password())
                .successHandler(
                    (request, response, known) -> {
                      devices.remember(request, response, known.getName());
                      OPENED.removeRequest(request, response);
                      in.onAuthenticationSuccess(request, response, known);
                    })
                .failureHandler(DoorSecurity::failed));
    return behind(http, ways);
  }

  private static SecurityFilterChain open(HttpSecurity http) throws Exception {
    headers(http);
    // The guard refuses every cross-site request, so there is no session and no token to forge.
    return http.authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
        .csrf(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .logout(AbstractHttpConfigurer::disable)
        .sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.NEVER))
        .build();
  }

  private static SecurityFilterChain behind(HttpSecurity http, Ways ways) throws Exception {
    headers(http);
    CookieCsrfTokenRepository pageTokens = CookieCsrfTokenRepository.withHttpOnlyFalse();
    pageTokens.setCookieCustomizer(cookie -> cookie.sameSite("Strict"));
    return http.authenticationManager(new ProviderManager(ways.password()))
        .authorizeHttpRequests(
            requests ->
                requests
                    // The request itself was let in already.
                    .dispatcherTypeMatchers(
                        DispatcherType.ASYNC, DispatcherType.ERROR, DispatcherType.FORWARD)
                    .permitAll()
                    .requestMatchers(
                        "/actuator/health/liveness",
                        "/actuator/health/readiness",
                        "/login",
                        "/page/login.css",
                        "/page/icon.svg")
                    .permitAll()
                    .anyRequest()
                    .authenticated())
        .httpBasic(
            basic ->
                basic
                    .authenticationDetailsSource(ways.password())
                    .authenticationEntryPoint(DoorSecurity::refuse))
        .logout(Customizer.withDefaults())
        .requestCache(cache -> cache.requestCache(OPENED))
        .csrf(
            csrf ->
                csrf.csrfTokenRepository(pageTokens)
                    .csrfTokenRequestHandler(new PageToken())
                    .ignoringRequestMatchers(DoorSecurity::script))
        .exceptionHandling(
            refusals ->
                refusals
                    .authenticationEntryPoint(DoorSecurity::refuse)
                    .accessDeniedHandler(DoorSecurity::denied))
        .addFilterBefore(ways.token(), CsrfFilter.class)
        .build();
  }

  /**
   * Hawtio's console sends the cookie's value back as it is, not masked; hence no mask, and no
   * name, so that the token is there on every answer. In a form it is looked for where there is one
   * alone: elsewhere the body would be read before the log-in.
   */
  private static final class PageToken extends CsrfTokenRequestAttributeHandler {
    private static final Set<String> FORMS = Set.of("/login", "/logout");

    PageToken() {
      setCsrfRequestAttributeName(null);
    }

    @Override
    public @Nullable String resolveCsrfTokenValue(HttpServletRequest request, CsrfToken token) {
      String value = request.getHeader(token.getHeaderName());
      return value == null && FORMS.contains(request.getRequestURI())
          ? request.getParameter(token.getParameterName())
          : value;
    }
  }

  private static void headers(HttpSecurity http) throws Exception {
    http.headers(
        headers ->
            headers
                .addHeaderWriter(
                    new DelegatingRequestMatcherHeaderWriter(
                        request -> !request.getRequestURI().startsWith(CONSOLE),
                        new StaticHeadersWriter(
                            "Content-Security-Policy", CONTENT_SECURITY_POLICY)))
                .referrerPolicy(policy -> policy.policy(ReferrerPolicy.SAME_ORIGIN))
                // Files and the static page say for themselves how long they last.
                .frameOptions(HeadersConfigurer.FrameOptionsConfig::sameOrigin));
  }

  /** A script: it says who it is on every request, and carries no session a page could ride on. */
  private static boolean script(HttpServletRequest request) {
    String authorization = request.getHeader("Authorization");
    return TokenLogin.let(request)
        || (authorization != null
            && authorization.regionMatches(true, 0, "Basic ", 0, 6)
            && request.getSession(false) == null);
  }

  static boolean opensPage(HttpServletRequest request) {
    String accept = request.getHeader("Accept");
    return request.getMethod().equals("GET") && accept != null && accept.contains("text/html");
  }

  /** A browser that opens a page is sent to the form; whoever else gets a problem. */
  private static void refuse(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException e)
      throws IOException {
    if (e instanceof LoginPace.TooMany many) {
      TokenLogin.refuse(request, response, many);
      return;
    }
    boolean browser = request.getHeader("Sec-Fetch-Mode") != null;
    if (request.getHeader("Authorization") == null && opensPage(request)) {
      response.sendRedirect("/login");
      return;
    }
    if (!browser) { // a browser would ask with a box of its own, and keep the answer
      response.setHeader("WWW-Authenticate", "Basic realm=\"Caravel\", charset=\"UTF-8\"");
    }
    Problem.answer(
        request,
        response,
        HttpStatus.UNAUTHORIZED.value(),
        "This needs a log-in: send CARAVEL_USER and CARAVEL_PASSWORD by HTTP Basic, or a token of"
            + " CARAVEL_TOKENS as bearer, or open /login in a browser.");
  }

  /** Who is not logged in lacks that before anything else, but for the form itself. */
  private static void denied(
      HttpServletRequest request, HttpServletResponse response, AccessDeniedException e)
      throws IOException {
    if (SecurityContextHolder.getContext().getAuthentication() == null
        && !request.getRequestURI().equals("/login")) {
      refuse(request, response, new InsufficientAuthenticationException("nobody", e));
      return;
    }
    Problem.answer(
        request,
        response,
        HttpStatus.FORBIDDEN.value(),
        "This needs the token of cookie XSRF-TOKEN in header X-XSRF-TOKEN: reload the page; scripts"
            + " send user and password by HTTP Basic and no cookie.");
  }

  private static void failed(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException e)
      throws IOException {
    if (e instanceof LoginPace.TooMany many) {
      LoginPage.refuse(request, response, many);
    } else {
      response.sendRedirect("/login?error");
    }
  }

  /** Without a log-in there is nobody in it, and no password is made up. */
  @Bean
  UserDetailsService users(
      @Value("${caravel.user:}") String user, @Value("${caravel.password:}") String password) {
    InMemoryUserDetailsManager users = new InMemoryUserDetailsManager();
    if (!user.isBlank()) {
      String hash =
          password.startsWith("{bcrypt}")
              ? password
              : "{bcrypt}" + new BCryptPasswordEncoder().encode(password);
      users.createUser(User.withUsername(user).password(hash).roles("OWNER").build());
    }
    return users;
  }

  @Bean
  PasswordEncoder passwords() {
    return PasswordEncoderFactories.createDelegatingPasswordEncoder();
  }

  /** How one logs in; no beans, or Spring would have them stand elsewhere, too. */
  record Ways(PacedLogin password, TokenLogin token) {}

  @Bean
  @ConditionalOnExpression(WITH_LOGIN)
  Ways ways(
      UserDetailsService users,
      PasswordEncoder passwords,
      Devices devices,
      Contract contract,
      @Value("${caravel.tokens}") String file) {
    LoginPace pace = new LoginPace(SteadyClock.INSTANCE);
    Operations operations = new Operations(contract.json());
    Tokens tokens = file.isBlank() ? Tokens.none() : Tokens.read(Path.of(file), operations.ids());
    return new Ways(
        new PacedLogin(users, passwords, pace, devices), new TokenLogin(tokens, operations, pace));
  }
}
