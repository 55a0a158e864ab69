package io.caravel;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;

/** Which room may know what. */
@AnalyzeClasses(packages = "io.caravel", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule onlyTheFlowKnowsCamel =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.caravel.flow..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.camel..");

  @ArchTest
  static final ArchRule onlyTheBindingsKnowNativeCode =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.caravel.thumbnail.vips..", "io.caravel.face.dlib..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bytedeco..");

  @ArchTest
  static final ArchRule noRoomKnowsTheFlow =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.caravel.flow..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.caravel.flow..");

  @ArchTest
  static final ArchRule noRoomKnowsTheDoors =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.caravel.door..", "io.caravel.flow..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.caravel.door..");

  @ArchTest
  static final ArchRule metadataAndPlacesStandAlone =
      slices().matching("io.caravel.(metadata|place|thumbnail)..").should().notDependOnEachOther();

  @ArchTest
  static final ArchRule nobodySleeps =
      noClasses()
          .should()
          .callMethodWhere(target(owner(name("java.lang.Thread"))).and(target(name("sleep"))));

  @ArchTest
  static final ArchRule nobodyWritesPastTheLog =
      GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

  @ArchTest
  static final ArchRule fieldsAreNotInjected =
      GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION;

  @ArchTest
  static final ArchRule namesAreTheFieldsTerms =
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
}
