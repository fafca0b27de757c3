package io.t2v.service;

import io.t2v.GenerationRequest;
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
 * @param hasReference whether it starts from a picture or a video of the client's, which is not
 *     kept
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
    List<LoraChoice> loras,
    boolean hasReference) {
  VideoSettings {
    loras = loras == null ? List.of() : List.copyOf(loras);
  }

  /**
   * Makes the request of a job that has not begun, in another process.
   *
   * @throws IllegalStateException if it starts from what is not kept
   * @throws IllegalArgumentException if a value is out of range
   */
  GenerationRequest toRequest() {
    if (hasReference) {
      throw new IllegalStateException("the picture or video that it starts from is not kept");
    }
    GenerationRequest.Builder request =
        GenerationRequest.builder(prompt)
            .size(width, height)
            .frames(frames)
            .framesPerSecond(fps)
            .steps(steps)
            .guidanceScale(guidanceScale)
            .seed(seed);
    if (negativePrompt != null) {
      request.negativePrompt(negativePrompt);
    }
    return request.build();
  }
}
