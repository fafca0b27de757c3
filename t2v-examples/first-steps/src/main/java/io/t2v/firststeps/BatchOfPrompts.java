package io.t2v.firststeps;

import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.ffmpeg.VideoWriter;
import io.t2v.minimodel.MiniModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Several prompts in one request: their videos are computed together, each from a seed of its own,
 * and each is what a request for it alone would give.
 */
public final class BatchOfPrompts {
  private BatchOfPrompts() {}

  /**
   * Writes a file a prompt, named by its seed.
   *
   * @param arguments the folder to write to; without it, the working folder
   * @throws IOException if a file cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments.length == 0 ? "" : arguments[0]));
    try (TextToVideoPipeline pipeline = MiniModel.pipeline().build()) {
      List<Video> videos =
          pipeline.generateAll(
              MiniModel.request(
                      "a red circle moving right",
                      "a blue square moving up on a gray background",
                      "a yellow triangle growing")
                  .seeds(List.of(1L, 2L, 3L))
                  .build());
      for (Video video : videos) {
        // The record of a generation has what is needed to repeat it.
        long seed = video.provenance().seed().orElseThrow();
        VideoWriter.mp4().write(video, folder.resolve("video-" + seed + ".mp4"));
      }
    }
  }
}
