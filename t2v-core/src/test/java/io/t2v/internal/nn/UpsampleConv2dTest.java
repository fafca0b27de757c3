package io.t2v.internal.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.files.TensorReader;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.internal.weights.RandomWeights;
import io.t2v.internal.weights.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the enlarged image and libtorch's convolution, in double precision. */
class UpsampleConv2dTest {
  private static final int CHANNELS = 24;

  @TempDir static Path folder;

  private static TensorReader files;

  @AfterAll
  static void close() {
    files.close();
  }

  @BeforeAll
  static void write() throws IOException {
    TorchRuntime.load();
    Files.writeString(
        folder.resolve("model_index.json"),
        """
        {"_class_name": "TextToVideoSDPipeline",
         "text_encoder": ["transformers", "CLIPTextModel"],
         "tokenizer": ["transformers", "CLIPTokenizer"],
         "unet": ["diffusers", "UNet3DConditionModel"],
         "vae": ["diffusers", "AutoencoderKL"]}
        """);
    Path vae = Files.createDirectory(folder.resolve("vae"));
    RandomWeights.write(
        vae.resolve("diffusion_pytorch_model.safetensors"),
        Map.of("weight", new long[] {CHANNELS, CHANNELS, 3, 3}, "bias", new long[] {CHANNELS}),
        7,
        "F32");
    files = TensorReader.open(CheckpointFiles.open(folder).vaeWeights());
  }

  @ParameterizedTest
  @CsvSource({
    "1,1,1,2,2",
    "1,1,1,1,1",
    "2,3,4,6,8",
    "2,3,4,5,8",
    "2,3,4,6,7",
    "3,5,5,9,9",
    "1,8,3,16,6"
  })
  void enlargesAndConvolves(long batch, long height, long width, long outHeight, long outWidth) {
    for (long bandElements : new long[] {1, 300, 1 << 20}) {
      try (ComputeScope scope = ComputeScope.open(1);
          NativePool pool = new NativePool()) {
        torch.manual_seed(height + 10 * width);
        Tensor x = torch.randn(batch, CHANNELS, height, width);
        Weights weights = packed(pool);
        Tensor large =
            torch
                .upsample_nearest2d(x, 2 * height, 2 * width)
                .narrow(2, 0, outHeight)
                .narrow(3, 0, outWidth);
        Tensor expected =
            torch.conv2d(
                large.to(ScalarType.Double),
                weights.raw("weight", CHANNELS, CHANNELS, 3, 3).to(ScalarType.Double),
                new TensorOptional(weights.raw("bias", CHANNELS).to(ScalarType.Double)),
                new long[] {1, 1},
                new long[] {1, 1},
                new long[] {1, 1},
                1);
        Tensor actual =
            DifferencesUpsample.load(weights, CHANNELS, bandElements)
                .forward(x, outHeight, outWidth);
        double off = actual.to(ScalarType.Double).sub(expected).abs().max().item_double();
        assertThat(off / expected.abs().max().item_double())
            .as("bands of %s", bandElements)
            .isLessThan(2e-6);
      }
    }
  }

  @Test
  void refusesOtherSizes() {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool()) {
      UpsampleConv2d layer = UpsampleConv2d.doubling(packed(pool), CHANNELS);
      Tensor x = torch.randn(1, CHANNELS, 4, 4);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> layer.forward(x, 9, 8))
          .withMessage("4 x 4 cannot be enlarged to 9 x 8");
    }
  }

  private Weights packed(NativePool pool) {
    return Weights.of(files, Weights.Form.PACKED, ComputeConfig.cpu(), pool);
  }
}
