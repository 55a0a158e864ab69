package io.caravel.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.caravel.ground.Failure;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What steps of the user's made of each photo: JSON objects, in the table {@code results}. */
@Component("results")
public class Results {
  /** Characters of JSON. */
  private static final int LONGEST = 1 << 20;

  private static final ObjectMapper JSON = JsonMapper.builder().findAndAddModules().build();

  private final JdbcClient database;

  Results(JdbcClient database) {
    this.database = database;
  }

  /**
   * Keeps a result in place of the one before. In the transaction that ends the job.
   *
   * @param made a JSON object as text, or what becomes one
   * @throws Failure {@code no-json}, {@code result-too-large}
   */
  public void keep(Job job, @Nullable Object made) {
    String json = read(job.queue(), made).toString();
    if (json.length() > LONGEST) {
      throw Failure.lasting(
          "result-too-large",
          "The step %s answered %d characters of JSON: keep to a million, then replay it."
              .formatted(job.queue(), json.length()));
    }
    database
        .sql("delete from results where image_id = :photo and step = :step")
        .param("photo", job.photo().id())
        .param("step", job.queue())
        .update();
    if (!json.equals("{}")) {
      database
          .sql("insert into results (image_id, step, result) values (:photo, :step, :json)")
          .param("photo", job.photo().id())
          .param("step", job.queue())
          .param("json", json)
          .update();
    }
  }

  /**
   * What a step made, as JSON.
   *
   * @throws Failure {@code no-json}: it is no object
   */
  public static JsonNode read(String step, @Nullable Object made) {
    JsonNode json = null;
    String why = "";
    try {
      json =
          made instanceof CharSequence text
              ? JSON.readTree(text.toString())
              : JSON.valueToTree(made);
    } catch (JsonProcessingException e) {
      why = " (" + e.getOriginalMessage() + ")";
    } catch (IllegalArgumentException e) {
      why = " (" + e.getMessage() + ")";
    }
    if (json == null || !json.isObject()) {
      throw Failure.lasting(
          "no-json",
          "The step %s is to end with a JSON object as its body, and ended with %s%s: correct %s.camel.yaml, then replay it."
              .formatted(step, shown(made), why, step));
    }
    return json;
  }

  private static String shown(@Nullable Object made) {
    String text = String.valueOf(made);
    return made == null || text.isBlank()
        ? "nothing"
        : "\"" + (text.length() > 80 ? text.substring(0, 80) + "…" : text) + "\"";
  }

  /** What the steps made of a photo, by step. */
  public Map<String, JsonNode> of(long photo) {
    Map<String, JsonNode> results = new LinkedHashMap<>();
    database
        .sql("select step, result from results where image_id = :photo order by step")
        .param("photo", photo)
        .query(
            row -> {
              String step = row.getString("step");
              results.put(step, read(step, row.getString("result")));
            });
    return results;
  }
}
