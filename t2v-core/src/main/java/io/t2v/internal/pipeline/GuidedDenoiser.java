package io.t2v.internal.pipeline;

import static java.util.Objects.requireNonNull;

import io.t2v.device.ComputeDevice;
import io.t2v.guidance.Guidance;
import io.t2v.guidance.GuidanceRun;
import io.t2v.guidance.GuidanceStep;
import io.t2v.internal.pipeline.PlugInResult.Fingerprint;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.Unet3dDenoiser;
import java.time.Duration;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The denoiser, bound to the prompts and negative prompts of one generation: predicts both halves
 * and combines them in guided steps, and the prompt's alone in the others. Used by one thread.
 */
public final class GuidedDenoiser implements AutoCloseable {
  private final ComputeDevice device;
  private final GuidanceSchedule steps;
  private final GuidanceRun guidance;
  private final @Nullable BoundDenoiser both;
  private final @Nullable BoundDenoiser positive;
  private long nanos;

  private GuidedDenoiser(
      ComputeDevice device,
      GuidanceSchedule steps,
      GuidanceRun guidance,
      @Nullable BoundDenoiser both,
      @Nullable BoundDenoiser positive) {
    this.device = device;
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
   * @param conditioning with the texts of the videos, preceded by as many negative ones if any step
   *     is guided
   */
  public static GuidedDenoiser bind(
      Unet3dDenoiser denoiser,
      GuidanceSchedule steps,
      GuidanceRun guidance,
      Conditioning conditioning) {
    ComputeDevice device = denoiser.device();
    if (!steps.any()) {
      return new GuidedDenoiser(device, steps, guidance, null, denoiser.bind(conditioning));
    }
    BoundDenoiser both = denoiser.bind(conditioning);
    if (steps.all()) {
      return new GuidedDenoiser(device, steps, guidance, both, null);
    }
    try (TensorScope scope = TensorScope.open()) {
      long videos = conditioning.text().size(0) / 2;
      Tensor prompts = conditioning.text().narrow(0, videos, videos);
      return new GuidedDenoiser(
          device, steps, guidance, both, denoiser.bind(conditioning.withText(prompts)));
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
  public Tensor predict(Tensor latents, int index, BlockListener listener) {
    GuidanceStep step = steps.steps().get(index);
    if (!steps.guided().get(index)) {
      return ask(requireNonNull(positive), latents, step, listener);
    }
    Tensor predicted = ask(requireNonNull(both), latents, step, listener);
    long videos = predicted.size(0) / 2;
    return combine(predicted.narrow(0, 0, videos), predicted.narrow(0, videos, videos), step);
  }

  private Tensor combine(Tensor negative, Tensor positive, GuidanceStep step) {
    Guidance plugIn = steps.guidance();
    Fingerprint before = Fingerprint.of(plugIn, negative, positive);
    Tensor guided =
        PlugInResult.check(
            guidance.combine(negative, positive, step),
            plugIn,
            "newRun().combine",
            device,
            HostTensors.shape(positive));
    before.requireUnchanged(plugIn, "newRun().combine", negative, positive);
    return guided;
  }

  private Tensor ask(
      BoundDenoiser denoiser, Tensor latents, GuidanceStep step, BlockListener listener) {
    long start = System.nanoTime();
    Fingerprint before = Fingerprint.of(denoiser, latents);
    Tensor predicted = denoiser.predict(latents, step.timestep(), listener);
    nanos += System.nanoTime() - start;
    long[] shape = HostTensors.shape(latents);
    shape[0] = denoiser == both ? 2 * shape[0] : shape[0];
    PlugInResult.check(predicted, denoiser, "predict", device, shape);
    before.requireUnchanged(denoiser, "predict", latents);
    return predicted;
  }

  /** Time that the network itself took so far. */
  public Duration timeInNetwork() {
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
