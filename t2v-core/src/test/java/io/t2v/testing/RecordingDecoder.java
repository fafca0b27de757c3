package io.t2v.testing;

import io.t2v.internal.torch.HostTensors;
import io.t2v.vae.VaeDecoder;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Decodes as another decoder does, and remembers what it was given. */
public final class RecordingDecoder implements VaeDecoder {
  private final VaeDecoder decoder;
  private final List<float[]> frames = new ArrayList<>();

  public RecordingDecoder(VaeDecoder decoder) {
    this.decoder = decoder;
  }

  /** Forgets what it was given so far. */
  public void forget() {
    frames.clear();
  }

  /** The latents of all videos so far, [videos, channels, frames, height × width]. */
  public float[] latents(int framesOfVideo) {
    int channels = latentChannels();
    int pixels = frames.get(0).length / channels;
    float[] latents = new float[frames.size() * channels * pixels];
    for (int i = 0; i < frames.size(); i++) {
      int video = i / framesOfVideo;
      for (int channel = 0; channel < channels; channel++) {
        int plane = (video * channels + channel) * framesOfVideo + i % framesOfVideo;
        System.arraycopy(frames.get(i), channel * pixels, latents, plane * pixels, pixels);
      }
    }
    return latents;
  }

  @Override
  public int latentChannels() {
    return decoder.latentChannels();
  }

  @Override
  public int scaleFactor() {
    return decoder.scaleFactor();
  }

  @Override
  public Tensor decode(Tensor latents) {
    for (int i = 0; i < latents.size(0); i++) {
      frames.add(HostTensors.toFloats(latents.select(0, i).contiguous()));
    }
    return decoder.decode(latents);
  }

  @Override
  public void close() {
    decoder.close();
  }
}
