package io.caravel.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NominatimJsonTest {
  @ParameterizedTest
  @CsvSource({"city", "town", "village", "municipality", "hamlet"})
  void theCityIsWhateverKindOfTownIsNamed(String kind) throws IOException {
    GeocoderAnswer answer =
        read(
            "{'display_name':'Somewhere','address':{'%s':'Hallstatt','country':'Österreich'}}"
                .formatted(kind));
    assertThat(answer.found()).isTrue();
    assertThat(answer.city()).isEqualTo("Hallstatt");
    assertThat(answer.country()).isEqualTo("Österreich");
  }

  @Test
  void aPlaceWithoutANameIsCalledByItsAddress() throws IOException {
    GeocoderAnswer answer =
        read(
            "{'address':{'house_number':'3','road':'Seestraße','village':'Hallstatt','county':'Hallstatt','ISO3166-2-lvl4':'AT-4','postcode':'4830','country':'Österreich','country_code':'at'}}");
    assertThat(answer.found()).isTrue();
    assertThat(answer.name()).isEqualTo("3, Seestraße, Hallstatt, 4830, Österreich");
    assertThat(answer.city()).isEqualTo("Hallstatt");
  }

  @Test
  void anAddressIsToldInItsFirstParts() throws IOException {
    String parts =
        IntStream.rangeClosed(1, 100)
            .mapToObj(part -> "'k%d':'p%d'".formatted(part, part))
            .collect(Collectors.joining(","));
    assertThat(read("{'address':{%s}}".formatted(parts)).name())
        .isEqualTo(
            IntStream.rangeClosed(1, 20)
                .mapToObj(part -> "p" + part)
                .collect(Collectors.joining(", ")));
  }

  @Test
  void neitherNameNorAddressIsNoAnswer() {
    assertThatThrownBy(() -> read("{'address':{'country_code':'at'}}"))
        .isInstanceOf(IOException.class);
  }

  @Test
  void theLicenceIsTheAttribution() throws IOException {
    assertThat(read("{'display_name':'x','licence':'Data © X'}").attribution())
        .isEqualTo("Data © X");
  }

  @Test
  void openStreetMapIsThankedWhereTheAnswerNamesNobody() throws IOException {
    assertThat(read("{'display_name':'x'}").attribution())
        .isEqualTo("© OpenStreetMap contributors");
  }

  @Test
  void noAddressIsAnAnswer() throws IOException {
    GeocoderAnswer answer = read("{'error':'Unable to geocode'}");
    assertThat(answer.found()).isFalse();
    assertThat(answer.name()).isNull();
  }

  @Test
  void namesLoseWhatEndsALineOrTurnsItsDirection() throws IOException {
    GeocoderAnswer answer =
        read(
            "{'display_name':'Rue\\n\\u202Egpj.exe\\u202C\\u0000, \\u2028Łódź\\u200F','address':{'city':'\\u2066\\u0007','town':'\\ud800A\\u061C','country':'\\u0641\\u200C\\u0627'}}");
    assertThat(answer.name()).isEqualTo("Rue gpj.exe , Łódź");
    assertThat(answer.city()).isEqualTo("A");
    assertThat(answer.country()).as("a joiner is part of a word").isEqualTo("\u0641\u200C\u0627");
  }

  @Test
  void longNamesAreCutToTheirColumnsAndNotWithinAnEmoji() throws IOException {
    String name = "x".repeat(1023) + "😀";
    GeocoderAnswer answer =
        read(
            "{'display_name':'%s','address':{'city':'%s','country':'%s'}}"
                .formatted(name, "c".repeat(300), "d".repeat(256)));
    assertThat(answer.name()).isEqualTo("x".repeat(1023));
    assertThat(answer.city()).hasSize(255);
    assertThat(answer.country()).hasSize(255);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>",
        "[]",
        "{}",
        "null",
        "{'display_name':5}",
        "{'display_name':'x'",
        "{'display_name':'x'} {}",
        "{'error':'overloaded'}"
      })
  void anythingElseIsNoAnswer(String json) {
    assertThatThrownBy(() -> read(json)).isInstanceOf(IOException.class);
  }

  @Test
  void bytesThatAreNoTextAreNoAnswer() {
    byte[] bytes = "{\"display_name\":\"Wien?\"}".getBytes(StandardCharsets.US_ASCII);
    bytes[21] = (byte) 0xff;
    assertThatThrownBy(() -> NominatimJson.read(bytes)).isInstanceOf(IOException.class);
  }

  private static GeocoderAnswer read(String json) throws IOException {
    return NominatimJson.read(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }
}
