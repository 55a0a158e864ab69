package io.caravel.metadata;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.caravel.photo.Sidecar;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the files beside a photo tell of it, the most telling first.
 *
 * @param xmp of XMP files, as ExifTool read them
 */
record Beside(List<Tags> xmp, List<Takeout> takeout) {

  /**
   * @param answers what ExifTool said, by path
   */
  static Beside of(List<Sidecar> sidecars, Map<String, ObjectNode> answers) {
    List<Tags> xmp = new ArrayList<>();
    List<Takeout> takeout = new ArrayList<>();
    for (Sidecar sidecar : sidecars) {
      ObjectNode said = answers.get(sidecar.file().toString());
      if (said != null) {
        xmp.add(new Tags(said));
      }
      if (sidecar.isTakeout()) {
        Takeout.read(sidecar.file()).ifPresent(takeout::add);
      }
    }
    return new Beside(xmp, takeout);
  }

  /** What is said here, and then what the photo itself says. */
  List<Tags> withOwn(Tags own) {
    return Stream.concat(xmp.stream(), Stream.of(own)).toList();
  }

  /** When it was taken, as Takeout says. */
  @Nullable Instant taken() {
    return takeout.stream().map(Takeout::taken).filter(Objects::nonNull).findFirst().orElse(null);
  }

  /** The photo's own position where that is valid, else what these tell. */
  Position position(Position own) {
    return Stream.of(
            Stream.of(own),
            xmp.stream().map(Position::of),
            takeout.stream().flatMap(each -> each.position().stream()))
        .flatMap(each -> each)
        .filter(position -> position.kind().equals(Position.VALID))
        .findFirst()
        .orElse(own);
  }

  /** What is written here, and the photo's own words where that says nothing. */
  Words words(Words own) {
    List<Words> all =
        Stream.of(xmp.stream().map(Words::of), takeout.stream().map(Beside::words), Stream.of(own))
            .flatMap(each -> each)
            .toList();
    return new Words(
        first(all, Words::title),
        first(all, Words::headline),
        first(all, Words::caption),
        firstList(all, Words::keywords),
        first(all, Words::creator),
        first(all, Words::copyright),
        first(all, Words::rating),
        first(all, Words::label),
        firstList(all, Words::persons));
  }

  private static Words words(Takeout takeout) {
    return Words.ofTakeout(takeout.description(), takeout.people());
  }

  private static <T> @Nullable T first(List<Words> all, Function<Words, @Nullable T> what) {
    return all.stream()
        .flatMap(words -> Optional.<T>ofNullable(what.apply(words)).stream())
        .findFirst()
        .orElse(null);
  }

  private static List<String> firstList(List<Words> all, Function<Words, List<String>> what) {
    return all.stream().map(what).filter(list -> !list.isEmpty()).findFirst().orElse(List.of());
  }
}
