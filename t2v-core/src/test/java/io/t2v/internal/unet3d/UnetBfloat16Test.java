package io.t2v.internal.unet3d;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.device.ComputeDevice;
import io.t2v.device.Precision;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.memory.Placement;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.testing.Bfloat16;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bfloat16 changes, beside what it changes in the reference. */
class UnetBfloat16Test {
  private static final List<String> MODELS =
      List.of("four-levels", "odd-latents", "two-levels", "one-level", "wide");

  @TempDir Path folder;

  /**
   * On 32 inputs of five models together, since the error of one input is chance: the root mean
   * square of the difference to float32 relative to the prediction, both by their lengths. Of one
   * model, no more than half above the reference's.
   */
  @Test
  void errorIsAtMostTheReferences() {
    Bfloat16.computeOrBeRefused(
        () -> {
          Errors sum = new Errors(0, 0);
          for (String model : MODELS) {
            Errors own = errors(model);
            assertThat(own.squares).as(model).isLessThan(1.5 * 1.5 * own.referenceSquares);
            sum = sum.plus(own);
          }
          assertThat(sum.squares).isLessThanOrEqualTo(sum.referenceSquares);
        });
  }

  /** Sums of squares. */
  private record Errors(double squares, double referenceSquares) {
    Errors plus(Errors other) {
      return new Errors(squares + other.squares, referenceSquares + other.referenceSquares);
    }
  }

  private Errors errors(String model) {
    CheckpointFiles checkpoint =
        CheckpointFiles.open(GoldenModel.write(model, folder.resolve(model)));
    Golden golden = Golden.tensors("unet/" + model);
    Map<?, ?> references = (Map<?, ?>) Golden.json("unet/bfloat16").get(model);
    Errors sum = new Errors(0, 0);
    ComputeConfig compute = ComputeConfig.on(ComputeDevice.cpu(), Precision.BFLOAT16);
    try (UnetDenoiser denoiser =
        UnetDenoiser.open(
            checkpoint.unetConfig(),
            checkpoint.unetWeights(),
            new Placement(Component.DENOISER, OffloadPolicy.none(), compute))) {
      for (Map<String, Object> test : Golden.cases(Golden.json("unet/" + model), "cases")) {
        if (test.get("timestep") instanceof Number timestep) {
          String name = (String) test.get("name");
          double error = error(denoiser, golden, name, timestep.doubleValue());
          double reference =
              ((Number) ((Map<?, ?>) references.get(name)).get("relative")).doubleValue();
          sum = sum.plus(new Errors(error * error, reference * reference));
        }
      }
    }
    return sum;
  }

  private static double error(UnetDenoiser denoiser, Golden golden, String name, double timestep) {
    try (ComputeScope scope = ComputeScope.open(1);
        BoundDenoiser bound = denoiser.bind(Conditioning.onText(tensor(golden, name + ".text")))) {
      Tensor predicted =
          bound.predict(tensor(golden, name + ".sample"), timestep, BlockListener.none());
      Tensor expected = tensor(golden, name + ".output");
      return predicted.sub(expected).norm().item_double() / expected.norm().item_double();
    }
  }

  private static Tensor tensor(Golden golden, String name) {
    return HostTensors.of(golden.floats(name), golden.shape(name));
  }
}
