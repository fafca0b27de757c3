package io.t2v.service;

import io.t2v.spring.LoraChoice;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a video is made with, complete.
 *
 * @param prompt what it shows
 * @param negativePrompt what it should not show
 * @param width in pixels
 * @param height in pixels
 * @param frames how many
 * @param fps frames per second
 * @param steps of denoising
 * @param guidanceScale how strongly it follows the prompt
 * @param seed of its noise
 * @param loras that it was made with; none in records of earlier versions
 */
record VideoSettings(
    String prompt,
    @Nullable String negativePrompt,
    int width,
    int height,
    int frames,
    double fps,
    int steps,
    double guidanceScale,
    long seed,
    List<LoraChoice> loras) {
  VideoSettings {
    loras = loras == null ? List.of() : List.copyOf(loras);
  }
}
