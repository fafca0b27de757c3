package io.t2v.plugins;

import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.FeatureCache;
import io.t2v.unet.ForwardingDenoiser;
import io.t2v.unet.Unet3dDenoiser;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.Tensor;

/**
 * Counts the calls of a denoiser, and otherwise is that denoiser. As a wrapper of the checkpoint's
 * own, {@code builder.denoiser(own -> new CountingDenoiser(own, calls))}, it leaves memory plan,
 * offload policy and precision as they are.
 */
public final class CountingDenoiser extends ForwardingDenoiser {
  private final AtomicInteger calls;

  /**
   * Wraps a denoiser.
   *
   * @param denoiser that computes
   * @param calls counted so far, by all threads
   */
  public CountingDenoiser(Unet3dDenoiser denoiser, AtomicInteger calls) {
    super(denoiser);
    this.calls = calls;
  }

  @Override
  public BoundDenoiser bind(Conditioning conditioning) {
    BoundDenoiser bound = super.bind(conditioning);
    return new BoundDenoiser() {
      @Override
      public Tensor predict(Tensor latents, double timestep, BlockListener listener) {
        calls.incrementAndGet();
        return bound.predict(latents, timestep, listener);
      }

      @Override
      public Tensor predict(
          Tensor latents, double timestep, FeatureCache cache, BlockListener listener) {
        calls.incrementAndGet();
        return bound.predict(latents, timestep, cache, listener);
      }

      @Override
      public void close() {
        bound.close();
      }
    };
  }
}
