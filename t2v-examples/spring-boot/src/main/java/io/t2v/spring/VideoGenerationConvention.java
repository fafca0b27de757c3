package io.t2v.spring;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.t2v.GenerationCancelledException;
import io.t2v.GenerationRequest;
import io.t2v.InsufficientMemoryException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How generations are named and tagged. A bean of this type replaces {@link #DEFAULT}.
 *
 * <p>Names that begin with {@code gen_ai} follow OpenTelemetry's conventions for generative AI,
 * which are still changing; the others are this library's own.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/semconv/gen-ai/">Semantic conventions for
 *     generative AI</a>
 */
public interface VideoGenerationConvention extends ObservationConvention<VideoGenerationContext> {
  /** The name of the observation, and of its timer. */
  String NAME = "t2v.generation";

  /** Reported after each denoising step. */
  Observation.Event STEP = Observation.Event.of("step");

  /** Without prompts, which may be personal data. */
  VideoGenerationConvention DEFAULT = of(false);

  /**
   * Makes the usual convention.
   *
   * @param includePrompt whether spans carry the prompt; meters never do
   * @return the convention
   */
  static VideoGenerationConvention of(boolean includePrompt) {
    return new Usual(includePrompt);
  }

  @Override
  default boolean supportsContext(Observation.Context context) {
    return context instanceof VideoGenerationContext;
  }

  @Override
  default String getName() {
    return NAME;
  }

  /** How a generation ended. */
  enum Outcome {
    /** With a video. */
    SUCCESS,
    /** By a token, an interruption or the end of the context. */
    CANCELLED,
    /** It did not fit into memory. */
    OUT_OF_MEMORY,
    /** Otherwise. */
    ERROR;

    static Outcome of(@Nullable Throwable error) {
      if (error == null) {
        return SUCCESS;
      }
      if (error instanceof GenerationCancelledException) {
        return CANCELLED;
      }
      return error instanceof InsufficientMemoryException ? OUT_OF_MEMORY : ERROR;
    }
  }
}

/** The usual names and tags. */
record Usual(boolean includePrompt) implements VideoGenerationConvention {
  @Override
  public String getContextualName(VideoGenerationContext context) {
    return "generate_content " + context.model();
  }

  @Override
  public KeyValues getLowCardinalityKeyValues(VideoGenerationContext context) {
    return KeyValues.of(
        KeyValue.of("gen_ai.operation.name", "generate_content"),
        KeyValue.of("gen_ai.output.type", "video"),
        KeyValue.of("gen_ai.provider.name", "t2v"),
        KeyValue.of("gen_ai.request.model", context.model()),
        KeyValue.of("device", context.plan().device().toString()),
        KeyValue.of("outcome", Outcome.of(context.getError()).name()));
  }

  @Override
  public KeyValues getHighCardinalityKeyValues(VideoGenerationContext context) {
    GenerationRequest request = context.request();
    KeyValues values =
        KeyValues.of(
            "t2v.request.steps", Integer.toString(request.steps()),
            "t2v.request.frames", Integer.toString(request.frames()),
            "t2v.request.guidance_scale", Double.toString(request.guidanceScale()));
    if (request.width().isPresent()) {
      String size = request.width().getAsInt() + "x" + request.height().orElseThrow();
      values = values.and("t2v.request.size", size);
    }
    if (!request.seeds().isEmpty()) {
      String seeds = request.seeds().stream().map(String::valueOf).collect(Collectors.joining(","));
      values = values.and("gen_ai.request.seed", seeds);
    }
    return includePrompt
        ? values.and("t2v.request.prompt", String.join("\n", request.prompts()))
        : values;
  }
}
