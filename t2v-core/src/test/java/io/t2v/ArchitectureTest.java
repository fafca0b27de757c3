package io.t2v;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Imports point one way: adapters, then the face, then the rooms, then what the rooms share, then
 * libtorch.
 */
@AnalyzeClasses(packages = "io.t2v", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String ADAPTERS = "io.t2v.modelscope..";
  private static final String FACE = "io.t2v";
  private static final String[] ROOMS = {
    "io.t2v.text..",
    "io.t2v.unet..",
    "io.t2v.vae..",
    "io.t2v.scheduler..",
    "io.t2v.guidance..",
    "io.t2v.offload..",
    "io.t2v.hub.."
  };
  private static final String[] SHARED = {"io.t2v.checkpoint..", "io.t2v.nn.."};
  private static final String TORCH = "io.t2v.torch..";
  private static final String DEVICE = "io.t2v.device..";

  @ArchTest
  static final ArchRule layers =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("adapters")
          .definedBy(ADAPTERS)
          .layer("face")
          .definedBy(FACE)
          .layer("rooms")
          .definedBy(ROOMS)
          .layer("shared")
          .definedBy(SHARED)
          .layer("torch")
          .definedBy(TORCH)
          .layer("device")
          .definedBy(DEVICE)
          .whereLayer("rooms")
          .mayOnlyBeAccessedByLayers("adapters", "face")
          .whereLayer("shared")
          .mayOnlyBeAccessedByLayers("face", "rooms")
          // every layer throws the exceptions that the face declares
          .ignoreDependency(
              not(resideInAPackage(FACE)),
              resideInAPackage(FACE).and(simpleNameEndingWith("Exception")))
          .whereLayer("face")
          .mayOnlyBeAccessedByLayers("adapters")
          .whereLayer("adapters")
          .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule everyPackageHasItsLayer =
      noClasses()
          .should(
              new ArchCondition<>("be in a package that no layer knows") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                  boolean known =
                      Stream.of(
                              Stream.of(ADAPTERS, FACE, TORCH, DEVICE),
                              Stream.of(ROOMS),
                              Stream.of(SHARED))
                          .flatMap(packages -> packages)
                          .anyMatch(pattern -> resideInAPackage(pattern).test(type));
                  events.add(
                      new SimpleConditionEvent(
                          type, !known, type.getName() + " is in no layer of ArchitectureTest"));
                }
              })
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule noCycles =
      slices().matching("io.t2v.(*)..").should().beFreeOfCycles().allowEmptyShould(true);

  @ArchTest
  static final ArchRule faceSpeaksJdkTypes =
      codeUnits()
          .that()
          .areDeclaredInClassesThat()
          .resideInAPackage(FACE)
          .and()
          .areDeclaredInClassesThat()
          .arePublic()
          .should(notMentionBytedeco())
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule faceHasNoNativeConstants =
      noFields()
          .that()
          .areDeclaredInClassesThat()
          .resideInAPackage(FACE)
          .and()
          .arePublic()
          .should()
          .haveRawType(resideInAPackage("org.bytedeco.."))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule silentOnStandardStreams =
      noClasses().should(ACCESS_STANDARD_STREAMS).allowEmptyShould(true);

  @ArchTest
  static final ArchRule logsThroughSystemLogger =
      noClasses().should(USE_JAVA_UTIL_LOGGING).allowEmptyShould(true);

  @ArchTest
  static final ArchRule leavesTheHostsSettingsAlone =
      noClasses()
          .that()
          .resideOutsideOfPackage(TORCH)
          .should()
          .callMethod(System.class, "setProperty", String.class, String.class)
          .allowEmptyShould(true);

  /** Users on a processor have no CUDA presets: only what runs on CUDA may need their classes. */
  @ArchTest
  static final ArchRule cudaIsForItsOwnClasses =
      noClasses()
          .that(
              not(
                  resideInAPackage(TORCH)
                      .and(describe("are of CUDA", type -> outermost(type).startsWith("Cuda")))))
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("org.bytedeco.cuda..", "org.bytedeco.pytorch.cuda..")
                  .or(simpleName("torch_cuda")))
          .allowEmptyShould(true);

  private static String outermost(JavaClass type) {
    return type.getEnclosingClass().map(ArchitectureTest::outermost).orElse(type.getSimpleName());
  }

  private static ArchCondition<JavaCodeUnit> notMentionBytedeco() {
    return new ArchCondition<>("not mention a native type in a signature that others can call") {
      @Override
      public void check(JavaCodeUnit unit, ConditionEvents events) {
        Set<JavaModifier> modifiers = unit.getModifiers();
        if (!modifiers.contains(JavaModifier.PUBLIC)
            && !modifiers.contains(JavaModifier.PROTECTED)) {
          return;
        }
        Set<String> natives =
            Stream.concat(unit.getParameterTypes().stream(), Stream.of(unit.getReturnType()))
                .map(JavaType::getAllInvolvedRawTypes)
                .flatMap(Set::stream)
                .map(JavaClass::getName)
                .filter(name -> name.startsWith("org.bytedeco."))
                .collect(Collectors.toSet());
        events.add(
            new SimpleConditionEvent(
                unit, natives.isEmpty(), unit.getFullName() + " mentions " + natives));
      }
    };
  }
}
