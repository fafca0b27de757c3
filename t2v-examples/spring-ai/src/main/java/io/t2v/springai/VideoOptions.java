package io.t2v.springai;

import io.t2v.GenerationRequest;
import java.util.function.Consumer;
import org.springframework.ai.model.ModelOptions;

/**
 * Settings of a video: every one that a request has.
 *
 * <pre>{@code
 * new VideoOptions(request -> request.steps(25).seed(7))
 * }</pre>
 *
 * @param settings sets them on the request
 */
public record VideoOptions(Consumer<GenerationRequest.Builder> settings) implements ModelOptions {
  /** The pipeline's defaults. */
  public static final VideoOptions DEFAULT = new VideoOptions(request -> {});

  /** Sets these on a request, over settings that it has already. */
  GenerationRequest.Builder over(GenerationRequest.Builder request) {
    GenerationRequest.Builder changed = request.build().toBuilder();
    settings.accept(changed);
    return changed;
  }
}
