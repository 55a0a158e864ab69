package io.caravel.job;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * How each step makes its results at present: a hash of what its routes do, of the settings that
 * {@code caravel.steps.NAME.recipe} names and of the versions of its tools. Each job that is done
 * is given it, so that a change can be told from what was made before. Workers, tries, limits and
 * descriptions are no part of it. Thread-safe.
 */
@Component("recipes")
public class Recipes {
  private final Steps steps;
  private final List<Tool> tools;
  private final Map<String, String> routes = new ConcurrentHashMap<>();
  private final Map<String, String> hashes = new ConcurrentHashMap<>();

  Recipes(Steps steps, List<Tool> tools) {
    this.steps = steps;
    this.tools = tools;
  }

  /** What the routes of a step do, as a text that is the same for the same. Once at start. */
  public void routes(String step, String text) {
    routes.put(step, text);
  }

  /** The recipe of today, 64 hexadecimal digits; null: a tool's version is not known. */
  public @Nullable String of(String step) {
    return of(step, routes.getOrDefault(step, ""));
  }

  /** What it would be if the step's routes did that. */
  public @Nullable String of(String step, String text) {
    StringBuilder recipe = new StringBuilder(steps.recipe(step)).append('\n');
    for (Tool tool : tools) {
      if (tool.step().equals(step)) {
        String version = tool.version();
        if (version == null) {
          return null;
        }
        recipe.append(version).append('\n');
      }
    }
    return hashes.computeIfAbsent(recipe.append(text).toString(), Recipes::sha256);
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
