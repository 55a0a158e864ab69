package io.caravel;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Which room may know what. Plain tests: ArchUnit's own engine finds its rules in fields, and not
 * every Surefire runs those (TNG/ArchUnit, issue 1442).
 */
class ArchitectureTest {
  /** The package {@code io.caravel} itself, which starts the program. */
  private static final String START = "start";

  /** From the ground up. Rooms of one floor do not know each other. */
  private static final List<List<String>> FLOORS =
      List.of(
          List.of("ground", "request", "child"),
          List.of("database"),
          List.of("change"),
          List.of("photo", "search"),
          List.of("job"),
          List.of("thumbnail", "metadata", "place", "gallery"),
          List.of("face", "duplicate"),
          List.of("takeover"),
          List.of("door"),
          List.of("flow", START));

  private static final JavaClasses PROGRAM =
      new ClassFileImporter()
          .withImportOption(new DoNotIncludeTests())
          .importPackages("io.caravel");

  @Test
  void onlyTheFlowKnowsCamel() {
    ArchRule rule =
        noClasses()
            .that()
            .resideOutsideOfPackage("io.caravel.flow..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.camel..");
    rule.check(PROGRAM);
  }

  @Test
  void onlyTheBindingsKnowNativeCode() {
    ArchRule rule =
        noClasses()
            .that()
            .resideOutsideOfPackages(
                "io.caravel.thumbnail.vips..",
                "io.caravel.thumbnail.video..",
                "io.caravel.face.dlib..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.bytedeco..", "ai.onnxruntime..");
    rule.check(PROGRAM);
  }

  @Test
  void onlyTheSearchKnowsLucene() {
    ArchRule rule =
        noClasses()
            .that()
            .resideOutsideOfPackage("io.caravel.search..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.lucene..");
    rule.check(PROGRAM);
  }

  @Test
  void roomsKnowOnlyWhatLiesBelowThem() {
    LayeredArchitecture rule =
        layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer(START)
            .definedBy("io.caravel");
    for (String room : rooms().toList()) {
      rule = rule.layer(room).definedBy("io.caravel." + room + "..");
    }
    List<String> below = new ArrayList<>();
    for (List<String> floor : FLOORS) {
      for (String room : floor) {
        var of = rule.whereLayer(room);
        rule =
            below.isEmpty()
                ? of.mayNotAccessAnyLayer()
                : of.mayOnlyAccessLayers(below.toArray(String[]::new));
      }
      below.addAll(floor);
    }
    rule.check(PROGRAM);
  }

  @Test
  void everyRoomHasItsFloor() {
    Set<String> there =
        PROGRAM.stream()
            .map(JavaClass::getPackageName)
            .filter(name -> name.startsWith("io.caravel."))
            .map(name -> name.split("\\.")[2])
            .collect(Collectors.toSet());
    assertThat(rooms()).containsExactlyInAnyOrderElementsOf(there);
  }

  private static Stream<String> rooms() {
    return FLOORS.stream().flatMap(List::stream).filter(room -> !room.equals(START));
  }

  @Test
  void nobodySleeps() {
    ArchRule rule =
        noClasses()
            .should()
            .callMethodWhere(target(owner(name("java.lang.Thread"))).and(target(name("sleep"))));
    rule.check(PROGRAM);
  }

  @Test
  void nobodyWritesPastTheLog() {
    ArchRule rule =
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName("io.caravel.StartReport") // the log may not be there yet
            .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS);
    rule.check(PROGRAM);
  }

  @Test
  void fieldsAreNotInjected() {
    ArchRule rule = GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION;
    rule.check(PROGRAM);
  }

  @Test
  void namesAreTheFieldsTerms() {
    ArchRule rule =
        noClasses()
            .should()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Impl");
    rule.check(PROGRAM);
  }
}
