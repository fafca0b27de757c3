package io.t2v.vae;

import static io.t2v.testing.Mistake.assertBroken;

import io.t2v.contract.VaeDecoderContract;
import io.t2v.contract.VaeEncoderContract;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.testing.Mistake;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The contracts pass what keeps them, and say what is wrong with what does not. */
class VaeContractsTest {
  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  /** A decoder whose images are three channels of its latents. */
  private static class Decoder implements VaeDecoder {
    @Override
    public int latentChannels() {
      return 4;
    }

    @Override
    public int scaleFactor() {
      return 1;
    }

    @Override
    public Tensor decode(Tensor latents) {
      return latents.narrow(1, 0, 3).clone();
    }

    @Override
    public void close() {}
  }

  /** An encoder whose latents are the channels of an image, and one of them again. */
  private static class Encoder implements VaeEncoder {
    private final UnaryOperator<Tensor> logvar;

    Encoder(UnaryOperator<Tensor> logvar) {
      this.logvar = logvar;
    }

    @Override
    public LatentDistribution encode(Tensor images) {
      Tensor mean = torch.cat(new TensorVector(images, images.narrow(1, 0, 1)), 1);
      return new LatentDistribution(mean, logvar.apply(mean));
    }

    @Override
    public double scalingFactor() {
      return 0.5;
    }

    @Override
    public void close() {}
  }

  @Test
  void passesWhatKeepsIt() {
    VaeDecoderContract.of(new Decoder()).check();
    VaeEncoderContract.of(new Encoder(torch::zeros_like), 4, 1).check();
  }

  @ParameterizedTest
  @EnumSource
  void findsInADecoder(Mistake mistake) {
    BinaryOperator<Tensor> author = mistake.author();
    mistake.assertFound(
        VaeDecoderContract.of(
                new Decoder() {
                  @Override
                  public Tensor decode(Tensor latents) {
                    return author.apply(latents, super.decode(latents));
                  }
                })
            ::check);
  }

  @ParameterizedTest
  @EnumSource
  void findsInAnEncoder(Mistake mistake) {
    BinaryOperator<Tensor> author = mistake.author();
    mistake.assertFound(
        VaeEncoderContract.of(
                new Encoder(torch::zeros_like) {
                  @Override
                  public LatentDistribution encode(Tensor images) {
                    LatentDistribution right = super.encode(images);
                    return new LatentDistribution(
                        author.apply(images, right.mean()), right.logvar());
                  }
                },
                4,
                1)
            ::check);
  }

  @Test
  void findsAVarianceOutOfRange() {
    assertBroken(
        VaeEncoderContract.of(new Encoder(mean -> torch.full_like(mean, new Scalar(100))), 4, 1)
            ::check,
        "returns the logvar 100.0, expected -30 to 20");
  }

  @Test
  void findsAScaleThatTheDecoderDoesNotHave() {
    assertBroken(
        VaeEncoderContract.of(new Encoder(torch::zeros_like), 4, 8)::check,
        "returns the shape [1, 4, 32, 48] from encode().mean, expected [1, 4, 4, 6]");
  }

  @Test
  void findsThatNothingHoldsTheWeights() {
    assertBroken(
        VaeDecoderContract.of(
                new Decoder() {
                  @Override
                  @SuppressWarnings("NullAway") // what a careless author does
                  public Hold hold() {
                    return null;
                  }
                })
            ::check,
        "returns null from hold");
  }

  @Test
  void findsAHoldThatChangesImages() {
    assertBroken(
        VaeDecoderContract.of(
                new Decoder() {
                  private int held;

                  @Override
                  public Tensor decode(Tensor latents) {
                    return super.decode(latents).add(new Scalar(held));
                  }

                  @Override
                  public Hold hold() {
                    held++;
                    return () -> {};
                  }
                })
            ::check,
        "gives another result while it is held");
  }
}
