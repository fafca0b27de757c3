package io.t2v.vae;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.autoencoder.AutoencoderKl;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import java.nio.file.Path;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An autoencoder as wide as the published one against the reference. From 256 channels on, its
 * convolutions run on other kernels than those of the narrow models. Decoding runs {@code
 * WinogradConv2d} twelve times and {@code DifferenceUpsample} once, from an odd height and width;
 * encoding runs {@code WinogradConv2d} eight times (counted with a print in each kernel). There are
 * layers with more, fewer and as many output channels as input channels.
 */
class WideAutoencoderKlTest {
  private static final double TOLERANCE = 1e-5;

  @TempDir private static Path folder;
  private static AutoencoderKl vae;

  @BeforeAll
  static void open() {
    CheckpointFiles checkpoint =
        CheckpointFiles.open(GoldenModel.write("wide", folder.resolve("wide")));
    vae = AutoencoderKl.open(checkpoint.vaeConfig(), checkpoint.vaeWeights());
  }

  @AfterAll
  static void close() {
    vae.close();
  }

  @Test
  void decodesWhatTheReferenceDecodes() {
    Golden golden = Golden.tensors("vae/wide");
    try (ComputeScope scope = ComputeScope.open(1)) {
      // The golden data holds what the autoencoder itself is given: unscaled latents.
      Tensor latents = tensor(golden, "decode.latents").mul(new Scalar(vae.scalingFactor()));
      assertLike(golden, "decode.images", vae.decode(latents));
    }
  }

  @Test
  void encodesWhatTheReferenceEncodes() {
    Golden golden = Golden.tensors("vae/wide");
    try (ComputeScope scope = ComputeScope.open(1)) {
      LatentDistribution posterior = vae.encode(tensor(golden, "encode.images"));
      assertLike(golden, "encode.mean", posterior.mean());
      assertLike(golden, "encode.logvar", posterior.logvar());
    }
  }

  private static Tensor tensor(Golden golden, String name) {
    return HostTensors.of(golden.floats(name), golden.shape(name));
  }

  private static void assertLike(Golden golden, String name, Tensor actual) {
    assertThat(HostTensors.shape(actual)).isEqualTo(golden.shape(name));
    Golden.assertClose(name, HostTensors.toFloats(actual), golden.floats(name), TOLERANCE);
  }
}
