package io.caravel.photo;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All texts of a photo in one, each folded: the column {@code image_text.words}. */
public final class SearchedText {
  /** No folded text holds it, so none is found across two. */
  private static final String BETWEEN = "\u001F";

  /** Of the column. */
  private static final int LONGEST = 8000;

  private SearchedText() {}

  /**
   * The texts that are there, one behind the other; what is beyond 8,000 characters is not found.
   */
  public static String of(Stream<@Nullable String> texts) {
    String all =
        texts
            .filter(Objects::nonNull)
            .map(text -> Folded.of(Objects.requireNonNull(text)))
            .filter(text -> !text.isEmpty())
            .distinct()
            .collect(Collectors.joining(BETWEEN));
    if (all.length() <= LONGEST) {
      return all;
    }
    int end = Character.isHighSurrogate(all.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
    return all.substring(0, end);
  }

  /** As {@link #of(Stream)}. */
  public static String of(List<@Nullable String> texts) {
    return of(texts.stream());
  }
}
