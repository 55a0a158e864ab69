package io.caravel.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.Keys;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.TestPropertySource;

/** The log-in form, of a program that asks for it. */
@DirtiesContext // nobody shares it
@TestPropertySource(
    properties = {
      "caravel.home=${test.home}/login-page",
      "caravel.user=anna",
      "caravel.password=correct horse",
      "test.finder=table"
    })
class LoginPageTest extends PageTest {
  private boolean focused(String name) {
    return name.equals(browser.focused().getDomAttribute("name"));
  }

  private void fillIn(String user, String password) {
    browser.find("input[name=username]").sendKeys(user);
    browser.press(Keys.TAB, password, Keys.ENTER);
  }

  private void logIn() {
    fillIn("anna", "correct horse");
    browser.until("the page is there", () -> browser.address().equals("/"));
  }

  @Test
  void whoeverIsNotLoggedInSeesTheFormAndComesInByKeyboard() {
    browser.open("/");
    assertThat(browser.address()).isEqualTo("/login");
    browser.until("the user can be typed", () -> focused("username"));

    fillIn("anna", "wrong horse");
    browser.read("That user and password do not fit: try again.");
    assertThat(browser.find("input[name=password]").getDomProperty("value")).isEmpty();

    logIn();
    assertThat(browser.run("return fetch('/api/queues').then(answer => answer.status)"))
        .isEqualTo(200L);
  }

  /** As a page does whose session has ended. */
  @Test
  void theLoginLeadsToThePageNotToWhatItAskedForBefore() {
    browser.open("/login");
    browser.forgive("401");
    assertThat(browser.run("return fetch('/api/queues').then(answer => answer.status)"))
        .isEqualTo(401L);
    logIn();
  }

  @Test
  void whoeverOpenedAnotherPageComesToIt() {
    browser.forgive("/favicon.ico"); // a document that names no icon
    browser.open("/openapi.json?anything");
    assertThat(browser.address()).isEqualTo("/login");
    fillIn("anna", "correct horse");
    browser.until(
        "the contract is there", () -> browser.address().equals("/openapi.json?anything"));
  }

  @Test
  void whoeverLogsOutIsOutside() {
    browser.open("/");
    logIn();
    browser.find("#log-out button").click();
    browser.read("You are logged out.");
    browser.open("/");
    assertThat(browser.address()).isEqualTo("/login");
  }

  @ParameterizedTest
  @CsvSource({"360, false", "360, true", "1280, false", "3000, true"})
  void everybodyCanUseTheForm(int width, boolean dark) {
    browser.width(width);
    browser.prefers(dark, true);
    for (String address : new String[] {"/login", "/login?error", "/login?logout"}) {
      browser.open(address);
      assertThat(browser.barriers()).as(address).isEmpty();
    }
    browser.open("/login?error");
    browser.until("the user can be typed", () -> focused("username"));
    assertThat(browser.run("return getComputedStyle(document.activeElement).outlineStyle"))
        .as("the focus is seen")
        .isEqualTo("solid");
    browser.screenshot("login-" + width + (dark ? "-dark" : ""));
    assertThat(browser.run("return document.documentElement.scrollWidth <= innerWidth"))
        .isEqualTo(true);
  }
}
