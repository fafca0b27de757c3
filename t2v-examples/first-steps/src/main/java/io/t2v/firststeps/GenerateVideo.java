package io.t2v.firststeps;

import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.ffmpeg.VideoWriter;
import io.t2v.minimodel.MiniModel;
import io.t2v.scheduler.DpmSolverMultistepScheduler;
import java.io.IOException;
import java.nio.file.Path;

/** The shortest program: a checkpoint's folder and a sentence become a file. */
public final class GenerateVideo {
  private GenerateVideo() {}

  /**
   * Writes {@code video.mp4} into the working folder.
   *
   * @param arguments the prompt, and the folder of a checkpoint in diffusers layout; without them
   *     the bundled model shows a red circle
   * @throws IOException if the file cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    boolean bundled = arguments.length < 2;
    Path checkpoint = bundled ? MiniModel.folder() : Path.of(arguments[1]);
    String prompt = arguments.length == 0 ? "a red circle moving right" : arguments[0];

    // Heavy to make: an application makes one pipeline, and keeps it.
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder()
            .checkpoint(checkpoint)
            .scheduler(DpmSolverMultistepScheduler::fromConfig)
            .build()) {
      Video video =
          pipeline.generate(
              GenerationRequest.builder(prompt)
                  .steps(25)
                  .guidanceScale(bundled ? MiniModel.GUIDANCE_SCALE : 9)
                  .frames(bundled ? MiniModel.FRAMES : 16)
                  .seed(42)
                  .build());
      VideoWriter.mp4().write(video, Path.of("video.mp4"));
    }
  }
}
