package io.t2v.internal.unet3d;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnetDenoiserTest {
  private static final double TOLERANCE = 1e-5;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"four-levels", "odd-latents", "two-levels", "one-level"})
  void predictsWhatTheReferencePredicts(String model) {
    CheckpointFiles checkpoint =
        CheckpointFiles.open(GoldenModel.write(model, folder.resolve(model)));
    Golden golden = Golden.tensors("unet/" + model);
    int compared = 0;
    try (UnetDenoiser denoiser =
        UnetDenoiser.open(checkpoint.unetConfig(), checkpoint.unetWeights())) {
      for (Map<String, Object> test : Golden.cases(Golden.json("unet/" + model), "cases")) {
        if (test.get("timestep") instanceof Number timestep) {
          String name = (String) test.get("name");
          float[] output = predict(denoiser, golden, name, timestep.doubleValue());
          Golden.assertClose(
              model + " " + name, output, golden.floats(name + ".output"), TOLERANCE);
          compared++;
        }
      }
    }
    assertThat(compared).isGreaterThanOrEqualTo(7);
  }

  private static float[] predict(
      UnetDenoiser denoiser, Golden golden, String name, double timestep) {
    try (ComputeScope scope = ComputeScope.open(1)) {
      Tensor text = tensor(golden, name + ".text");
      Tensor condition =
          golden.has(name + ".timestep_cond") ? tensor(golden, name + ".timestep_cond") : null;
      try (BoundDenoiser bound = denoiser.bind(new Conditioning(text, condition, 1))) {
        return HostTensors.toFloats(
            bound.predict(tensor(golden, name + ".sample"), timestep, BlockListener.none()));
      }
    }
  }

  private static Tensor tensor(Golden golden, String name) {
    return HostTensors.of(golden.floats(name), golden.shape(name));
  }
}
