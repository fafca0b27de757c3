package io.t2v.guidance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.testing.Golden;
import io.t2v.testing.NativeObjects;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClassifierFreeGuidanceTest {
  private static final GuidanceStep FIRST = new GuidanceStep(0, 1, 999);

  /** Steps of a run of ten that are guided. */
  @ParameterizedTest
  @CsvSource({
    "3, 0, 1, 0, 10",
    "3, 0.2, 0.8, 2, 8",
    "3, 0.25, 0.85, 2, 8",
    "3, 0, 0.05, 0, 0",
    "3, 0.99, 1, 9, 10",
    "1, 0, 1, 0, 0",
    "-2, 0, 1, 0, 0",
  })
  void appliesFromStartToStop(double scale, double start, double stop, int first, int end) {
    ClassifierFreeGuidance guidance = new ClassifierFreeGuidance(scale, 0, start, stop);
    assertThat(
            IntStream.range(0, 10)
                .filter(i -> guidance.appliesTo(new GuidanceStep(i, 10, 100.0 * (9 - i)))))
        .containsExactlyElementsOf(IntStream.range(first, end).boxed().toList());
  }

  @Test
  void matchesTheReferencesFormulas() {
    Map<String, Object> json = Golden.json("guidance/rescale");
    Golden golden = Golden.tensors("guidance/rescale");
    for (Map<String, Object> test : Golden.cases(json, "cases")) {
      double scale = ((Number) test.get("guidance_scale")).doubleValue();
      double rescale = ((Number) test.get("guidance_rescale")).doubleValue();
      try (ComputeScope scope = ComputeScope.open(1)) {
        Tensor guided =
            new ClassifierFreeGuidance(scale, rescale, 0, 1)
                .newRun()
                .combine(tensor(golden, "negative"), tensor(golden, "positive"), FIRST);
        Golden.assertClose(
            test.toString(),
            HostTensors.toFloats(guided),
            golden.floats((String) test.get("name")),
            1e-6);
      }
    }
  }

  @Test
  void rescalesEachVideoByItself() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      Tensor negative = HostTensors.of(new float[] {0, 0, 5, 5}, 2, 1, 1, 1, 2);
      Tensor positive = HostTensors.of(new float[] {1, -1, 6, 2}, 2, 1, 1, 1, 2);
      Tensor guided =
          new ClassifierFreeGuidance(3, 1, 0, 1).newRun().combine(negative, positive, FIRST);
      // guided by 3: {3, -3} and {8, -4}, whose deviations are 3 times those of {1, -1}, {6, 2}
      assertThat(HostTensors.toFloats(guided))
          .containsExactly(new float[] {1, -1, 8 / 3f, -4 / 3f}, within(1e-6f));
    }
  }

  @Test
  void leavesNothingBehindButItsResult() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      Tensor negative = HostTensors.of(new float[] {0, 0.5f}, 1, 2);
      Tensor positive = HostTensors.of(new float[] {1, -1}, 1, 2);
      ClassifierFreeGuidance guidance = new ClassifierFreeGuidance(3, 0.7, 0, 1);
      guidance.newRun().combine(negative, positive, FIRST).close();
      NativeObjects objects = NativeObjects.count();
      guidance.newRun().combine(negative, positive, FIRST).close();
      objects.assertNoMore();
      assertThat(HostTensors.toFloats(positive)).containsExactly(1, -1);
    }
  }

  @Test
  void describesItself() {
    ClassifierFreeGuidance guidance = new ClassifierFreeGuidance(9, 0.7, 0.1, 0.9);
    assertThat(guidance.name()).isEqualTo("ClassifierFreeGuidance");
    assertThat(guidance.config())
        .isEqualTo(Map.of("scale", 9.0, "rescale", 0.7, "start", 0.1, "stop", 0.9));
    assertThat(ClassifierFreeGuidance.ofScale(9)).isEqualTo(new ClassifierFreeGuidance(9, 0, 0, 1));
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, -0.1, 1.1})
  void refusesSharesOutOfRange(double share) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ClassifierFreeGuidance(9, share, 0, 1))
        .withMessage("guidanceRescale is " + share + ", expected 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ClassifierFreeGuidance(9, 0, share, 1))
        .withMessage("guidanceStart is " + share + ", expected 0 to 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ClassifierFreeGuidance(9, 0, 0, share))
        .withMessage("guidanceStop is " + share + ", expected 0 to 1");
  }

  @Test
  void isBuiltOfNamedValues() {
    ClassifierFreeGuidance guidance =
        ClassifierFreeGuidance.builder().scale(9).rescale(0.7).start(0.1).stop(0.9).build();
    assertThat(guidance).isEqualTo(new ClassifierFreeGuidance(9, 0.7, 0.1, 0.9));
    assertThat(guidance.toBuilder().scale(3).build())
        .isEqualTo(new ClassifierFreeGuidance(3, 0.7, 0.1, 0.9));
    assertThat(ClassifierFreeGuidance.builder().build())
        .isEqualTo(ClassifierFreeGuidance.ofScale(1));
    assertThatIllegalStateException()
        .isThrownBy(() -> ClassifierFreeGuidance.builder().scale(9).scale(3))
        .withMessage("scale was already set to 9.0, now 3.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClassifierFreeGuidance.builder().rescale(2))
        .withMessage("guidanceRescale is 2.0, expected 0 to 1");
  }

  @Test
  void refusesARangeWithoutSteps() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ClassifierFreeGuidance(9, 0, 0.5, 0.5))
        .withMessage("guidanceStart is 0.5, expected less than guidanceStop, 0.5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GuidanceStep(3, 3, 0))
        .withMessage("index is 3, expected 0 to 2");
  }

  private static Tensor tensor(Golden golden, String name) {
    return HostTensors.of(golden.floats(name), 2, 4, 3, 5, 6);
  }
}
