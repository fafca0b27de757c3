package io.t2v.internal.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.vae.VaeDecoder;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class LatentRgbFactorsTest {
  /** Colours that are linear in two of three channels, two pixels for one. */
  private static final class LinearDecoder implements VaeDecoder {
    @Override
    public int latentChannels() {
      return 3;
    }

    @Override
    public int scaleFactor() {
      return 2;
    }

    @Override
    public Tensor decode(Tensor latents) {
      float[] values = HostTensors.toFloats(latents);
      int side = (int) latents.size(3);
      int pixels = side * side;
      float[] image = new float[3 * 4 * pixels];
      for (int i = 0; i < 4 * pixels; i++) {
        int pixel = i / (2 * side) / 2 * side + i % (2 * side) / 2;
        image[i] = 0.1f * values[pixel];
        image[4 * pixels + i] = 0.2f - 0.1f * values[pixels + pixel];
        image[8 * pixels + i] = -0.5f;
      }
      return HostTensors.of(image, 1, 3, 2L * side, 2L * side);
    }

    @Override
    public void close() {}
  }

  @Test
  void findsTheMapOfALinearDecoder() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      LatentRgbFactors colors = LatentRgbFactors.fit(new LinearDecoder());

      // Three channels of two pixels.
      byte[] rgb = colors.paint(new float[] {2, -2, 1, 3, 100, -100}, 2);

      assertThat(new int[] {rgb[0] & 255, rgb[1] & 255, rgb[2] & 255})
          .containsExactly(level(0.2), level(0.1), level(-0.5));
      assertThat(new int[] {rgb[3] & 255, rgb[4] & 255, rgb[5] & 255})
          .containsExactly(level(-0.2), level(-0.1), level(-0.5));
    }
  }

  private static int level(double value) {
    return (int) Math.round(255 * (value / 2 + 0.5));
  }

  @Test
  void otherLatentsAreRefused() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      LatentRgbFactors colors = LatentRgbFactors.fit(new LinearDecoder());

      assertThatIllegalArgumentException()
          .isThrownBy(() -> colors.paint(new float[4], 2))
          .withMessageContaining("expected 3 × 2");
    }
  }
}
