package io.caravel;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import org.junit.jupiter.api.Test;

/**
 * Which room may know what. Plain tests: ArchUnit's own engine finds its rules in fields, and not
 * every Surefire runs those (TNG/ArchUnit, issue 1442).
 */
class ArchitectureTest {
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
            .resideOutsideOfPackages("io.caravel.thumbnail.vips..", "io.caravel.face.dlib..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.bytedeco..", "ai.onnxruntime..");
    rule.check(PROGRAM);
  }

  @Test
  void noRoomKnowsTheFlow() {
    ArchRule rule =
        noClasses()
            .that()
            .resideOutsideOfPackage("io.caravel.flow..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.caravel.flow..");
    rule.check(PROGRAM);
  }

  @Test
  void noRoomKnowsTheDoors() {
    ArchRule rule =
        noClasses()
            .that()
            .resideOutsideOfPackages("io.caravel.door..", "io.caravel.flow..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.caravel.door..");
    rule.check(PROGRAM);
  }

  @Test
  void metadataAndPlacesStandAlone() {
    ArchRule rule =
        slices()
            .matching("io.caravel.(metadata|place|thumbnail)..")
            .should()
            .notDependOnEachOther();
    rule.check(PROGRAM);
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
