package io.t2v.testing;

import io.t2v.vae.VaeDecoder;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A decoder that makes grey frames, eight pixels for one. */
public final class StubDecoder implements VaeDecoder {
  private static final int FACTOR = 8;

  private final int channels;
  private int frames;
  private boolean closed;

  public StubDecoder(int channels) {
    this.channels = channels;
  }

  public int frames() {
    return frames;
  }

  public boolean isClosed() {
    return closed;
  }

  @Override
  public int latentChannels() {
    return channels;
  }

  @Override
  public int scaleFactor() {
    return FACTOR;
  }

  @Override
  public Tensor decode(Tensor latents) {
    frames += (int) latents.size(0);
    return torch.zeros(latents.size(0), 3, latents.size(2) * FACTOR, latents.size(3) * FACTOR);
  }

  @Override
  public void close() {
    closed = true;
  }
}
