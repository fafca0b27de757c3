package io.t2v.firststeps;

import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.adapter.Adapter;
import io.t2v.ffmpeg.VideoWriter;
import io.t2v.minimodel.MiniModel;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Teaches the miniature model a motion and a colour that it does not know: with a LoRA, and with a
 * word of textual inversion.
 */
public final class UseAdapters {
  private UseAdapters() {}

  /**
   * Makes a video of a pink circle that jumps.
   *
   * @param arguments the file to write; default: {@code jumping.mp4}
   * @throws IOException if it cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments.length > 0 ? arguments[0] : "jumping.mp4");
    try (TextToVideoPipeline pipeline =
        MiniModel.pipeline()
            .adapter(Adapter.load(MiniModel.jumpingLora()).scale(1))
            .learnedWords(MiniModel.pinkWord())
            .build()) {
      Video video = pipeline.generate(MiniModel.request("a <pink> circle jumping").seed(1).build());
      VideoWriter.mp4().write(video, file);
    }
  }
}
