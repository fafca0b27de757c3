package io.t2v.unet;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.internal.unet3d.UnetDenoiser;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A UNet as wide as the published one against the reference. From 256 channels on, convolutions run
 * on other kernels than those of the narrow models. In each prediction, and for each clip, these
 * run (counted with a print in each kernel):
 *
 * <ul>
 *   <li>{@code WinogradConv2d} six times, in the residual layers of the outer level: with as many
 *       output channels as input channels or fewer, on images whose width is a multiple of four or
 *       is not;
 *   <li>{@code Im2colConv2d} ten times, in those of the inner level, on images of 4 × 4, 3 × 4 or 4
 *       × 5;
 *   <li>{@code DifferenceUpsample} once, between the levels: to twice the height and width, or to
 *       one less in height, in width or in both.
 * </ul>
 */
class WideUnetTest {
  private static final double TOLERANCE = 1e-5;
  private static final int WIDE = 256;

  @TempDir private static Path folder;
  private static CheckpointFiles checkpoint;

  @BeforeAll
  static void writeModel() {
    checkpoint = CheckpointFiles.open(GoldenModel.write("wide", folder.resolve("wide")));
  }

  @Test
  void predictsWhatTheReferencePredicts() {
    Golden golden = Golden.tensors("unet/wide");
    int compared = 0;
    try (UnetDenoiser denoiser =
        UnetDenoiser.open(checkpoint.unetConfig(), checkpoint.unetWeights())) {
      for (Map<String, Object> test : Golden.cases(Golden.json("unet/wide"), "cases")) {
        String name = (String) test.get("name");
        double timestep = ((Number) test.get("timestep")).doubleValue();
        Golden.assertClose(
            name,
            predict(denoiser, golden, name, timestep),
            golden.floats(name + ".output"),
            TOLERANCE);
        compared++;
      }
    }
    assertThat(compared).isEqualTo(4);
  }

  /**
   * The memory for weights tells which kernels a network holds. A Winograd convolution holds six
   * kernels of 3 × 1 where the file has three, and six biases. Every other layer holds as much as
   * the file. The inner level, with half of all convolution weights, must stay at that.
   */
  @Test
  void onlyTheOuterLevelTakesMoreMemoryThanItsFile() {
    Map<String, long[]> shapes = new TreeMap<>();
    UnetDenoiser.listParameters(checkpoint.unetConfig(), shapes::put);
    long inFile = 0;
    long added = 0;
    for (Map.Entry<String, long[]> parameter : shapes.entrySet()) {
      String name = parameter.getKey();
      long[] shape = parameter.getValue();
      inFile += bytes(shape);
      if (name.matches("(down_blocks\\.0|up_blocks\\.1)\\.resnets\\.\\d\\.conv[12]\\.weight")) {
        assertThat(Math.min(shape[0], shape[1])).as(name).isGreaterThanOrEqualTo(WIDE);
        added += bytes(shape) + 5 * bytes(shape[0]);
      }
    }
    long held =
        UnetDenoiser.footprint(
                checkpoint.unetConfig(), checkpoint.unetWeights(), ComputeConfig.cpu())
            .weights()
            .whole();
    assertThat(added).isPositive();
    assertThat(held - inFile).isEqualTo(TorchRuntime.hasOneDnn() ? added : 0);
  }

  private static long bytes(long... shape) {
    long elements = 1;
    for (long dimension : shape) {
      elements *= dimension;
    }
    return elements * Float.BYTES;
  }

  private static float[] predict(
      UnetDenoiser denoiser, Golden golden, String name, double timestep) {
    try (ComputeScope scope = ComputeScope.open(1)) {
      Conditioning conditioning = new Conditioning(tensor(golden, name + ".text"), null, 1);
      try (BoundDenoiser bound = denoiser.bind(conditioning)) {
        return HostTensors.toFloats(
            bound.predict(tensor(golden, name + ".sample"), timestep, BlockListener.none()));
      }
    }
  }

  private static Tensor tensor(Golden golden, String name) {
    return HostTensors.of(golden.floats(name), golden.shape(name));
  }
}
