package io.t2v;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
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
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Dependencies point one way; docs/architecture.md draws the layers. A class may use those of its
 * own layer and of the layers below it.
 */
@AnalyzeClasses(packages = "io.t2v", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String API = "io.t2v";
  private static final String TORCH = "io.t2v.internal.torch";

  /** From the top to the bottom; the packages of one layer stand beside each other. */
  private static final List<Set<String>> LAYERS =
      List.of(
          Set.of("io.t2v.modelscope"),
          Set.of(API),
          Set.of("io.t2v.internal.pipeline"),
          Set.of("io.t2v.internal.clip", "io.t2v.internal.unet3d", "io.t2v.internal.autoencoder"),
          Set.of("io.t2v.internal.nn", "io.t2v.internal.memory"),
          Set.of("io.t2v.internal.weights"),
          Set.of("io.t2v.adapter"),
          Set.of("io.t2v.internal.adapter"),
          Set.of("io.t2v.internal.files", "io.t2v.hub"),
          Set.of(
              "io.t2v.text",
              "io.t2v.unet",
              "io.t2v.vae",
              "io.t2v.scheduler",
              "io.t2v.guidance",
              "io.t2v.offload"),
          Set.of(TORCH),
          Set.of("io.t2v.device", "io.t2v.checkpoint"),
          Set.of("io.t2v.internal.io", "io.t2v.internal.watermark"));

  @ArchTest
  static final ArchRule dependenciesPointOneWay =
      classes()
          .should(
              new ArchCondition<>("depend on their own layer and those below it alone") {
                @Override
                public void check(JavaClass type, ConditionEvents events) {
                  type.getDirectDependenciesFromSelf().stream()
                      .filter(dependency -> isOurs(dependency.getTargetClass()))
                      .forEach(
                          dependency ->
                              events.add(
                                  new SimpleConditionEvent(
                                      type,
                                      layer(type) <= layer(dependency.getTargetClass()),
                                      dependency.getDescription())));
                }
              });

  @ArchTest
  static final ArchRule noCycles = slices().assignedFrom(packages()).should().beFreeOfCycles();

  private static SliceAssignment packages() {
    return new SliceAssignment() {
      @Override
      public SliceIdentifier getIdentifierOf(JavaClass type) {
        return isOurs(type) ? SliceIdentifier.of(type.getPackageName()) : SliceIdentifier.ignore();
      }

      @Override
      public String getDescription() {
        return "the packages of the library, the top one included";
      }
    };
  }

  private static boolean isOurs(JavaClass type) {
    return type.getPackageName().equals(API) || type.getPackageName().startsWith(API + ".");
  }

  private static int layer(JavaClass type) {
    for (int i = 0; i < LAYERS.size(); i++) {
      if (LAYERS.get(i).contains(type.getPackageName())) {
        return i;
      }
    }
    throw new AssertionError(type.getName() + " is in no layer of ArchitectureTest");
  }

  @ArchTest
  static final ArchRule apiSpeaksJdkTypes =
      codeUnits()
          .that()
          .areDeclaredInClassesThat()
          .resideInAPackage(API)
          .and()
          .areDeclaredInClassesThat()
          .arePublic()
          .should(notMentionBytedeco());

  @ArchTest
  static final ArchRule apiHasNoNativeConstants =
      noFields()
          .that()
          .areDeclaredInClassesThat()
          .resideInAPackage(API)
          .and()
          .arePublic()
          .should()
          .haveRawType(resideInAPackage("org.bytedeco.."));

  @ArchTest
  static final ArchRule silentOnStandardStreams = noClasses().should(ACCESS_STANDARD_STREAMS);

  @ArchTest
  static final ArchRule logsThroughSystemLogger = noClasses().should(USE_JAVA_UTIL_LOGGING);

  @ArchTest
  static final ArchRule leavesTheHostsSettingsAlone =
      noClasses()
          .that()
          .resideOutsideOfPackage(TORCH)
          .and()
          .doNotHaveSimpleName("NativeMemoryLimits")
          .should()
          .callMethod(System.class, "setProperty", String.class, String.class);

  /** Who computes on a CPU has no CUDA presets: only classes named Cuda... may need them. */
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
                  .or(simpleName("torch_cuda")));

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
