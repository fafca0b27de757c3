package io.t2v.internal.unet3d;

import java.util.ArrayList;
import java.util.List;

/**
 * How much each block of the network computes, in multiply-adds for each pixel of the outermost
 * level. Products of matrices and convolutions are counted, which is where the time goes; attention
 * scores, some three percent, are left out.
 *
 * @param input of the input block
 * @param blocks of the others, in the order of {@link Unet3d}'s
 */
record UnetWork(double input, List<Double> blocks) {
  /** Four convolutions of three taps each. */
  private static final int TEMPORAL_CONV = 4 * 3;

  /** Projections in and out, two attentions of four products, a feed-forward layer of twelve. */
  private static final int TRANSFORMER = 2 + 2 * 4 + 12;

  /** Keys and values of the text are projected once for a run. */
  private static final int SPATIAL_TRANSFORMER = TRANSFORMER - 2;

  private static final int CONV = 3 * 3;

  static UnetWork of(UnetConfig config) {
    List<Double> blocks = new ArrayList<>();
    int innermost = config.levels() - 1;
    for (int level = 0; level <= innermost; level++) {
      double out = config.channels(level);
      boolean attention =
          config.downBlockTypes().get(level).equals(UnetConfig.CROSS_ATTENTION_DOWN);
      for (int i = 0; i < config.layersPerBlock(); i++) {
        double in = i == 0 ? config.channels(Math.max(level - 1, 0)) : out;
        blocks.add(layer(in, out, attention) * pixels(level));
      }
      if (level < innermost) {
        blocks.add(CONV * out * out * pixels(level + 1));
      }
    }
    double inner = config.channels(innermost);
    blocks.add((layer(inner, inner, true) + layer(inner, inner, false)) * pixels(innermost));
    for (int level = innermost; level >= 0; level--) {
      double out = config.channels(level);
      String type = config.upBlockTypes().get(innermost - level);
      for (int i = 0; i <= config.layersPerBlock(); i++) {
        double hidden = i == 0 ? config.channels(Math.min(level + 1, innermost)) : out;
        double skip = i == config.layersPerBlock() ? config.channels(Math.max(level - 1, 0)) : out;
        boolean attention = type.equals(UnetConfig.CROSS_ATTENTION_UP);
        blocks.add(layer(hidden + skip, out, attention) * pixels(level));
      }
      if (level > 0) {
        blocks.add(CONV * out * out * pixels(level - 1));
      }
    }
    double outer = config.channels(0);
    blocks.add(CONV * outer * config.outChannels());
    double token = InputBlock.tokenWidth(config);
    double input =
        CONV * config.inChannels() * outer + 2 * outer * token + (TRANSFORMER - 2) * token * token;
    return new UnetWork(input, List.copyOf(blocks));
  }

  private static double layer(double in, double out, boolean attention) {
    double resnet = CONV * (in * out + out * out) + (in == out ? 0 : in * out);
    double transformers = attention ? SPATIAL_TRANSFORMER + TRANSFORMER : 0;
    return resnet + (TEMPORAL_CONV + transformers) * out * out;
  }

  private static double pixels(int level) {
    return Math.pow(0.25, level);
  }

  /** Share of the work that is left when the features at a cut come from a cache. */
  double share(NetworkCut cut) {
    double all = input + sum(blocks);
    return 1 - sum(blocks.subList(cut.down(), cut.up())) / all;
  }

  private static double sum(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).sum();
  }
}
