package io.t2v.service;

import io.t2v.ContentRefusedException;
import io.t2v.GenerationRequest;
import io.t2v.InsufficientMemoryException;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.VideoInfo;
import io.t2v.ffmpeg.VideoWriteException;
import io.t2v.ffmpeg.VideoWriter;
import io.t2v.service.VideoParameters.FrameSize;
import io.t2v.spring.LoraChoice;
import io.t2v.spring.LoraPipelines;
import io.t2v.spring.PipelineLoader;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Makes a request of a client's parameters, and refuses before any work what would fail: values out
 * of range, sizes that do not fit the model or the encoder, and what does not fit into memory.
 */
@Component
final class RequestPlanner {
  private static final long LOADING_RETRY_SECONDS = 5;
  private static final double MAX_GUIDANCE = 100;
  private static final double MAX_FPS = 120;

  private final PipelineLoader loader;
  private final LoraPipelines pipelines;
  private final ModelProfile model;
  private final ServiceProperties limits;

  RequestPlanner(
      PipelineLoader loader,
      LoraPipelines pipelines,
      ModelProfile model,
      ServiceProperties limits) {
    this.loader = loader;
    this.pipelines = pipelines;
    this.model = model;
    this.limits = limits;
  }

  /**
   * A request that fits, and its settings.
   *
   * @param settings to be shown and kept
   * @param request to be run
   */
  record Plan(VideoSettings settings, GenerationRequest request) {}

  Plan plan(VideoParameters parameters, @Nullable InputReference reference) throws IOException {
    requireModel(parameters);
    String prompt = prompt(parameters);
    List<LoraChoice> loras = loras(parameters);
    TextToVideoPipeline pipeline = pipeline();
    double fps = parameters.number(VideoParameters.FPS, 1, MAX_FPS).orElse(model.fps());
    long seed =
        parameters
            .integer(VideoParameters.SEED, Long.MIN_VALUE, Long.MAX_VALUE)
            .orElseGet(() -> ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE));
    GenerationRequest.Builder builder =
        GenerationRequest.builder(prompt)
            .framesPerSecond(fps)
            .seed(seed)
            .steps(
                parameters
                    .integer(VideoParameters.NUM_INFERENCE_STEPS, 1, limits.maxSteps())
                    .orElse(model.steps()))
            .guidanceScale(
                parameters
                    .number(VideoParameters.GUIDANCE_SCALE, 0, MAX_GUIDANCE)
                    .orElse(model.guidanceScale()));
    String negative = parameters.text(VideoParameters.NEGATIVE_PROMPT);
    if (negative != null && !negative.isBlank()) {
      requireShort(VideoParameters.NEGATIVE_PROMPT, negative);
      builder.negativePrompt(negative);
    }
    FrameSize size = parameters.size();
    if (size != null) {
      requireFewPixels(size);
      builder.size(size.width(), size.height());
    }
    int frames = frames(parameters, fps);
    OptionalDouble strength = parameters.number(VideoParameters.STRENGTH, 0, 1);
    if (reference == null) {
      if (strength.isPresent()) {
        throw ApiException.invalid(
            VideoParameters.STRENGTH,
            "strength says how far the video may leave input_reference," + " which is missing.");
      }
      builder.frames(frames);
    } else {
      startFrom(reference, builder, pipeline, frames, strength);
    }
    return check(pipeline, builder, loras, reference != null);
  }

  private void requireModel(VideoParameters parameters) {
    String name = parameters.text(VideoParameters.MODEL);
    if (name != null && !name.equals(model.name())) {
      throw ApiException.of(
          HttpStatus.BAD_REQUEST,
          "model_not_found",
          "The only model is \"" + model.name() + "\"; model may be left out.");
    }
  }

  private List<LoraChoice> loras(VideoParameters parameters) {
    List<LoraChoice> loras = parameters.loras();
    try {
      pipelines.require(loras);
    } catch (IllegalArgumentException e) {
      throw ApiException.invalid(VideoParameters.LORA, String.valueOf(e.getMessage()));
    }
    return loras;
  }

  private String prompt(VideoParameters parameters) {
    String prompt = parameters.text(VideoParameters.PROMPT);
    if (prompt == null || prompt.isBlank()) {
      throw ApiException.invalid(VideoParameters.PROMPT, "prompt is missing or blank.");
    }
    requireShort(VideoParameters.PROMPT, prompt);
    return prompt;
  }

  private void requireShort(String name, String text) {
    if (text.length() > limits.maxPromptLength()) {
      throw ApiException.invalid(
          name,
          "%s has %s characters, expected at most %s."
              .formatted(name, text.length(), limits.maxPromptLength()));
    }
  }

  private void requireFewPixels(FrameSize size) {
    if ((long) size.width() * size.height() > limits.maxPixels()) {
      throw ApiException.invalid(
          VideoParameters.SIZE,
          "size is %sx%s, more than the %s pixels that this service allows."
              .formatted(size.width(), size.height(), limits.maxPixels()));
    }
  }

  private TextToVideoPipeline pipeline() {
    if (loader.state() == PipelineLoader.State.LOADING) {
      throw ApiException.later(
          HttpStatus.SERVICE_UNAVAILABLE,
          "model_loading",
          "The model is being loaded: try again in a few seconds.",
          LOADING_RETRY_SECONDS);
    }
    return loader.get();
  }

  private int frames(VideoParameters parameters, double fps) {
    OptionalInt frames = parameters.integer(VideoParameters.NUM_FRAMES, 1, limits.maxFrames());
    OptionalDouble seconds =
        parameters.number(VideoParameters.SECONDS, 1 / fps, limits.maxFrames() / fps);
    if (frames.isPresent() && seconds.isPresent()) {
      throw ApiException.invalid(
          VideoParameters.SECONDS, "seconds is given beside num_frames: expected one of both.");
    }
    if (seconds.isPresent()) {
      return (int) Math.max(1, Math.round(seconds.getAsDouble() * fps));
    }
    return frames.orElse(model.frames());
  }

  /** A picture becomes the first frame; a video, as many of its frames as are wanted, the start. */
  private static void startFrom(
      InputReference reference,
      GenerationRequest.Builder builder,
      TextToVideoPipeline pipeline,
      int frames,
      OptionalDouble strength)
      throws IOException {
    VideoInfo info;
    try {
      info = pipeline.prepare(builder.build().toBuilder().frames(1).build()).videoInfo();
    } catch (IllegalArgumentException e) {
      throw ApiException.invalid(VideoParameters.SIZE, String.valueOf(e.getMessage()));
    }
    Video start = reference.read(new FrameSize(info.width(), info.height()), frames);
    if (start.frameCount() == 1 && frames > 1) {
      if (strength.isPresent()) {
        throw ApiException.invalid(
            VideoParameters.STRENGTH, "strength is for videos to start from, not for pictures.");
      }
      builder.frames(frames).initImage(start.image(0));
    } else {
      builder.initVideo(start);
      strength.ifPresent(builder::strength);
    }
  }

  private static Plan check(
      TextToVideoPipeline pipeline,
      GenerationRequest.Builder builder,
      List<LoraChoice> loras,
      boolean hasReference)
      throws VideoWriteException {
    try {
      GenerationRequest request = builder.build();
      VideoInfo info = pipeline.prepare(request).videoInfo();
      VideoWriter.mp4().check(info.width(), info.height(), info.framesPerSecond());
      return new Plan(settings(request, info, loras, hasReference), request);
    } catch (InsufficientMemoryException e) {
      throw ApiException.of(
          HttpStatus.UNPROCESSABLE_CONTENT, "insufficient_memory", String.valueOf(e.getMessage()));
    } catch (ContentRefusedException e) {
      throw ApiException.of(
          HttpStatus.BAD_REQUEST, "content_refused", String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException | VideoWriteException e) {
      throw ApiException.of(
          HttpStatus.BAD_REQUEST, "invalid_value", String.valueOf(e.getMessage()));
    }
  }

  private static VideoSettings settings(
      GenerationRequest request, VideoInfo info, List<LoraChoice> loras, boolean hasReference) {
    return new VideoSettings(
        request.prompts().get(0),
        request.negativePrompts().stream().findFirst().orElse(null),
        info.width(),
        info.height(),
        info.frames(),
        info.framesPerSecond(),
        request.steps(),
        request.guidanceScale(),
        Objects.requireNonNull(request.seeds().get(0)),
        loras,
        hasReference);
  }
}
