package io.t2v.internal.pipeline;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.internal.torch.GaussianGenerator;
import io.t2v.internal.torch.TensorScope;
import io.t2v.scheduler.Noise;
import io.t2v.scheduler.Stateful;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The random numbers of one generation. Each video has its own, so that it comes out the same alone
 * and together with others.
 */
public final class SeededNoise implements Noise, Stateful, AutoCloseable {
  private final List<GaussianGenerator> generators;

  public SeededNoise(List<Long> seedOfVideo) {
    generators = seedOfVideo.stream().map(GaussianGenerator::new).toList();
  }

  /** Draws the noise that the videos start from, [videos, channels, frames, height, width]. */
  public Tensor initialLatents(long channels, long frames, long height, long width) {
    return drawForEach(g -> g.draw(1, channels, frames, height, width));
  }

  /**
   * Draws noise of which frames after the first window repeat earlier ones, shuffled: FreeNoise, as
   * diffusers has it.
   *
   * @param window frames that are drawn before the first repetition
   * @param stride frames that are repeated at a time, at most {@code window}
   * @return [videos, channels, frames, height, width]
   * @see <a href="https://arxiv.org/abs/2310.15169">FreeNoise</a>
   */
  public Tensor correlatedLatents(
      long channels, long frames, long height, long width, int window, int stride) {
    return drawForEach(
        generator -> {
          Tensor latents = generator.draw(1, channels, frames, height, width);
          for (long start = window; start < frames; start += stride) {
            long count = Math.min(stride, frames - start);
            Tensor order = generator.permutation(stride).narrow(0, 0, count);
            Tensor earlier = order.add(new Scalar(start - window));
            latents.narrow(2, start, count).copy_(latents.index_select(2, earlier));
          }
          return latents;
        });
  }

  @Override
  public int videos() {
    return generators.size();
  }

  /** Draws the part of each video by itself, as the reference does. */
  @Override
  public Tensor randnLike(Tensor like) {
    long[] shape = like.shape();
    checkArgument(
        shape.length > 0 && shape[0] % videos() == 0,
        "noise is drawn for a tensor of shape %s, expected a first dimension that is a multiple of"
            + " the %s videos of the batch",
        Arrays.toString(shape),
        videos());
    shape[0] /= videos();
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(drawForEach(g -> g.draw(shape)).to(like));
    }
  }

  private Tensor drawForEach(Function<GaussianGenerator, Tensor> draw) {
    try (TensorScope scope = TensorScope.open()) {
      TensorVector all = new TensorVector();
      for (GaussianGenerator generator : generators) {
        all.push_back(draw.apply(generator));
      }
      return scope.keep(torch.cat(all, 0));
    }
  }

  /** Where each video's random numbers are, by the video's index. */
  @Override
  public Map<String, Tensor> stateDict() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    for (int video = 0; video < videos(); video++) {
      state.put(String.valueOf(video), generators.get(video).state());
    }
    return state;
  }

  @Override
  public void loadStateDict(Map<String, Tensor> state) {
    for (int video = 0; video < videos(); video++) {
      Tensor own = state.get(String.valueOf(video));
      checkArgument(
          own != null && state.size() == videos(),
          "the state of the random numbers is that of videos %s, expected %s videos",
          state.keySet(),
          videos());
      generators.get(video).setState(own.cpu());
    }
  }

  @Override
  public void close() {
    generators.forEach(GaussianGenerator::close);
  }
}
