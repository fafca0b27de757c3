package io.t2v.unet;

import io.t2v.device.ComputeDevice;
import java.util.Optional;

/**
 * Forwards every call to another denoiser: the base class of wrappers, which override what they
 * change. Methods that later versions add to {@link Unet3dDenoiser} are forwarded as well; a
 * wrapper that implements the interface itself would have their defaults instead.
 *
 * <p>As thread-safe as the other one.
 */
public abstract class ForwardingDenoiser implements Unet3dDenoiser {
  private final Unet3dDenoiser denoiser;

  /**
   * Forwards to a denoiser.
   *
   * @param denoiser closed with this one, unless {@link #close} is overridden
   */
  protected ForwardingDenoiser(Unet3dDenoiser denoiser) {
    this.denoiser = denoiser;
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
  public int guidanceEmbeddingWidth() {
    return denoiser.guidanceEmbeddingWidth();
  }

  @Override
  public boolean takesAdjustments() {
    return denoiser.takesAdjustments();
  }

  @Override
  public int cacheDepths() {
    return denoiser.cacheDepths();
  }

  @Override
  public double workWithCache(int depth) {
    return denoiser.workWithCache(depth);
  }

  @Override
  public BoundDenoiser bind(Conditioning conditioning) {
    return denoiser.bind(conditioning);
  }

  @Override
  public void close() {
    denoiser.close();
  }
}
