package io.t2v.internal.pipeline;

import io.t2v.internal.memory.MemoryPlanner;
import io.t2v.scheduler.Scheduler;
import io.t2v.text.TextEncoder;
import io.t2v.unet.Unet3dDenoiser;
import io.t2v.vae.VaeDecoder;
import java.util.List;

/**
 * What a pipeline is made of.
 *
 * @param frames what the checkpoint names for its videos
 * @param memory what generations take
 * @param denoiserStays whether the denoiser's weights stay between generations
 * @param owned the components that the pipeline made itself, and closes
 */
record PipelineComponents(
    TextEncoder textEncoder,
    Unet3dDenoiser denoiser,
    VaeDecoder vaeDecoder,
    Scheduler scheduler,
    int frames,
    MemoryPlanner memory,
    boolean denoiserStays,
    List<AutoCloseable> owned) {}
