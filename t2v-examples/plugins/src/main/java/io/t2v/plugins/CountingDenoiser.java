package io.t2v.plugins;

import io.t2v.device.ComputeDevice;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.LatentSize;
import io.t2v.unet.Unet3dDenoiser;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.Tensor;

/**
 * Counts the calls of a denoiser, and otherwise is that denoiser. As a wrapper of the checkpoint's
 * own, {@code builder.denoiser(own -> new CountingDenoiser(own, calls))}, it leaves memory plan,
 * offload policy and precision as they are.
 *
 * @param denoiser that computes
 * @param calls counted so far, by all threads
 */
public record CountingDenoiser(Unet3dDenoiser denoiser, AtomicInteger calls)
    implements Unet3dDenoiser {
  @Override
  public BoundDenoiser bind(Conditioning conditioning) {
    BoundDenoiser bound = denoiser.bind(conditioning);
    return new BoundDenoiser() {
      @Override
      public Tensor predict(Tensor latents, double timestep, BlockListener listener) {
        calls.incrementAndGet();
        return bound.predict(latents, timestep, listener);
      }

      @Override
      public void close() {
        bound.close();
      }
    };
  }

  @Override
  public int inChannels() {
    return denoiser.inChannels();
  }

  @Override
  public int outChannels() {
    return denoiser.outChannels();
  }

  @Override
  public int textWidth() {
    return denoiser.textWidth();
  }

  @Override
  public Optional<LatentSize> sampleSize() {
    return denoiser.sampleSize();
  }

  @Override
  public ComputeDevice device() {
    return denoiser.device();
  }

  @Override
  public boolean readsTextOfEachFrame() {
    return denoiser.readsTextOfEachFrame();
  }

  @Override
  public void close() {
    denoiser.close();
  }
}
