package io.t2v.unet;

import static io.t2v.testing.Mistake.assertBroken;

import io.t2v.contract.Unet3dDenoiserContract;
import io.t2v.internal.torch.TorchRuntime;
import io.t2v.testing.Mistake;
import io.t2v.testing.StubDenoiser;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.BinaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract passes what keeps it, and says what is wrong with what does not. */
class Unet3dDenoiserContractTest {
  @BeforeAll
  static void load() {
    TorchRuntime.load();
  }

  /** What is made of the right prediction. */
  @FunctionalInterface
  private interface Author {
    Tensor predict(
        BoundDenoiser right,
        Conditioning conditioning,
        Tensor latents,
        double timestep,
        BlockListener listener);
  }

  /** A right denoiser whose predictions an author makes. */
  private static class Denoiser implements Unet3dDenoiser {
    private final Unet3dDenoiser right = new StubDenoiser(6, new LatentSize(2, 3));
    private final Author author;

    Denoiser(Author author) {
      this.author = author;
    }

    @Override
    public int inChannels() {
      return right.inChannels();
    }

    @Override
    public int textWidth() {
      return right.textWidth();
    }

    @Override
    public Optional<LatentSize> sampleSize() {
      return right.sampleSize();
    }

    @Override
    public boolean readsTextOfEachFrame() {
      return true;
    }

    @Override
    public BoundDenoiser bind(Conditioning conditioning) {
      BoundDenoiser bound = right.bind(conditioning);
      return new BoundDenoiser() {
        @Override
        public Tensor predict(Tensor latents, double timestep, BlockListener listener) {
          return author.predict(bound, conditioning, latents, timestep, listener);
        }

        @Override
        public void close() {
          bound.close();
        }
      };
    }

    @Override
    public void close() {
      right.close();
    }
  }

  private static Tensor right(
      BoundDenoiser right,
      Conditioning conditioning,
      Tensor latents,
      double timestep,
      BlockListener listener) {
    return right.predict(latents, timestep, listener);
  }

  private static Runnable check(Unet3dDenoiser denoiser) {
    return Unet3dDenoiserContract.of(denoiser)::check;
  }

  @Test
  void passesWhatKeepsIt() {
    check(new Denoiser(Unet3dDenoiserContractTest::right)).run();
  }

  @ParameterizedTest
  @EnumSource
  void finds(Mistake mistake) {
    BinaryOperator<Tensor> author = mistake.author();
    mistake.assertFound(
        check(
            new Denoiser(
                (bound, conditioning, latents, timestep, listener) -> {
                  return author.apply(latents, bound.predict(latents, timestep, listener));
                })));
  }

  @Test
  void findsThatNothingIsBound() {
    assertBroken(
        check(
            new Denoiser(Unet3dDenoiserContractTest::right) {
              @Override
              @SuppressWarnings("NullAway") // what a careless author does
              public BoundDenoiser bind(Conditioning conditioning) {
                return null;
              }
            }),
        "returns null from bind");
  }

  @Test
  void findsATextThatIsReadWhenItMayBeFreed() {
    assertBroken(
        check(
            new Denoiser(
                (bound, conditioning, latents, timestep, listener) -> {
                  Tensor text = conditioning.text().mean(-1, -2);
                  Tensor prediction = bound.predict(latents, timestep, listener);
                  return prediction.add(text.view(-1, 1, 1, 1, 1));
                })),
        "reads the text after bind has returned");
  }

  @Test
  void findsAMicroBatchThatMatters() {
    assertBroken(
        check(
            new Denoiser(
                (bound, conditioning, latents, timestep, listener) -> {
                  return bound
                      .predict(latents, timestep, listener)
                      .add(new Scalar(conditioning.microBatch()));
                })),
        "predicts something else with a microBatch");
  }

  @Test
  void findsAListenerThatHearsNothing() {
    assertBroken(
        check(
            new Denoiser(
                (bound, conditioning, latents, timestep, listener) -> {
                  return bound.predict(latents, timestep, BlockListener.none());
                })),
        "tells its listener of 0 of 0 blocks");
  }

  @Test
  void findsAListenerThatCannotStopIt() {
    assertBroken(
        check(
            new Denoiser(
                (bound, conditioning, latents, timestep, listener) -> {
                  try {
                    return bound.predict(latents, timestep, listener);
                  } catch (CancellationException e) {
                    return bound.predict(latents, timestep, BlockListener.none());
                  }
                })),
        "keeps an exception of its listener");
  }
}
