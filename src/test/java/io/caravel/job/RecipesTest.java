package io.caravel.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.mock.env.MockEnvironment;

/** A recipe is another when something else would be made, and the same when not. */
class RecipesTest {
  private final MockEnvironment environment =
      ShippedSteps.environment().withProperty("caravel.steps.faces.recipe", "yunet 0.8");

  private @Nullable String version = "dlib 19.24";

  private final Steps steps = new Steps(environment);
  private final Recipes recipes =
      new Recipes(
          steps,
          List.of(
              new Tool() {
                @Override
                public String step() {
                  return "faces";
                }

                @Override
                public @Nullable String version() {
                  return version;
                }
              }));

  @Test
  void aSettingAToolAndARouteMakeAnother() {
    String first = recipes.of("faces");
    assertThat(first).matches("[0-9a-f]{64}").isEqualTo(recipes.of("faces"));
    environment.setProperty("caravel.steps.faces.recipe", "yunet 0.5");
    steps.readAgain();
    String second = recipes.of("faces");
    version = "dlib 20";
    String third = recipes.of("faces");
    recipes.routes("faces", "{from:…}");
    String fourth = recipes.of("faces");
    assertThat(List.of(first, second, third, fourth)).doesNotHaveDuplicates();
    assertThat(recipes.of("faces", "{from:…}")).isEqualTo(fourth);
  }

  @Test
  void howOftenAndByHowManyIsNoPartOfIt() {
    String first = recipes.of("faces");
    environment.setProperty("caravel.steps.faces.workers", "9");
    environment.setProperty("caravel.steps.faces.tries", "9");
    environment.setProperty("caravel.steps.faces.limit-seconds", "9");
    environment.setProperty("caravel.steps.faces.about", "faces");
    steps.readAgain();
    assertThat(recipes.of("faces")).isEqualTo(first);
  }

  @Test
  void anothersToolIsNoPartOfIt() {
    String first = recipes.of("metadata");
    version = "dlib 20";
    assertThat(recipes.of("metadata")).isEqualTo(first);
  }

  @Test
  void withoutTheVersionOfAToolNothingIsKnown() {
    version = null;
    assertThat(recipes.of("faces")).isNull();
  }
}
