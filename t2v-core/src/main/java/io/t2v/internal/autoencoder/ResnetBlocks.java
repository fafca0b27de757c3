package io.t2v.internal.autoencoder;

import io.t2v.internal.weights.Weights;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** The residual layers of a level, one after the other. */
record ResnetBlocks(List<ResnetBlock> layers) {
  /** Loads {@code resnets.0} and so on; the first one changes the number of channels. */
  static ResnetBlocks load(VaeConfig config, Weights level, int count, long in, long out) {
    return new ResnetBlocks(
        IntStream.range(0, count)
            .mapToObj(i -> new ResnetBlock(config, level.at("resnets", i), i == 0 ? in : out, out))
            .toList());
  }

  /** Frees its input. */
  Tensor forward(Tensor x) {
    Tensor hidden = x;
    for (ResnetBlock layer : layers) {
      Tensor next = layer.forward(hidden);
      hidden.close();
      hidden = next;
    }
    return hidden;
  }
}
