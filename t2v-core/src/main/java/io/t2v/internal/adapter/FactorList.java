package io.t2v.internal.adapter;

import com.google.common.collect.ImmutableList;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.adapter.AdapterFile.Target;
import io.t2v.internal.files.TensorFiles;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Files of cloneofsimo's library, which name no layers: a pickled list [up, down, up, down, ...],
 * or safetensors with {@code unet:0:up} and {@code unet:0:down}. Strength is 1: there is no alpha.
 *
 * @see <a href="https://github.com/cloneofsimo/lora">cloneofsimo/lora</a>
 */
final class FactorList {
  private static final Pattern NUMBERED =
      Pattern.compile("(unet|text_encoder):(\\d{1,6}):(up|down)");

  private FactorList() {}

  /** Reads the factors in their order; empty if the file names its layers. */
  static Optional<Map<Target, ImmutableList<LowRank>>> read(TensorFiles tensors) {
    Set<String> names = tensors.names();
    Map<Target, ImmutableList<LowRank>> lists = new EnumMap<>(Target.class);
    if (names.contains("0")) {
      requireEven(tensors, names.size());
      lists.put(Target.UNKNOWN, list(tensors, "%d", "%d", names.size() / 2, 2));
    } else if (names.stream().allMatch(name -> NUMBERED.matcher(name).matches())) {
      putNumbered(tensors, "unet", Target.UNET, lists);
      putNumbered(tensors, "text_encoder", Target.TEXT_ENCODER, lists);
    } else {
      return Optional.empty();
    }
    return Optional.of(lists);
  }

  private static void putNumbered(
      TensorFiles tensors,
      String network,
      Target target,
      Map<Target, ImmutableList<LowRank>> lists) {
    long count =
        tensors.names().stream()
            .map(NUMBERED::matcher)
            .filter(Matcher::matches)
            .filter(name -> name.group(1).equals(network))
            .count();
    if (count > 0) {
      requireEven(tensors, count);
      lists.put(
          target, list(tensors, network + ":%d:up", network + ":%d:down", (int) (count / 2), 1));
    }
  }

  private static void requireEven(TensorFiles tensors, long count) {
    if (count % 2 != 0) {
      throw new CheckpointException(
          "%s holds a list of %s tensors, expected pairs of factors.".formatted(tensors, count));
    }
  }

  /** stride: 2 if both factors are counted by one number, 1 if each pair has a number. */
  private static ImmutableList<LowRank> list(
      TensorFiles tensors, String up, String down, int pairs, int stride) {
    ImmutableList.Builder<LowRank> layers = ImmutableList.builder();
    for (int i = 0; i < pairs; i++) {
      String upName = up.formatted(i * stride);
      String downName = down.formatted(i * stride + stride - 1);
      String key = "pair " + i;
      long rank = AdapterFile.rank(tensors, key, upName, downName);
      layers.add(new LowRank(key, upName, downName, rank, 1, false));
    }
    return layers.build();
  }
}
