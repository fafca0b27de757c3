package io.t2v.internal.pipeline;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSortedMap;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.TensorScope;
import java.util.List;
import java.util.SortedMap;
import org.bytedeco.pytorch.Tensor;

/**
 * A text that changes in the course of a video: given at some frames, blended between them. The
 * last one holds to the end.
 *
 * <p>Embeddings are blended linearly, as diffusers does for AnimateDiff with FreeNoise.
 */
public final class TextKeyFrames {
  private final ImmutableSortedMap<Integer, String> texts;
  private final int frames;

  /**
   * Places texts.
   *
   * @param texts frame to text; frame 0 is among them, the others are below {@code frames}
   * @param frames of the video
   */
  public TextKeyFrames(SortedMap<Integer, String> texts, int frames) {
    this.texts = ImmutableSortedMap.copyOfSorted(texts);
    this.frames = frames;
    checkArgument(
        !texts.isEmpty() && texts.firstKey() == 0 && texts.lastKey() < frames,
        "texts are at the frames %s, expected 0 and others below %s",
        texts.keySet(),
        frames);
  }

  /**
   * Returns what is to be encoded.
   *
   * @return each text once, in the order of frames
   */
  public List<String> distinctTexts() {
    return texts.values().stream().distinct().toList();
  }

  /**
   * Blends embeddings. Between two equal ones, the result is exactly these.
   *
   * @param embeddings of the {@linkplain #distinctTexts() distinct texts}, [texts, tokens, width]
   * @param compute where they are
   * @return [1, frames, tokens, width], of the innermost open scope
   */
  public Tensor blend(Tensor embeddings, ComputeConfig compute) {
    List<String> encoded = distinctTexts();
    long[] before = new long[frames];
    long[] after = new long[frames];
    float[] share = new float[frames];
    for (int frame = 0; frame < frames; frame++) {
      int left = texts.headMap(frame, true).lastKey();
      SortedMap<Integer, String> rest = texts.tailMap(frame, true);
      int right = rest.isEmpty() ? left : rest.firstKey();
      before[frame] = encoded.indexOf(texts.get(left));
      after[frame] = encoded.indexOf(texts.get(right));
      share[frame] = right == left ? 0 : (float) (frame - left) / (right - left);
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor from = rows(embeddings, before, compute);
      Tensor to = rows(embeddings, after, compute);
      Tensor shares = compute.toCompute(HostTensors.of(share, frames, 1, 1));
      return scope.keep(from.lerp(to, shares).unsqueeze(0));
    }
  }

  private static Tensor rows(Tensor embeddings, long[] numbers, ComputeConfig compute) {
    return embeddings.index_select(0, compute.place(HostTensors.of(numbers, numbers.length)));
  }
}
