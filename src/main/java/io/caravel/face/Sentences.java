package io.caravel.face;

import static java.util.stream.Collectors.joining;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Decisions in words. */
final class Sentences {
  private static final int LONGEST = 1024;

  /** Faces that a sentence names one by one. */
  private static final int LISTED = 20;

  private Sentences() {}

  static String subject(List<Long> faces) {
    return faces.size() == 1 ? "Face " + faces.get(0) : faces.size() + " faces";
  }

  static String of(String action, List<FaceRow> faces) {
    String subject = subject(faces.stream().map(face -> face.id).toList());
    return switch (action) {
      case "confirm" -> subject + " confirmed as " + confirmed(faces) + ".";
      case "suggest" -> subject + " given another suggestion.";
      case "unknown" -> subject + " marked as unknown.";
      case "not_face" -> subject + " marked as no face.";
      default -> subject + " put back for review.";
    };
  }

  private static String confirmed(List<FaceRow> faces) {
    List<String> names = faces.stream().map(Sentences::name).distinct().toList();
    return names.size() <= 2
        ? String.join(" and ", names)
        : names.get(0) + " and " + (names.size() - 1) + " others";
  }

  static String renamed(FaceRow person, String name) {
    return name(person) + " renamed " + name + ".";
  }

  static String drawn(long face, long photo) {
    return "Face " + face + " drawn on photo " + photo + ".";
  }

  static String merged(FaceRow person, FaceRow into) {
    return name(person)
        + " (person "
        + person.id
        + ") merged into "
        + name(into)
        + " (person "
        + into.id
        + ").";
  }

  static String undone(Ledger.Entry decision, boolean again) {
    return cut((again ? "Made again: " : "Undone: ") + decision.sentence());
  }

  /** What was written into rows, and why it is not so. */
  static String putBack(Collection<Long> faces, String why) {
    String listed = faces.stream().limit(LISTED).map(String::valueOf).collect(joining(", "));
    int more = faces.size() - LISTED;
    return "Put back as it was what was written into the row of face%s %s%s. %s"
        .formatted(
            faces.size() == 1 ? "" : "s",
            listed,
            more > 0 ? " and %d more".formatted(more) : "",
            why.strip());
  }

  /** No longer than the column that it is kept in. */
  static String cut(String sentence) {
    return sentence.substring(0, Math.min(LONGEST, sentence.length()));
  }

  static String name(FaceRow face) {
    @Nullable String name = face.now.name();
    return Objects.requireNonNullElse(name, "a person without a name");
  }
}
