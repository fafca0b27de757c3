package io.t2v.internal.unet3d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.memory.Placement;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.FreeU;
import io.t2v.unet.UnetAdjustments;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** FreeU and the strengths of temporal layers, beside the reference's and beside each other. */
class UnetAdjustmentsTest {
  private static final double TOLERANCE = 1e-5;
  private static final FreeU FREE_U = new FreeU(1.3, 1.6, 0.7, 0.2);

  @TempDir Path folder;

  @Test
  void filtersSkipConnectionsOfAnySizeAsTheReference() {
    Map<String, Object> json = Golden.json("unet/freeu-filter");
    Golden golden = Golden.tensors("unet/freeu-filter");
    double factor = ((Number) json.get("scale")).doubleValue();
    List<?> sizes = (List<?>) json.get("sizes");
    try (ComputeScope scope = ComputeScope.open(1)) {
      for (Object size : sizes) {
        List<?> edges = (List<?>) size;
        String name = edges.get(0) + "x" + edges.get(1);
        Tensor filtered = FreeUScaling.scaleLowFrequencies(tensor(golden, name + ".input"), factor);
        Golden.assertClose(
            name,
            HostTensors.toFloats(filtered.contiguous()),
            golden.floats(name + ".output"),
            TOLERANCE);
      }
    }
    assertThat(sizes).hasSize(12);
  }

  @Test
  void predictsWhatTheAdjustedReferencePredicts() {
    Golden golden = Golden.tensors("unet/adjustments");
    List<Map<String, Object>> cases = Golden.cases(Golden.json("unet/adjustments"), "cases");
    for (String model : List.of("four-levels", "odd-latents", "two-levels", "one-level")) {
      try (UnetDenoiser denoiser = open(model, OffloadPolicy.none())) {
        for (Map<String, Object> test : cases) {
          if (test.get("model").equals(model)) {
            double timestep = number(test, "timestep");
            String name = model + "." + test.get("change");
            Golden.assertClose(
                name,
                predict(denoiser, golden, model, timestep, 1, adjustments(test)),
                golden.floats(name),
                TOLERANCE);
          }
        }
      }
    }
    assertThat(cases).hasSize(14);
  }

  private static UnetAdjustments adjustments(Map<String, Object> test) {
    if (test.containsKey("b1")) {
      return freeU(
          new FreeU(
              number(test, "b1"), number(test, "b2"), number(test, "s1"), number(test, "s2")));
    }
    return new UnetAdjustments(
        Optional.empty(), number(test, "attention"), number(test, "convolution"));
  }

  private static UnetAdjustments freeU(FreeU freeU) {
    return new UnetAdjustments(Optional.of(freeU), 1, 1);
  }

  private static double number(Map<String, Object> test, String name) {
    return ((Number) test.get(name)).doubleValue();
  }

  @Test
  void factorsOfOneChangeNothingButRounding() {
    Golden golden = Golden.tensors("unet/adjustments");
    try (UnetDenoiser denoiser = open("odd-latents", OffloadPolicy.none())) {
      float[] plain = predict(denoiser, golden, "odd-latents", 21, 1, UnetAdjustments.none());
      float[] neutral =
          predict(denoiser, golden, "odd-latents", 21, 1, freeU(new FreeU(1, 1, 1, 1)));
      Golden.assertClose("neutral", neutral, plain, TOLERANCE);
    }
  }

  /** Nothing of a generation's adjustments stays in the network, which others share. */
  @Test
  void generationsAtTheSameTimeKeepTheirOwnAdjustments() {
    Golden golden = Golden.tensors("unet/adjustments");
    UnetAdjustments all = new UnetAdjustments(Optional.of(FREE_U), 0.5, 0);
    try (UnetDenoiser denoiser = open("four-levels", OffloadPolicy.none());
        ComputeScope scope = ComputeScope.open(1)) {
      float[] plain = predict(denoiser, golden, "four-levels", 481, 1, UnetAdjustments.none());
      float[] adjusted = predict(denoiser, golden, "four-levels", 481, 1, all);
      Tensor latents = tensor(golden, "four-levels.sample");
      try (BoundDenoiser one = bind(denoiser, golden, "four-levels", 1, UnetAdjustments.none());
          BoundDenoiser other = bind(denoiser, golden, "four-levels", 1, all)) {
        for (int i = 0; i < 2; i++) {
          assertThat(predict(one, latents, 481)).isEqualTo(plain);
          assertThat(predict(other, latents, 481)).isEqualTo(adjusted);
        }
      }
      assertThat(adjusted).isNotEqualTo(plain);
    }
  }

  @Test
  void adjustsOffloadedBlocksAndMicroBatchesAlike() {
    Golden golden = Golden.tensors("unet/adjustments");
    UnetAdjustments all = new UnetAdjustments(Optional.of(FREE_U), 0.5, 0.8);
    float[] expected;
    try (UnetDenoiser denoiser = open("four-levels", OffloadPolicy.none())) {
      expected = predict(denoiser, golden, "four-levels", 481, 1, all);
      Golden.assertClose(
          "two samples at a time",
          predict(denoiser, golden, "four-levels", 481, 2, all),
          expected,
          TOLERANCE);
    }
    try (UnetDenoiser denoiser = open("four-levels", OffloadPolicy.disk())) {
      assertThat(predict(denoiser, golden, "four-levels", 481, 1, all)).isEqualTo(expected);
    }
  }

  @Test
  void leavesNoNativeObjectsBehind() {
    Golden golden = Golden.tensors("unet/adjustments");
    UnetAdjustments skipping = new UnetAdjustments(Optional.of(FREE_U), 0, 0);
    try (UnetDenoiser denoiser = open("one-level", OffloadPolicy.none())) {
      predict(denoiser, golden, "one-level", 999, 1, skipping);
      NativeObjects objects = NativeObjects.count();
      for (int i = 0; i < 10; i++) {
        predict(denoiser, golden, "one-level", 999, 1, skipping);
      }
      objects.assertNoMore();
    }
  }

  @Test
  void refusesFactorsAndStrengthsOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FreeU(1.2, 1.4, 0, 0.2))
        .withMessage("s1 of FreeU is 0.0, expected a number above 0; 1 changes nothing");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new UnetAdjustments(Optional.empty(), 1, Double.NaN))
        .withMessage(
            "temporalConvStrength is NaN, expected a number of at least 0; 1 is the model itself");
  }

  private UnetDenoiser open(String model, OffloadPolicy policy) {
    CheckpointFiles checkpoint =
        CheckpointFiles.open(GoldenModel.write(model, folder.resolve(model + policy)));
    return UnetDenoiser.open(
        checkpoint.unetConfig(),
        checkpoint.unetWeights(),
        new Placement(Component.DENOISER, policy));
  }

  private static float[] predict(
      UnetDenoiser denoiser,
      Golden golden,
      String model,
      double timestep,
      int microBatch,
      UnetAdjustments adjustments) {
    try (ComputeScope scope = ComputeScope.open(1);
        BoundDenoiser bound = bind(denoiser, golden, model, microBatch, adjustments)) {
      return predict(bound, tensor(golden, model + ".sample"), timestep);
    }
  }

  private static BoundDenoiser bind(
      UnetDenoiser denoiser,
      Golden golden,
      String model,
      int microBatch,
      UnetAdjustments adjustments) {
    Tensor text = tensor(golden, model + ".text");
    return denoiser.bind(new Conditioning(text, null, microBatch, adjustments));
  }

  private static float[] predict(BoundDenoiser bound, Tensor latents, double timestep) {
    return HostTensors.toFloats(bound.predict(latents, timestep, BlockListener.none()));
  }

  private static Tensor tensor(Golden golden, String name) {
    return HostTensors.of(golden.floats(name), golden.shape(name));
  }
}
