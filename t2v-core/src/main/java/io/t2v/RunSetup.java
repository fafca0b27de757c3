package io.t2v;

import io.t2v.internal.pipeline.PipelineComponents;
import io.t2v.offload.MemoryPlan;
import io.t2v.unet.LatentSize;
import java.util.Map;

/**
 * A request, and how the pipeline runs it.
 *
 * @param size of the latents
 * @param memory what the run takes, and how many samples and frames it computes at a time
 * @param origin what is recorded of the model in each video
 */
record RunSetup(
    PipelineComponents components,
    GenerationRequest request,
    LatentSize size,
    MemoryPlan memory,
    Map<String, Object> origin) {}
