package io.t2v;

/**
 * Decides which prompts are generated and which frames leave the pipeline. Implement it to plug in
 * a word list, a moderation service or an image classifier; the library brings none, and a pipeline
 * has none unless {@link PipelineBuilder#contentFilter} sets it.
 *
 * <p>Each method returns what is used: its argument, or a replacement. To refuse, it throws a
 * {@link ContentRefusedException} with the reason, which reaches the caller of the pipeline. The
 * filter is not asked about its own replacement.
 *
 * <p>When a {@linkplain TextToVideoPipeline#resume saved run} is resumed, the filter is asked about
 * the saved texts: it may refuse them; a replacement is ignored if a filter of the same class
 * filtered them before. The file itself names that class. To enforce a rule against edited files,
 * throw instead of replacing.
 *
 * <pre>{@code
 * ContentFilter filter = new ContentFilter() {
 *   public String filterPrompt(String prompt) {
 *     if (moderation.isHarmful(prompt)) {
 *       throw new ContentRefusedException("the prompt asks for harmful content");
 *     }
 *     return prompt;
 *   }
 * };
 * }</pre>
 *
 * <p>What a filter does not see: {@linkplain GenerationRequest#ofEmbeddings embeddings} in place of
 * prompts, {@linkplain Generation#toLatents latents} in place of frames, and videos or images that
 * a request starts from. A host that lets strangers choose these checks them itself.
 *
 * <p>Implementations are thread-safe.
 */
public interface ContentFilter {
  /**
   * Filters a prompt. Called on the caller's thread by {@link TextToVideoPipeline#prepare}, before
   * anything is computed, for each prompt of a request, those of later frames included. The record
   * of the generation holds what is returned.
   *
   * @param prompt as the request has it; empty for {@link GenerationRequest#unconditional}
   * @return what is generated in its place; not blank, unless the prompt is; in the {@linkplain
   *     GenerationRequest#promptSyntax syntax} of the request
   * @throws ContentRefusedException to refuse the request
   */
  default String filterPrompt(String prompt) {
    return prompt;
  }

  /**
   * Filters a negative prompt, as {@link #filterPrompt} does a prompt. A separate method, because
   * words that are forbidden in a prompt may well be wanted here.
   *
   * @param negativePrompt as the request has it; may be empty
   * @return what is used in its place, in the syntax of the request; may be empty
   * @throws ContentRefusedException to refuse the request
   */
  default String filterNegativePrompt(String negativePrompt) {
    return negativePrompt;
  }

  /**
   * Filters a frame before it leaves the pipeline. Called on a thread of the pipeline, for each
   * frame in order. A refusal ends the generation: no video is returned, but a {@link FrameSink}
   * has been handed the frames before this one.
   *
   * @param rgb {@code height × width × 3} bytes: red, green, blue, row by row from the top left;
   *     may be changed
   * @param index of the frame in its video, from 0
   * @param video size, number of frames, and provenance with prompt and seed
   * @return the frame to hand on, of the same length
   * @throws ContentRefusedException to refuse the video
   */
  default byte[] filterFrame(byte[] rgb, int index, VideoInfo video) {
    return rgb;
  }

  /**
   * Returns whether {@linkplain Generation#previews previews} may be shown. They leave the pipeline
   * unseen by this filter: a viewer recognises in a noisy preview what a classifier does not. By
   * default they are refused; a filter that looks at prompts alone may allow them.
   *
   * @return by default false
   */
  default boolean allowsPreviews() {
    return false;
  }
}
