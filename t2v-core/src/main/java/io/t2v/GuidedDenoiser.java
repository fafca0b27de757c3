package io.t2v;

import static java.util.Objects.requireNonNull;

import io.t2v.guidance.GuidanceRun;
import io.t2v.guidance.GuidanceStep;
import io.t2v.torch.TensorScope;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.Unet3dDenoiser;
import java.time.Duration;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A denoiser that knows what to generate and what not: asks for both where guidance applies, and
 * for the prompt alone elsewhere. Used by one thread.
 */
final class GuidedDenoiser implements AutoCloseable {
  private final GuidedSteps steps;
  private final GuidanceRun guidance;
  private final @Nullable BoundDenoiser both;
  private final @Nullable BoundDenoiser positive;
  private long nanos;

  private GuidedDenoiser(
      GuidedSteps steps,
      GuidanceRun guidance,
      @Nullable BoundDenoiser both,
      @Nullable BoundDenoiser positive) {
    this.steps = steps;
    this.guidance = guidance;
    this.both = both;
    this.positive = positive;
  }

  /**
   * Binds what the steps need.
   *
   * @param denoiser the denoiser
   * @param steps which steps are guided
   * @param guidance the state of this run, which the caller closes
   * @param text [videos, tokens, width], preceded by as many negative ones if any step is guided
   * @param clipsTogether how many clips to compute as one batch at most
   */
  static GuidedDenoiser bind(
      Unet3dDenoiser denoiser,
      GuidedSteps steps,
      GuidanceRun guidance,
      Tensor text,
      int clipsTogether) {
    Conditioning whole = new Conditioning(text, null, clipsTogether);
    if (!steps.any()) {
      return new GuidedDenoiser(steps, guidance, null, denoiser.bind(whole));
    }
    BoundDenoiser both = denoiser.bind(whole);
    if (steps.all()) {
      return new GuidedDenoiser(steps, guidance, both, null);
    }
    try (TensorScope scope = TensorScope.open()) {
      long videos = text.size(0) / 2;
      Tensor prompts = text.narrow(0, videos, videos);
      return new GuidedDenoiser(
          steps, guidance, both, denoiser.bind(new Conditioning(prompts, null, clipsTogether)));
    } catch (RuntimeException | Error e) {
      both.close();
      throw e;
    }
  }

  /**
   * Predicts what the scheduler is to see.
   *
   * @param latents scaled, [videos, channels, frames, height, width]
   * @param index which step
   * @param listener told after each block
   * @return of the same shape, of the innermost open scope
   */
  Tensor predict(Tensor latents, int index, BlockListener listener) {
    GuidanceStep step = steps.steps().get(index);
    if (!steps.guided().get(index)) {
      return ask(requireNonNull(positive), latents, step, listener);
    }
    Tensor predicted = ask(requireNonNull(both), latents, step, listener);
    long videos = predicted.size(0) / 2;
    return guidance.combine(
        predicted.narrow(0, 0, videos), predicted.narrow(0, videos, videos), step);
  }

  private Tensor ask(
      BoundDenoiser denoiser, Tensor latents, GuidanceStep step, BlockListener listener) {
    long start = System.nanoTime();
    Tensor predicted = denoiser.predict(latents, step.timestep(), listener);
    nanos += System.nanoTime() - start;
    return predicted;
  }

  /** Time that the network itself took so far. */
  Duration timeInNetwork() {
    return Duration.ofNanos(nanos);
  }

  @Override
  public void close() {
    try (BoundDenoiser first = both;
        BoundDenoiser second = positive) {
      // try-with-resources closes both, also where one fails, and skips what is absent
    }
  }
}
