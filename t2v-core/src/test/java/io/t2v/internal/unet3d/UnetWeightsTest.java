package io.t2v.internal.unet3d;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.internal.weights.RandomWeights;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights that do not belong to the configuration beside them. */
class UnetWeightsTest {
  private static final String HINT = "The configuration beside it may belong to other weights.";

  @TempDir Path folder;
  private CheckpointFiles checkpoint;
  private Path file;
  private final Map<String, long[]> shapes = new TreeMap<>();

  @BeforeEach
  void listParameters() {
    TorchRuntime.load();
    checkpoint = CheckpointFiles.open(GoldenModel.write("one-level", folder));
    file = folder.resolve("unet/diffusion_pytorch_model.safetensors");
    UnetDenoiser.listParameters(checkpoint.unetConfig(), shapes::put);
  }

  @Test
  void acceptsWhatItLists() throws IOException {
    RandomWeights.write(file, shapes, 1, "F16");
    UnetDenoiser.open(checkpoint.unetConfig(), checkpoint.unetWeights()).close();
  }

  @Test
  void namesAMissingTensor() throws IOException {
    shapes.remove("mid_block.resnets.1.conv2.bias");
    assertRefused(
        "Tensor mid_block.resnets.1.conv2.bias of shape [16] is missing in " + file, HINT);
  }

  @Test
  void namesASurplusTensor() throws IOException {
    shapes.put("down_blocks.0.adapter.weight", new long[] {3, 5});
    assertRefused(
        file + " holds 1 tensors that this network does not have",
        "down_blocks.0.adapter.weight of shape [3, 5]",
        HINT);
  }

  @Test
  void namesAMisshapenTensor() throws IOException {
    shapes.put("conv_out.weight", new long[] {4, 16, 1, 1});
    assertRefused(
        "Tensor conv_out.weight in " + file,
        "has the shape [4, 16, 1, 1], expected [4, 16, 3, 3]",
        HINT);
  }

  @Test
  void namesATensorOfTooFewDimensions() throws IOException {
    shapes.put("time_embedding.linear_1.weight", new long[] {64 * 16});
    assertRefused(
        "Tensor time_embedding.linear_1.weight", "has the shape [1024], expected [64, 16]");
  }

  private void assertRefused(String... parts) throws IOException {
    RandomWeights.write(file, shapes, 1, "F32");
    NativeObjects objects = NativeObjects.count();
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> UnetDenoiser.open(checkpoint.unetConfig(), checkpoint.unetWeights()))
        .withMessageContainingAll(parts);
    objects.assertNoMore();
  }
}
