package io.caravel.door;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.event.AbstractAuthenticationEvent;
import org.springframework.security.authentication.event.AbstractAuthenticationFailureEvent;
import org.springframework.security.authentication.event.AuthenticationSuccessEvent;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.factory.PasswordEncoderFactories;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import org.springframework.security.web.authentication.logout.LogoutFilter;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfTokenRequestAttributeHandler;
import org.springframework.security.web.header.writers.DelegatingRequestMatcherHeaderWriter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.header.writers.StaticHeadersWriter;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;

/**
 * Who may come in. With CARAVEL_USER and CARAVEL_PASSWORD: whoever knows them, scripts by HTTP
 * Basic, browsers by a form and a session; liveness and readiness stay open. Without: whoever
 * reaches loopback, which {@link AddressGuard} and {@link HostGuard} hold.
 */
@Configuration(proxyBeanMethods = false)
class DoorSecurity {
  static final String WITH_LOGIN = "!'${caravel.user:}'.isBlank()";
  private static final String WITHOUT_LOGIN = "'${caravel.user:}'.isBlank()";

  /** Hawtio's console comes with its own, which allows the inline style it needs. */
  private static final String CONSOLE = "/actuator/hawtio";

  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src"
          + " 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'none'; base-uri 'none';"
          + " form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script';"
          + " trusted-types 'none'";

  @Bean
  @ConditionalOnExpression(WITHOUT_LOGIN)
  SecurityFilterChain openOnLoopback(HttpSecurity http) throws Exception {
    headers(http);
    // The guard refuses every cross-site request, so there is no session and no token to forge.
    return http.authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
        .csrf(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .logout(AbstractHttpConfigurer::disable)
        .sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.NEVER))
        .build();
  }

  @Bean
  @ConditionalOnExpression(WITH_LOGIN)
  SecurityFilterChain behindLogin(HttpSecurity http, LoginPace pace) throws Exception {
    headers(http);
    // Hawtio's console sends the cookie's value back as it is, not masked: hence the plain handler,
    // without a name so that the token is there on every answer.
    CsrfTokenRequestAttributeHandler plain = new CsrfTokenRequestAttributeHandler();
    plain.setCsrfRequestAttributeName(null);
    CookieCsrfTokenRepository tokens = CookieCsrfTokenRepository.withHttpOnlyFalse();
    tokens.setCookieCustomizer(cookie -> cookie.sameSite("Strict"));
    // After the log-in a browser goes on to the page it was opened for, never to what a page asked.
    HttpSessionRequestCache opened = new HttpSessionRequestCache();
    opened.setRequestMatcher(DoorSecurity::opensPage);
    opened.setMatchingRequestParameterName(null);
    return http.authorizeHttpRequests(
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
        .httpBasic(basic -> basic.authenticationEntryPoint(DoorSecurity::refuse))
        .formLogin(form -> form.loginPage("/login").defaultSuccessUrl("/"))
        .logout(Customizer.withDefaults())
        .requestCache(cache -> cache.requestCache(opened))
        .csrf(
            csrf ->
                csrf.csrfTokenRepository(tokens)
                    .csrfTokenRequestHandler(plain)
                    .ignoringRequestMatchers(DoorSecurity::script))
        .exceptionHandling(
            refusals ->
                refusals
                    .authenticationEntryPoint(DoorSecurity::refuse)
                    .accessDeniedHandler(
                        (request, response, e) ->
                            Problem.answer(
                                request,
                                response,
                                HttpStatus.FORBIDDEN.value(),
                                "This needs the token of cookie XSRF-TOKEN in header X-XSRF-TOKEN:"
                                    + " reload the page; scripts send user and password by HTTP"
                                    + " Basic and no cookie.")))
        .addFilterBefore(pace, LogoutFilter.class)
        .build();
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
    return authorization != null
        && authorization.regionMatches(true, 0, "Basic ", 0, 6)
        && request.getRequestedSessionId() == null;
  }

  private static boolean opensPage(HttpServletRequest request) {
    String accept = request.getHeader("Accept");
    return request.getMethod().equals("GET") && accept != null && accept.contains("text/html");
  }

  /** A browser that opens a page is sent to the form; whoever else gets a problem. */
  private static void refuse(
      HttpServletRequest request, HttpServletResponse response, AuthenticationException e)
      throws IOException {
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
        "This needs a log-in: send CARAVEL_USER and CARAVEL_PASSWORD by HTTP Basic, or open /login"
            + " in a browser.");
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

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnExpression(WITH_LOGIN)
  static class Pace {
    private final LoginPace pace = new LoginPace(InstantSource.system());

    @Bean
    LoginPace loginPace() {
      return pace;
    }

    /** It stands inside the security chain only. */
    @Bean
    org.springframework.boot.web.servlet.FilterRegistrationBean<LoginPace> notTwice() {
      var registration = new org.springframework.boot.web.servlet.FilterRegistrationBean<>(pace);
      registration.setEnabled(false);
      return registration;
    }

    @EventListener
    void failed(AbstractAuthenticationFailureEvent event) {
      pace.failed(address(event));
    }

    @EventListener
    void succeeded(AuthenticationSuccessEvent event) {
      pace.succeeded(address(event));
    }

    private static String address(AbstractAuthenticationEvent event) {
      return event.getAuthentication().getDetails() instanceof WebAuthenticationDetails details
          ? String.valueOf(details.getRemoteAddress())
          : "";
    }
  }
}
