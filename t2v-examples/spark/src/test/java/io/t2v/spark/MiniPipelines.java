package io.t2v.spark;

import io.t2v.ContentFilter;
import io.t2v.TextToVideoPipeline;
import io.t2v.VideoInfo;
import io.t2v.device.ComputeDevice;
import io.t2v.minimodel.MiniModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Opens the miniature model on executors.
 *
 * @param bomb a file; the JVM that decodes the second frame of a clip while it is there deletes it,
 *     and dies
 */
record MiniPipelines(String bomb) implements PipelineOpener {
  private static final long serialVersionUID = 1;

  @Override
  public TextToVideoPipeline open(ComputeDevice device, int threads) {
    return MiniModel.pipeline().contentFilter(new Bomb(Path.of(bomb))).build();
  }

  private record Bomb(Path file) implements ContentFilter {
    @Override
    public byte[] filterFrame(byte[] rgb, int index, VideoInfo video) {
      try {
        if (index == 1 && Files.deleteIfExists(file)) {
          Runtime.getRuntime().halt(137);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return rgb;
    }
  }
}
