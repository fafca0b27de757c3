package io.t2v.testing;

import io.t2v.TextToVideoPipeline;
import io.t2v.unet.Unet3dDenoiser;

/** Pipelines of plug-ins alone, on one thread, around a denoiser whose text is 6 wide. */
public final class StubPipeline {
  private StubPipeline() {}

  /** With a scheduler that is a stub as well. */
  public static TextToVideoPipeline around(Unet3dDenoiser denoiser) {
    return TextToVideoPipeline.builder()
        .textEncoder(new StubTextEncoder(6))
        .denoiser(denoiser)
        .vaeDecoder(new StubDecoder(4))
        .scheduler(new StubScheduler())
        .threads(1)
        .build();
  }
}
