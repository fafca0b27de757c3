package io.t2v.testing;

import io.t2v.internal.memory.MemoryPlanner;
import io.t2v.internal.pipeline.PipelineComponents;
import io.t2v.unet.LatentSize;
import io.t2v.vae.VaeDecoder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A pipeline's stubs, for tests that plan memory or follow the weights. */
public final class StubComponents {
  private static final int TEXT_WIDTH = 6;

  private StubComponents() {}

  /** Latents of 2 × 3; denoiserStays: between generations. */
  public static PipelineComponents of(
      VaeDecoder decoder, MemoryPlanner memory, boolean denoiserStays) {
    return new PipelineComponents(
        new StubTextEncoder(TEXT_WIDTH),
        Optional.empty(),
        new StubDenoiser(TEXT_WIDTH, new LatentSize(2, 3)),
        decoder,
        new StubScheduler(),
        OptionalInt.empty(),
        memory,
        denoiserStays,
        () -> "",
        adapters -> {
          throw new AssertionError();
        },
        List.of());
  }
}
