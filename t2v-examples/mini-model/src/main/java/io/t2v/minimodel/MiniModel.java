package io.t2v.minimodel;

import io.t2v.GenerationRequest;
import io.t2v.PipelineBuilder;
import io.t2v.TextToVideoPipeline;
import io.t2v.scheduler.DpmSolverMultistepScheduler;
import io.t2v.scheduler.SchedulerFactory;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A complete model of 4 million parameters, for demonstrations and for the tests of applications:
 * clips of coloured shapes in motion, 64 × 64 pixels, 8 frames, made in a second or two on one CPU
 * core.
 *
 * <pre>{@code
 * try (TextToVideoPipeline pipeline = MiniModel.pipeline().build()) {
 *   Video video = pipeline.generate(MiniModel.request("a red circle moving right").seed(1).build());
 * }
 * }</pre>
 *
 * <p>A prompt is a color (red, green, blue, yellow, white, purple, orange, cyan), a shape (circle,
 * square, triangle), a motion (moving right, left, up or down, growing, shrinking) and, if wanted,
 * a background: {@code an orange square growing on a navy background} (black, gray, navy). Other
 * words mean nothing to it. At the default settings it shows what such a prompt says; above a
 * guidance scale of 1.5, circles and squares are mixed up at times.
 *
 * <p>A checkpoint is a folder of files, so the model is unpacked once, into {@code t2v/} in the
 * user's cache folder ({@code $XDG_CACHE_HOME} or {@code ~/.cache}, {@code ~/Library/Caches},
 * {@code %LOCALAPPDATA%}). This class has no state; all of it may be used by many threads.
 */
public final class MiniModel {
  /** The number of frames that the model was trained on. */
  public static final int FRAMES = 8;

  /** The number of steps that DPM-Solver++ needs. */
  public static final int STEPS = 25;

  /** The guidance scale at which colors, motions and shapes are right. */
  public static final double GUIDANCE_SCALE = 1.5;

  /**
   * The number of threads for a model of this size: more of them wait for each other longer than
   * they compute, above all where other programs keep the CPU busy.
   */
  public static final int THREADS = 1;

  /** DPM-Solver++, on the model's noise schedule. */
  public static final SchedulerFactory SCHEDULER = DpmSolverMultistepScheduler::fromConfig;

  private static final BundledFolder MODEL = new BundledFolder("model");
  private static final BundledFolder ADAPTERS = new BundledFolder("adapters");

  private MiniModel() {}

  /**
   * Returns the model's folder, after unpacking it if that was not done before.
   *
   * <p>Files are checked by their digests, and damaged ones are replaced. Many threads and
   * processes may do this at the same time. If the cache folder cannot be written, a temporary
   * folder is used, which is deleted when the JVM ends.
   *
   * @return a checkpoint in diffusers layout; not to be changed
   * @throws UncheckedIOException if there is no space for its 17 MB
   */
  public static Path folder() {
    return MODEL.path();
  }

  /**
   * Returns a LoRA for this model, after unpacking it if that was not done before. It teaches a
   * motion: {@code a red circle jumping} leaves the floor, rises, and lands again, at some seeds
   * with a frame that loses the shape. Other motions stay.
   *
   * <pre>{@code
   * MiniModel.pipeline().adapter(Adapter.load(MiniModel.jumpingLora())).build()
   * }</pre>
   *
   * @return a file of {@link io.t2v.adapter.Adapter#load}; not to be changed
   * @throws UncheckedIOException if there is no space for it
   */
  public static Path jumpingLora() {
    return ADAPTERS.path().resolve("jumping.safetensors");
  }

  /**
   * Returns a word of textual inversion for this model, after unpacking it if that was not done
   * before. The word is {@code <pink>}, a colour: {@code a <pink> circle moving right}.
   *
   * <pre>{@code
   * MiniModel.pipeline().learnedWords(MiniModel.pinkWord()).build()
   * }</pre>
   *
   * @return a file of {@link PipelineBuilder#learnedWords}; not to be changed
   * @throws UncheckedIOException if there is no space for it
   */
  public static Path pinkWord() {
    return ADAPTERS.path().resolve("pink.safetensors");
  }

  /**
   * Starts a pipeline on this model, with the scheduler and the number of threads that suit it.
   *
   * @return a builder
   */
  public static PipelineBuilder pipeline() {
    return TextToVideoPipeline.builder().checkpoint(folder()).scheduler(SCHEDULER).threads(THREADS);
  }

  /**
   * Starts a request with the settings that suit this model.
   *
   * @param prompts such as {@code a red circle moving right}
   * @return a builder whose settings may be changed
   * @throws IllegalArgumentException if there is no prompt, or one is blank
   */
  public static GenerationRequest.Builder request(String... prompts) {
    return GenerationRequest.builder(List.of(prompts))
        .frames(FRAMES)
        .steps(STEPS)
        .guidanceScale(GUIDANCE_SCALE)
        .build()
        .toBuilder();
  }
}
