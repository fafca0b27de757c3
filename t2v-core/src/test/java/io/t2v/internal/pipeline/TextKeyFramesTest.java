package io.t2v.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableSortedMap;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class TextKeyFramesTest {
  @Test
  void blendsBetweenKeyFramesAndHoldsTheLast() {
    TextKeyFrames keys = new TextKeyFrames(ImmutableSortedMap.of(0, "a", 4, "b", 6, "a"), 9);
    assertThat(keys.distinctTexts()).containsExactly("a", "b");
    assertThat(blend(keys, 0, 8)).containsExactly(new float[] {0, 2, 4, 6, 8, 4, 0, 0, 0});
  }

  @Test
  void theSameTextAtEachKeyFrameIsExactlyThisText() {
    TextKeyFrames keys = new TextKeyFrames(ImmutableSortedMap.of(0, "a", 3, "a", 7, "a"), 9);
    assertThat(keys.distinctTexts()).containsExactly("a");
    assertThat(blend(keys, 0.1f)).containsOnly(0.1f).hasSize(9);
  }

  /** Embeddings of one token and one number. */
  private static float[] blend(TextKeyFrames keys, float... embeddings) {
    try (ComputeScope scope = ComputeScope.open(1)) {
      Tensor blended =
          keys.blend(HostTensors.of(embeddings, embeddings.length, 1, 1), ComputeConfig.cpu());
      assertThat(HostTensors.shape(blended)).containsExactly(1, 9, 1, 1);
      return HostTensors.toFloats(blended);
    }
  }

  @Test
  void refusesFramesBesideTheVideo() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TextKeyFrames(ImmutableSortedMap.of(0, "a", 9, "b"), 9))
        .withMessage("texts are at the frames [0, 9], expected 0 and others below 9");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TextKeyFrames(ImmutableSortedMap.of(1, "a"), 9))
        .withMessageContaining("[1]");
  }
}
