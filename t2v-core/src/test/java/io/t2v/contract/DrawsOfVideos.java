package io.t2v.contract;

import io.t2v.scheduler.Noise;
import io.t2v.scheduler.SamplingPlan;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Random numbers of a batch: each video has a sequence of its own. */
final class DrawsOfVideos implements Noise, AutoCloseable {
  private final List<Draws> videos;

  DrawsOfVideos(long... seeds) {
    videos = LongStream.of(seeds).mapToObj(Draws::new).toList();
  }

  @Override
  public int videos() {
    return videos.size();
  }

  @Override
  public Tensor randnLike(Tensor like) {
    long[] shape = like.shape();
    shape[0] /= videos.size();
    return gaussian(shape);
  }

  /** One after the other in the first dimension. */
  Tensor gaussian(long... shapeOfOne) {
    return SamplingPlan.scoped(
        () -> {
          TensorVector drawn = new TensorVector();
          videos.forEach(video -> drawn.push_back(video.gaussian(shapeOfOne)));
          return torch.cat(drawn, 0);
        });
  }

  @Override
  public void close() {
    videos.forEach(Draws::close);
  }
}
