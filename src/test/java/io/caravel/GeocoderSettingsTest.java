package io.caravel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.mock.env.MockEnvironment;

/** What the geocoder is told of whoever asks, and of the language: CARAVEL_CONTACT, _LANGUAGE. */
class GeocoderSettingsTest {
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @TempDir
  Path home;

  private MockEnvironment derived(String name, String value) {
    MockEnvironment environment =
        new MockEnvironment()
            .withProperty("caravel.home", home.toString())
            .withProperty(name, value);
    new DerivedSettings().postProcessEnvironment(environment, new SpringApplication());
    return environment;
  }

  @ParameterizedTest
  @CsvSource({
    "'', Caravel/1",
    "me@example.org, Caravel/1 (me@example.org)",
    "https://example.org/about?a=b, Caravel/1 (https://example.org/about?a=b)"
  })
  void theContactStandsBehindTheVersion(String contact, String userAgent) {
    assertThat(
            derived("caravel.contact", contact)
                .resolvePlaceholders("Caravel/1${caravel.contact-in-brackets:}"))
        .isEqualTo(userAgent);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a) (b", "two words", "ö@example.org", "me{x", "a\r\nX: y"})
  void whatIsNoAddressIsRefused(String contact) {
    assertThatThrownBy(() -> derived("caravel.contact", contact))
        .hasMessageContaining("CARAVEL_CONTACT");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"de | de | true", "pt-BR, pt , en | pt-BR,pt,en | true"})
  void theLanguageIsThatWhichIsAsked(String asked, String told, boolean isAsked) {
    MockEnvironment environment = derived("caravel.language", asked);
    assertThat(environment.getProperty("caravel.language")).isEqualTo(told);
    assertThat(environment.getProperty("caravel.language-asked", Boolean.class)).isEqualTo(isAsked);
  }

  @Test
  void withoutOneItIsTheSystemsAndThenEnglish() {
    MockEnvironment environment = derived("caravel.language", "");
    assertThat(environment.getProperty("caravel.language")).matches("en.*|.+,en");
    assertThat(environment.getProperty("caravel.language-asked", Boolean.class)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"de&lat=1", "de;q=1", "a,b,c,d,e", "{{x}}", "de,"})
  void whatIsNoLanguageIsRefused(String language) {
    assertThatThrownBy(() -> derived("caravel.language", language))
        .hasMessageContaining("CARAVEL_LANGUAGE");
  }
}
