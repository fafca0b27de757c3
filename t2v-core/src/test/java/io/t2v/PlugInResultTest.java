package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.t2v.guidance.Guidance;
import io.t2v.guidance.GuidanceRun;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.StubDecoder;
import io.t2v.testing.StubDenoiser;
import io.t2v.testing.StubScheduler;
import io.t2v.testing.StubTextEncoder;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.ForwardingDenoiser;
import io.t2v.unet.LatentSize;
import io.t2v.vae.VaeDecoder;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** What a pipeline says of plug-ins that break their contracts, and of numbers that are none. */
class PlugInResultTest {
  private static final int TEXT_WIDTH = 6;

  /** A guidance whose result is made by a function of the prediction for the prompt. */
  private record Guiding(UnaryOperator<Tensor> result) implements Guidance {
    @Override
    public String name() {
      return "Guiding";
    }

    @Override
    public Map<String, Object> config() {
      return Map.of();
    }

    @Override
    public GuidanceRun newRun() {
      return (negative, positive, step) -> result.apply(positive);
    }
  }

  /** A denoiser whose predictions are passed through a function. */
  private static final class Changing extends ForwardingDenoiser {
    private final UnaryOperator<Tensor> change;

    Changing(StubDenoiser denoiser, UnaryOperator<Tensor> change) {
      super(denoiser);
      this.change = change;
    }

    @Override
    public BoundDenoiser bind(Conditioning conditioning) {
      BoundDenoiser bound = super.bind(conditioning);
      return new BoundDenoiser() {
        @Override
        public Tensor predict(Tensor latents, double timestep, BlockListener listener) {
          return change.apply(bound.predict(latents, timestep, listener));
        }

        @Override
        public void close() {
          bound.close();
        }
      };
    }
  }

  private static Video generate(UnaryOperator<Tensor> guidance) {
    return generate(new StubDecoder(4), prediction -> prediction, guidance, true);
  }

  private static Video generate(
      VaeDecoder decoder,
      UnaryOperator<Tensor> prediction,
      UnaryOperator<Tensor> guidance,
      boolean checkFinite) {
    NativeObjects objects = NativeObjects.count();
    StubDenoiser denoiser = new StubDenoiser(TEXT_WIDTH, new LatentSize(2, 3));
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder()
            .textEncoder(new StubTextEncoder(TEXT_WIDTH))
            .denoiser(new Changing(denoiser, prediction))
            .vaeDecoder(decoder)
            .scheduler(new StubScheduler())
            .checkFinite(checkFinite)
            .build()) {
      return pipeline.generate(
          GenerationRequest.builder("a panda")
              .steps(2)
              .frames(2)
              .guidance(new Guiding(guidance))
              .build());
    } finally {
      assertThat(denoiser.open()).isZero();
      objects.assertNoMore();
    }
  }

  @Test
  void acceptsWhatKeepsTheContract() {
    assertThat(generate(positive -> positive.add(new Scalar(1))).frameCount()).isEqualTo(2);
  }

  @Test
  void namesAGuidanceThatReturnsNull() {
    assertThatIllegalStateException()
        .isThrownBy(() -> generate(positive -> null))
        .withMessage(Guiding.class.getName() + ".newRun().combine returned null");
  }

  @Test
  void namesAGuidanceWhoseShapeWouldBeBroadcast() {
    assertThatIllegalStateException()
        .isThrownBy(() -> generate(positive -> positive.narrow(2, 0, 1)))
        .withMessage(
            Guiding.class.getName()
                + ".newRun().combine returned the shape [1, 4, 1, 2, 3], expected [1, 4, 2, 2, 3]");
  }

  @Test
  void namesAGuidanceThatChangesItsArguments() {
    assertThatIllegalStateException()
        .isThrownBy(() -> generate(positive -> positive.add_(new Scalar(1)).clone()))
        .withMessageContainingAll(Guiding.class.getName(), "changed a tensor that it was given");
  }

  @Test
  void namesAGuidanceOfAnotherDtype() {
    assertThatIllegalStateException()
        .isThrownBy(() -> generate(positive -> positive.to(ScalarType.Double)))
        .withMessageContainingAll(Guiding.class.getName(), "dtype", "expected Float");
  }

  @Test
  void namesADenoiserOfAnotherShape() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                generate(
                    new StubDecoder(4),
                    prediction -> prediction.narrow(0, 0, 1),
                    positive -> positive,
                    true))
        .withMessageContainingAll("predict returned the shape [1, 4, 2, 2, 3]", "[2, 4, 2, 2, 3]");
  }

  @Test
  void namesADecoderThatReturnsNothing() {
    VaeDecoder decoder =
        new VaeDecoder() {
          @Override
          public int latentChannels() {
            return 4;
          }

          @Override
          public int scaleFactor() {
            return 8;
          }

          @Override
          public Tensor decode(Tensor latents) {
            return null;
          }

          @Override
          public void close() {}
        };
    assertThatIllegalStateException()
        .isThrownBy(() -> generate(decoder, prediction -> prediction, positive -> positive, true))
        .withMessage(decoder.getClass().getName() + ".decode returned null");
  }

  @Test
  void namesTheStepInWhichAPredictionIsNotFinite() {
    int[] calls = {0};
    UnaryOperator<Tensor> spoil =
        prediction ->
            ++calls[0] == 2 ? prediction.mul(new Scalar(Double.POSITIVE_INFINITY)) : prediction;
    assertThatExceptionOfType(NonFiniteValueException.class)
        .isThrownBy(() -> generate(new StubDecoder(4), spoil, positive -> positive, true))
        .withMessageContainingAll("prediction of the denoiser in step 2 of 2", "FLOAT32");
  }

  @Test
  void goesOnWithWhatIsNotFiniteIfToldTo() {
    UnaryOperator<Tensor> spoil = prediction -> prediction.mul(new Scalar(Double.NaN));
    assertThat(generate(new StubDecoder(4), spoil, positive -> positive, false).frameCount())
        .isEqualTo(2);
  }

  @Test
  void namesTheFrameThatIsNotFinite() {
    StubDecoder grey = new StubDecoder(4);
    VaeDecoder decoder =
        new VaeDecoder() {
          @Override
          public int latentChannels() {
            return grey.latentChannels();
          }

          @Override
          public int scaleFactor() {
            return grey.scaleFactor();
          }

          @Override
          public Tensor decode(Tensor latents) {
            Tensor image = grey.decode(latents);
            return grey.frames() == 2 ? torch.full_like(image, new Scalar(Double.NaN)) : image;
          }

          @Override
          public void close() {}
        };
    assertThatExceptionOfType(NonFiniteValueException.class)
        .isThrownBy(() -> generate(decoder, prediction -> prediction, positive -> positive, true))
        .withMessageContaining("Frame 1 of the decoder");
  }
}
