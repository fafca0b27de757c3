package io.t2v.gpucheck;

import io.t2v.NdArray;
import io.t2v.Video;

/**
 * What a pipeline made of a request.
 *
 * @param latents before decoding
 * @param video after it
 */
record Outcome(NdArray latents, Video video) {}
