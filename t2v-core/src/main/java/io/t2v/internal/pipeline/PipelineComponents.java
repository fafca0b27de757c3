package io.t2v.internal.pipeline;

import com.google.common.collect.ImmutableList;
import io.t2v.device.Precision;
import io.t2v.internal.adapter.ScaledAdapter;
import io.t2v.internal.memory.MemoryPlanner;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.scheduler.Scheduler;
import io.t2v.text.TextEncoder;
import io.t2v.unet.Unet3dDenoiser;
import io.t2v.vae.VaeDecoder;
import io.t2v.vae.VaeEncoder;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What a pipeline is made of.
 *
 * @param vaeEncoder empty if the decoder is a plug-in, and none came with it
 * @param frames that the checkpoint names for its videos; empty if it names none
 * @param memory foresees what generations take
 * @param denoiserStays whether the denoiser's weights stay loaded between generations
 * @param weightsDigest tells the checkpoint's weights from others; empty where all are plug-ins
 * @param sibling makes the components of the same pipeline with other adapters
 * @param owned what was made here, and is closed here, in this order
 */
public record PipelineComponents(
    TextEncoder textEncoder,
    Optional<VaeEncoder> vaeEncoder,
    Unet3dDenoiser denoiser,
    VaeDecoder vaeDecoder,
    Scheduler scheduler,
    OptionalInt frames,
    MemoryPlanner memory,
    boolean denoiserStays,
    Supplier<String> weightsDigest,
    Function<List<? extends ScaledAdapter>, PipelineComponents> sibling,
    List<AutoCloseable> owned)
    implements AutoCloseable {
  public PipelineComponents {
    owned = ImmutableList.copyOf(owned);
  }

  /** The classes of text encoder, denoiser and decoder: plug-ins and wrappers have others. */
  public List<String> classNames() {
    return Stream.of(textEncoder, denoiser, vaeDecoder)
        .map(component -> component.getClass().getName())
        .toList();
  }

  /** Where and in which dtype a run keeps text and latents: float32, on the denoiser's device. */
  public ComputeConfig runCompute() {
    return ComputeConfig.on(denoiser.device(), Precision.FLOAT32);
  }

  /** Whether the guidance scale is an input of the network, which then needs no second half. */
  public boolean embedsGuidance() {
    return denoiser.guidanceEmbeddingWidth() > 0;
  }

  /**
   * Makes the components of the same pipeline with other adapters. What these do not change is
   * shared: it stays until both are closed.
   *
   * @param adapters instead of those that there are
   * @throws io.t2v.checkpoint.CheckpointException if an adapter does not fit the checkpoint
   * @throws IllegalStateException if there is no checkpoint, or these components are closed
   */
  public PipelineComponents withAdapters(List<? extends ScaledAdapter> adapters) {
    return sibling.apply(adapters);
  }

  @Override
  public void close() {
    closeAll(owned);
  }

  /** Closes all of them, also after one has failed. */
  public static void closeAll(Iterable<? extends AutoCloseable> owned) {
    IllegalStateException failure = null;
    for (AutoCloseable component : owned) {
      try {
        component.close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new IllegalStateException("could not close " + component, e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
