package io.caravel.door;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** A node does what CARAVEL_ROLES says, and says so to who asks for more. */
class RoleGuardTest {
  @ParameterizedTest
  @CsvSource({
    "true, true, POST, /api/photos, 200",
    "true, false, POST, /api/photos, 503",
    "true, false, GET, /api/photos, 200",
    "false, true, POST, /api/photos, 200",
    "false, true, GET, /api/photos, 503",
    "false, true, GET, /, 503",
    "false, false, GET, /actuator/health, 200",
  })
  void refusesWhatIsNotItsRole(boolean web, boolean intake, String method, String path, int status)
      throws Exception {
    MockHttpServletResponse response = new MockHttpServletResponse();
    new RoleGuard(web, intake)
        .doFilter(new MockHttpServletRequest(method, path), response, new MockFilterChain());
    assertThat(response.getStatus()).isEqualTo(status);
  }
}
