package io.caravel.metadata;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * ExifTool's answer for one photo, {@code group:tag} to value, asked by several names in order of
 * preference: {@code IFD0:Make} exactly, {@code *:Make} in whichever group it comes first. Whatever
 * a value is, no question throws: what is not of the kind asked for is not there.
 */
final class Tags {
  private static final String ANY_GROUP = "*:";

  private final JsonNode values;

  Tags(JsonNode values) {
    this.values = values;
  }

  /** The first name with a text or number left when blanks are trimmed. */
  Optional<String> text(String... names) {
    return values(names)
        .filter(JsonNode::isValueNode)
        .flatMap(value -> text(value).stream())
        .findFirst();
  }

  /** Each text or number left when blanks are trimmed, of all groups where any is asked for. */
  List<String> texts(String... names) {
    return values(names)
        .filter(JsonNode::isValueNode)
        .flatMap(value -> text(value).stream())
        .toList();
  }

  /** The texts of a list, or the one text. */
  List<String> list(String name) {
    return node(name).stream()
        .flatMap(value -> value.isArray() ? elements(value) : Stream.of(value))
        .filter(JsonNode::isValueNode)
        .flatMap(value -> text(value).stream())
        .toList();
  }

  private static Stream<JsonNode> elements(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false);
  }

  /** Whatever stands under a name. */
  Optional<JsonNode> node(String name) {
    return Optional.ofNullable(values.get(name));
  }

  /** The first name with a finite number; text that reads as one is one. */
  OptionalDouble number(String... names) {
    return numbers(names).findFirst();
  }

  /** The first name with a number in these bounds. */
  OptionalDouble between(double least, double most, String... names) {
    return numbers(names).filter(number -> number >= least && number <= most).findFirst();
  }

  OptionalInt positiveWhole(String... names) {
    return numbers(names)
        .filter(number -> number >= 1 && number <= Integer.MAX_VALUE)
        .mapToInt(number -> (int) number)
        .findFirst();
  }

  /** Whether any of the names is there, be it empty. */
  boolean has(String... names) {
    return values(names).findAny().isPresent();
  }

  Stream<String> names() {
    return values.properties().stream().map(Map.Entry::getKey);
  }

  /** Text without control characters, its blanks trimmed. */
  static Optional<String> text(JsonNode value) {
    String text = value.isNull() ? "" : value.asText();
    String clean = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return clean.isEmpty() ? Optional.empty() : Optional.of(clean);
  }

  /** A number in text as {@link Double#valueOf} reads it; NaN when it is none. */
  static double parsed(String text) {
    // Double.valueOf takes "1f", "0x1p3" and "NaN" too, and is slow on very long text.
    if (text.length() > 40 || !text.matches("[-+]?[0-9]*\\.?[0-9]+([eE][-+]?[0-9]{1,4})?")) {
      return Double.NaN;
    }
    return Double.parseDouble(text);
  }

  private static double parsed(JsonNode value) {
    return value.isNumber() ? value.asDouble() : parsed(value.asText().strip());
  }

  private DoubleStream numbers(String... names) {
    return values(names)
        .filter(JsonNode::isValueNode)
        .mapToDouble(Tags::parsed)
        .filter(Double::isFinite);
  }

  private Stream<JsonNode> values(String... names) {
    return Stream.of(names).flatMap(this::values);
  }

  private Stream<JsonNode> values(String name) {
    if (!name.startsWith(ANY_GROUP)) {
      return Optional.ofNullable(values.get(name)).stream();
    }
    String ending = name.substring(1);
    return values.properties().stream()
        .filter(field -> field.getKey().endsWith(ending))
        .map(Map.Entry::getValue);
  }
}
