package io.caravel.metadata;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.caravel.photo.Folded;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The tables {@code image_words} and {@code image_keywords}, within the caller's transaction. */
final class ImageWords {
  /** Of the column. */
  private static final int LONGEST_KEYWORD = 255;

  private final JdbcClient database;
  private final ObjectMapper json = new ObjectMapper();

  ImageWords(JdbcClient database) {
    this.database = database;
  }

  /**
   * Writes the photo's words in place of what was there.
   *
   * @param known whether there is a row of them
   */
  void keep(long imageId, Words words, boolean known) {
    database
        .sql(
            known
                ? """
            update image_words set title = :title, headline = :headline, caption = :caption, keywords = :keywords,
              creator = :creator, copyright = :copyright, rating = :rating, label = :label, persons = :persons
            where image_id = :id
            """
                : """
            insert into image_words (image_id, title, headline, caption, keywords, creator, copyright, rating, label, persons)
            values (:id, :title, :headline, :caption, :keywords, :creator, :copyright, :rating, :label, :persons)
            """)
        .param("id", imageId)
        .param("title", words.title())
        .param("headline", words.headline())
        .param("caption", words.caption())
        .param("keywords", json(words.keywords()))
        .param("creator", words.creator())
        .param("copyright", words.copyright())
        .param("rating", words.rating())
        .param("label", words.label())
        .param("persons", json(words.persons()))
        .update();
    keepKeywords(imageId, words);
  }

  /** Only what changed: deleting rows that are not there makes InnoDB's transactions wait. */
  private void keepKeywords(long imageId, Words words) {
    Set<String> wanted = new LinkedHashSet<>();
    words.keywordParts().stream()
        .map(Folded::of)
        .filter(keyword -> !keyword.isEmpty())
        .map(ImageWords::cut)
        .forEach(wanted::add);
    Set<String> present =
        new HashSet<>(
            database
                .sql("select keyword from image_keywords where image_id = :id")
                .param("id", imageId)
                .query(String.class)
                .list());
    for (String keyword : present) {
      if (!wanted.contains(keyword)) {
        change(
            "delete from image_keywords where keyword = :keyword and image_id = :id",
            imageId,
            keyword);
      }
    }
    for (String keyword : wanted) {
      if (!present.contains(keyword)) {
        change(
            "insert ignore into image_keywords (keyword, image_id) values (:keyword, :id)",
            imageId,
            keyword);
      }
    }
  }

  private void change(String sql, long imageId, String keyword) {
    database.sql(sql).param("keyword", keyword).param("id", imageId).update();
  }

  /** Folding can make a text longer. */
  private static String cut(String keyword) {
    return keyword.codePointCount(0, keyword.length()) <= LONGEST_KEYWORD
        ? keyword
        : keyword.substring(0, keyword.offsetByCodePoints(0, LONGEST_KEYWORD)).strip();
  }

  private String json(List<String> texts) {
    try {
      return json.writeValueAsString(texts);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
