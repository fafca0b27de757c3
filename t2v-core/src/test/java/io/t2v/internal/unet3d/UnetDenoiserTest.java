package io.t2v.internal.unet3d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

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
import org.junit.jupiter.api.Test;
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

  @Test
  void readsTheTextOfEachFrame() {
    Map<String, Object> json = Golden.json("unet/text-of-each-frame");
    Golden golden = Golden.tensors("unet/text-of-each-frame");
    try (UnetDenoiser denoiser = open((String) json.get("model"))) {
      for (Map<String, Object> test : Golden.cases(json, "cases")) {
        String name = (String) test.get("name");
        double timestep = ((Number) test.get("timestep")).doubleValue();
        Golden.assertClose(
            name,
            predict(denoiser, golden, name, timestep),
            golden.floats(name + ".output"),
            TOLERANCE);
      }
    }
  }

  /** Up to rounding: rows of one text are multiplied together, those of several by themselves. */
  @Test
  void theSameTextForEachFrameIsOneText() {
    Golden golden = Golden.tensors("unet/four-levels");
    try (UnetDenoiser denoiser = open("four-levels");
        ComputeScope scope = ComputeScope.open(1)) {
      Tensor latents = tensor(golden, "five-frames.sample");
      Tensor text = tensor(golden, "five-frames.text");
      Tensor repeated = text.unsqueeze(1).repeat(1, 5, 1, 1);
      try (BoundDenoiser one = denoiser.bind(Conditioning.onText(text));
          BoundDenoiser each = denoiser.bind(Conditioning.onText(repeated))) {
        Golden.assertClose(
            "a text of each frame",
            HostTensors.toFloats(each.predict(latents, 481, BlockListener.none())),
            HostTensors.toFloats(one.predict(latents, 481, BlockListener.none())),
            TOLERANCE);
      }
    }
  }

  @Test
  void refusesTextsOfAnotherNumberOfFrames() {
    Golden golden = Golden.tensors("unet/four-levels");
    try (UnetDenoiser denoiser = open("four-levels");
        ComputeScope scope = ComputeScope.open(1)) {
      Tensor repeated = tensor(golden, "five-frames.text").unsqueeze(1).repeat(1, 4, 1, 1);
      try (BoundDenoiser bound = denoiser.bind(Conditioning.onText(repeated))) {
        assertThatIllegalArgumentException()
            .isThrownBy(
                () -> bound.predict(tensor(golden, "five-frames.sample"), 1, BlockListener.none()))
            .withMessage("latents have 5 frames, but the text was bound for 4");
      }
    }
  }

  private UnetDenoiser open(String model) {
    CheckpointFiles checkpoint =
        CheckpointFiles.open(GoldenModel.write(model, folder.resolve(model)));
    return UnetDenoiser.open(checkpoint.unetConfig(), checkpoint.unetWeights());
  }

  private static float[] predict(
      UnetDenoiser denoiser, Golden golden, String name, double timestep) {
    try (ComputeScope scope = ComputeScope.open(1)) {
      Tensor text = tensor(golden, name + ".text");
      try (BoundDenoiser bound = denoiser.bind(Conditioning.onText(text))) {
        return HostTensors.toFloats(
            bound.predict(tensor(golden, name + ".sample"), timestep, BlockListener.none()));
      }
    }
  }

  private static Tensor tensor(Golden golden, String name) {
    return HostTensors.of(golden.floats(name), golden.shape(name));
  }
}
