package io.t2v;

import io.t2v.text.PromptSyntax;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes one request of several that differ in their texts and seeds alone. */
final class RequestBatch {
  private static final String PROMPTS = "prompts";
  private static final String NEGATIVE_PROMPTS = "negativePrompts";
  private static final String SEEDS = "seeds";

  private RequestBatch() {}

  /** Whether two requests can be computed together, and give what they give alone. */
  static boolean canShareARun(GenerationRequest one, GenerationRequest other) {
    return isPlain(one)
        && isPlain(other)
        && one.negativePrompts().isEmpty() == other.negativePrompts().isEmpty()
        && shared(one).equals(shared(other));
  }

  /** Whether a request is texts and numbers, and its text does not depend on others of a batch. */
  private static boolean isPlain(GenerationRequest request) {
    return request.prompts().stream().noneMatch(String::isBlank)
        && request.embeddings().isEmpty()
        && request.negativeEmbeddings().isEmpty()
        && request.promptSyntax() == PromptSyntax.PLAIN
        && request.promptsAt().isEmpty()
        && request.negativePromptsAt().isEmpty()
        && request.latents().isEmpty()
        && !request.startsFromVideo()
        && !request.encodesImages()
        && request.plugInGuidance().isEmpty()
        && request.constraint().isEmpty();
  }

  private static Map<String, Object> shared(GenerationRequest request) {
    Map<String, Object> shared = new LinkedHashMap<>(RequestProperties.ofPlainSettings(request));
    shared.keySet().removeAll(List.of(PROMPTS, NEGATIVE_PROMPTS, SEEDS));
    return shared;
  }

  /**
   * Joins requests that can share a run.
   *
   * @return the only one, or one for the videos of all
   */
  static GenerationRequest of(List<GenerationRequest> requests) {
    if (requests.size() == 1) {
      return requests.get(0);
    }
    List<String> prompts = new ArrayList<>();
    List<String> negativePrompts = new ArrayList<>();
    List<Long> seeds = new ArrayList<>();
    for (GenerationRequest request : requests) {
      prompts.addAll(request.prompts());
      negativePrompts.addAll(request.negativePrompts());
      seeds.addAll(request.seeds().isEmpty() ? GenerationSeeds.draw(1) : request.seeds());
    }
    Map<String, Object> all = shared(requests.get(0));
    all.put(PROMPTS, prompts);
    all.put(SEEDS, seeds);
    if (!negativePrompts.isEmpty()) {
      all.put(NEGATIVE_PROMPTS, negativePrompts);
    }
    return GenerationRequest.fromProperties(all);
  }
}
