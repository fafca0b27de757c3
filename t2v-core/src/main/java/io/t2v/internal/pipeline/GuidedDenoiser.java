package io.t2v.internal.pipeline;

import static java.util.Objects.requireNonNull;

import io.t2v.device.ComputeDevice;
import io.t2v.guidance.Guidance;
import io.t2v.guidance.GuidanceRun;
import io.t2v.guidance.GuidanceStep;
import io.t2v.internal.pipeline.PlugInResult.Fingerprint;
import io.t2v.internal.torch.HostTensors;
import io.t2v.scheduler.Stateful;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.FeatureCache;
import io.t2v.unet.Unet3dDenoiser;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The denoiser, bound to the prompts and negative prompts of one generation: predicts both halves
 * and combines them in guided steps, and the prompt's alone in the others. Used by one thread.
 */
public final class GuidedDenoiser implements Stateful, AutoCloseable {
  private static final String BOTH = "both.";
  private static final String POSITIVE = "positive.";
  private static final String AGREEMENT = "agreement";

  private final ComputeDevice device;
  private final GuidanceSchedule steps;
  private final GuidanceRun guidance;
  private final Shortcuts shortcuts;
  private final StepTexts texts;
  private final @Nullable StepBindings both;
  private final @Nullable StepBindings positive;
  private final FeatureCache bothCache;
  private final FeatureCache positiveCache;
  private @Nullable GuidanceAgreement agreement;
  private long nanos;

  private GuidedDenoiser(
      ComputeDevice device,
      GuidanceSchedule steps,
      GuidanceRun guidance,
      Shortcuts shortcuts,
      StepTexts texts,
      @Nullable StepBindings both,
      @Nullable StepBindings positive) {
    this.device = device;
    this.steps = steps;
    this.guidance = guidance;
    this.shortcuts = shortcuts;
    bothCache = new FeatureCache(shortcuts.cacheDepth());
    positiveCache = new FeatureCache(shortcuts.cacheDepth());
    this.texts = texts;
    this.both = both;
    this.positive = positive;
  }

  /**
   * Binds what the steps need.
   *
   * @param denoiser the denoiser
   * @param steps which steps are guided
   * @param guidance the state of this run, which the caller closes
   * @param shortcuts what the run leaves out
   * @param texts of the videos, preceded by as many negative ones if any step is guided; as long as
   *     this lives, they are not freed
   * @param conditioning whose text is replaced by that of each step
   */
  public static GuidedDenoiser bind(
      Unet3dDenoiser denoiser,
      GuidanceSchedule steps,
      GuidanceRun guidance,
      Shortcuts shortcuts,
      StepTexts texts,
      Conditioning conditioning) {
    ComputeDevice device = denoiser.device();
    StepBindings whole = new StepBindings(denoiser, conditioning, texts, text -> text);
    if (!steps.any()) {
      return new GuidedDenoiser(device, steps, guidance, shortcuts, texts, null, whole);
    }
    if (steps.all() && !shortcuts.endsGuidance()) {
      return new GuidedDenoiser(device, steps, guidance, shortcuts, texts, whole, null);
    }
    try {
      StepBindings prompts =
          new StepBindings(denoiser, conditioning, texts, GuidedDenoiser::withoutNegative);
      return new GuidedDenoiser(device, steps, guidance, shortcuts, texts, whole, prompts);
    } catch (RuntimeException | Error e) {
      try {
        whole.close();
      } catch (RuntimeException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  private static Tensor withoutNegative(Tensor text) {
    long videos = text.size(0) / 2;
    return text.narrow(0, videos, videos);
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
    if (shortcuts.isWhole(index) || texts.changesAt(index)) {
      bothCache.clear();
      positiveCache.clear();
    }
    if (!steps.guided().get(index) || (agreement != null && agreement.isComplete())) {
      bothCache.clear(); // only one of them takes memory
      BoundDenoiser bound = requireNonNull(positive).at(index);
      return ask(bound, positiveCache, 1, latents, step, listener);
    }
    positiveCache.clear();
    BoundDenoiser bound = requireNonNull(both).at(index);
    Tensor predicted = ask(bound, bothCache, 2, latents, step, listener);
    int videos = Math.toIntExact(predicted.size(0) / 2);
    Tensor negative = predicted.narrow(0, 0, videos);
    Tensor own = predicted.narrow(0, videos, videos);
    Tensor guided = combine(negative, own, step);
    if (!shortcuts.endsGuidance()) {
      return guided;
    }
    if (agreement == null) {
      agreement = new GuidanceAgreement(shortcuts.guidanceAgreement(), videos);
    }
    return agreement.applyTo(guided, negative, own);
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

  /** halves: how many clips it predicts for each of the latents. */
  private Tensor ask(
      BoundDenoiser denoiser,
      FeatureCache cache,
      int halves,
      Tensor latents,
      GuidanceStep step,
      BlockListener listener) {
    long start = System.nanoTime();
    Fingerprint before = Fingerprint.of(denoiser, latents);
    Tensor predicted =
        shortcuts.cachesSteps()
            ? denoiser.predict(latents, step.timestep(), cache, listener)
            : denoiser.predict(latents, step.timestep(), listener);
    nanos += System.nanoTime() - start;
    long[] shape = HostTensors.shape(latents);
    shape[0] *= halves;
    PlugInResult.check(predicted, denoiser, "predict", device, shape);
    before.requireUnchanged(denoiser, "predict", latents);
    return predicted;
  }

  /** What its shortcuts remember: cached features, and which videos are guided no more. */
  @Override
  public Map<String, Tensor> stateDict() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    bothCache.stateDict().forEach((name, tensor) -> state.put(BOTH + name, tensor));
    positiveCache.stateDict().forEach((name, tensor) -> state.put(POSITIVE + name, tensor));
    if (agreement != null) {
      state.put(AGREEMENT, agreement.state());
    }
    return state;
  }

  @Override
  public void loadStateDict(Map<String, Tensor> state) {
    state.forEach(
        (name, tensor) -> {
          if (name.startsWith(BOTH)) {
            bothCache.load(name.substring(BOTH.length()), tensor);
          } else if (name.startsWith(POSITIVE)) {
            positiveCache.load(name.substring(POSITIVE.length()), tensor);
          } else {
            agreement = GuidanceAgreement.ofState(shortcuts.guidanceAgreement(), tensor);
          }
        });
  }

  /** Time that the network itself took so far. */
  public Duration timeInNetwork() {
    return Duration.ofNanos(nanos);
  }

  @Override
  public void close() {
    try (StepBindings first = both;
        StepBindings second = positive;
        FeatureCache firstCache = bothCache;
        FeatureCache secondCache = positiveCache) {
      // try-with-resources closes all, also where one fails, and skips what is absent
    }
  }
}
