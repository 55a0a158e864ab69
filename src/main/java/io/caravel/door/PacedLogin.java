package io.caravel.door;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AuthenticationDetailsSource;
import org.springframework.security.authentication.dao.DaoAuthenticationProvider;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.web.authentication.WebAuthenticationDetails;
import org.springframework.web.util.WebUtils;

/** Checks a name and a password at {@link LoginPace}, unless it knows the device. */
class PacedLogin extends DaoAuthenticationProvider
    implements AuthenticationDetailsSource<HttpServletRequest, WebAuthenticationDetails> {
  private final LoginPace pace;
  private final Devices devices;

  PacedLogin(UserDetailsService users, PasswordEncoder passwords, LoginPace pace, Devices devices) {
    super(users);
    setPasswordEncoder(passwords);
    this.pace = pace;
    this.devices = devices;
  }

  /** Where a guess comes from; a session keeps it. */
  private static final class Guess extends WebAuthenticationDetails {
    private static final long serialVersionUID = 1;

    private final @Nullable String device;

    Guess(HttpServletRequest request) {
      super(request);
      Cookie cookie = WebUtils.getCookie(request, Devices.COOKIE);
      device = cookie == null ? null : cookie.getValue();
    }
  }

  @Override
  public WebAuthenticationDetails buildDetails(HttpServletRequest request) {
    return new Guess(request);
  }

  @Override
  public Authentication authenticate(Authentication guess) {
    String name = guess.getName();
    if (!(guess.getDetails() instanceof Guess from) || devices.know(from.device, name)) {
      return super.authenticate(guess);
    }
    return pace.paced(name, from.getRemoteAddress(), () -> super.authenticate(guess));
  }
}
