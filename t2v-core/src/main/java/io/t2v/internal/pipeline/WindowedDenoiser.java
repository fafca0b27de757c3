package io.t2v.internal.pipeline;

import io.t2v.device.Precision;
import io.t2v.internal.pipeline.PlugInResult.Fingerprint;
import io.t2v.internal.pipeline.WindowPlan.Window;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.TensorScope;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.FeatureCache;
import io.t2v.unet.ForwardingDenoiser;
import io.t2v.unet.Unet3dDenoiser;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Predicts a clip that is longer than what the network sees at once: window by window, and averages
 * the predictions where windows overlap. MultiDiffusion over frames.
 *
 * <p>Predictions are averaged, not the latents of the next step, so that the scheduler steps once
 * on the whole clip and any scheduler will do. For DDIM without noise both are the same. The
 * predictions for the prompt and for the negative prompt are averaged each for itself, so that
 * guidance sees the whole clip, once a step.
 *
 * <p>The network's memory is that of one window. A text that all frames share is bound once; a text
 * of each frame is bound for a window when it is predicted, because bound texts of a whole clip
 * would take memory with its length. That projects the text again in each step.
 *
 * <p>Made for one run, whose steps it counts. Used by one thread.
 *
 * @see <a href="https://arxiv.org/abs/2302.08113">MultiDiffusion</a>
 */
public final class WindowedDenoiser extends ForwardingDenoiser {
  private final Unet3dDenoiser denoiser;
  private final WindowPlan plan;
  private final ComputeConfig compute;
  private int step;

  /**
   * Puts windows before a denoiser.
   *
   * @param denoiser predicts the windows; not closed by this one
   * @param plan which windows
   * @param step how many steps the run has made already
   */
  public WindowedDenoiser(Unet3dDenoiser denoiser, WindowPlan plan, int step) {
    super(denoiser);
    this.denoiser = denoiser;
    this.plan = plan;
    this.step = step;
    compute = ComputeConfig.on(denoiser.device(), Precision.FLOAT32);
  }

  @Override
  public BoundDenoiser bind(Conditioning conditioning) {
    long clips = conditioning.text().size(0);
    return new Bound(
        conditioning.text().dim() == 4
            ? new TextOfEachFrame(denoiser, conditioning)
            : new OneText(denoiser.bind(conditioning)),
        clips);
  }

  /** Leaves the denoiser open: it belongs to the pipeline. */
  @Override
  public void close() {}

  private final class Bound implements BoundDenoiser {
    private final WindowBinding binding;
    private final long clips;

    Bound(WindowBinding binding, long clips) {
      this.binding = binding;
      this.clips = clips;
    }

    @Override
    public Tensor predict(Tensor latents, double timestep, BlockListener listener) {
      return average(
          latents, listener, (index, bound, part, blocks) -> bound.predict(part, timestep, blocks));
    }

    /** Each window has a part of the cache; windows that move from step to step have none. */
    @Override
    public Tensor predict(
        Tensor latents, double timestep, FeatureCache cache, BlockListener listener) {
      return average(
          latents,
          listener,
          (index, bound, part, blocks) -> bound.predict(part, timestep, cache.part(index), blocks));
    }

    private Tensor average(Tensor latents, BlockListener listener, Prediction prediction) {
      List<Window> windows = plan.windows(step++);
      try (TensorScope scope = TensorScope.open()) {
        long[] shape = HostTensors.shape(latents);
        shape[0] = clips;
        Tensor average = torch.zeros(shape, compute.options(ScalarType.Float));
        for (int i = 0; i < windows.size(); i++) {
          int before = i;
          add(
              average,
              windows.get(i),
              latents,
              (bound, part) ->
                  prediction.of(
                      before,
                      bound,
                      part,
                      (done, total) ->
                          listener.onBlock(before * total + done, windows.size() * total)));
        }
        return scope.keep(average);
      }
    }

    private void add(
        Tensor average,
        Window window,
        Tensor latents,
        BiFunction<BoundDenoiser, Tensor, Tensor> prediction) {
      try (TensorScope scope = TensorScope.open()) {
        int length = window.frames().length;
        Tensor frames = compute.place(HostTensors.of(window.frames(), length));
        Tensor shares = compute.toCompute(HostTensors.of(window.shares(), 1, 1, length, 1, 1));
        Tensor part = latents.index_select(2, frames);
        Tensor predicted = binding.with(frames, bound -> checked(bound, part, prediction));
        average.index_add_(2, frames, predicted.mul(shares));
      }
    }

    private Tensor checked(
        BoundDenoiser bound, Tensor part, BiFunction<BoundDenoiser, Tensor, Tensor> prediction) {
      long[] shape = HostTensors.shape(part);
      shape[0] = clips;
      Fingerprint before = Fingerprint.of(bound, part);
      Tensor predicted =
          PlugInResult.check(prediction.apply(bound, part), bound, "predict", device(), shape);
      before.requireUnchanged(bound, "predict", part);
      return predicted;
    }

    @Override
    public void close() {
      binding.close();
    }
  }

  /** Asks the denoiser for a window. */
  @FunctionalInterface
  private interface Prediction {
    Tensor of(int window, BoundDenoiser bound, Tensor part, BlockListener listener);
  }

  /** Binds the denoiser to the text of a window. */
  private interface WindowBinding extends AutoCloseable {
    /**
     * Predicts a window.
     *
     * @param frames the numbers of its frames, on the denoiser's device
     * @param prediction asks the bound denoiser
     */
    Tensor with(Tensor frames, Function<BoundDenoiser, Tensor> prediction);

    @Override
    void close();
  }

  private record OneText(BoundDenoiser bound) implements WindowBinding {
    @Override
    public Tensor with(Tensor frames, Function<BoundDenoiser, Tensor> prediction) {
      return prediction.apply(bound);
    }

    @Override
    public void close() {
      bound.close();
    }
  }

  private static final class TextOfEachFrame implements WindowBinding {
    private final NativePool pool = new NativePool();
    private final Unet3dDenoiser denoiser;
    private final Conditioning conditioning;

    /** Holds on to the conditioning's tensors. */
    TextOfEachFrame(Unet3dDenoiser denoiser, Conditioning conditioning) {
      this.denoiser = denoiser;
      this.conditioning = conditioning;
      pool.adopt(conditioning.text());
      if (conditioning.timestepCondition() != null) {
        pool.adopt(conditioning.timestepCondition());
      }
    }

    @Override
    public Tensor with(Tensor frames, Function<BoundDenoiser, Tensor> prediction) {
      Conditioning own = conditioning.withText(conditioning.text().index_select(1, frames));
      try (BoundDenoiser bound = denoiser.bind(own)) {
        return prediction.apply(bound);
      }
    }

    @Override
    public void close() {
      pool.close();
    }
  }
}
