package io.t2v.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.ContentRefusedException;
import io.t2v.NdArray;
import io.t2v.contract.ContentFilterContract;
import io.t2v.contract.GuidanceContract;
import io.t2v.contract.LatentConstraintContract;
import io.t2v.contract.OffloadPolicyContract;
import io.t2v.contract.TextEncoderContract;
import io.t2v.contract.VaeDecoderContract;
import io.t2v.contract.VaeEncoderContract;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The examples keep the contracts of what they implement. */
class PlugInContractsTest {
  @Test
  void guidanceWithMomentum() {
    GuidanceContract.of(new MomentumGuidance(9, -0.5)).check();
  }

  @Test
  void constraint() {
    NdArray frame = NdArray.of(new long[] {4, 4, 6}, new float[96]);
    LatentConstraintContract.of(new HeldFirstFrame(frame)).check();
  }

  @Test
  void textEncoder() {
    WordTextEncoder encoder = new WordTextEncoder(16);
    TextEncoderContract.of(encoder).check();
    assertThat(encoder.encode(List.of(" one two  three"), 0, 4).truncatedTexts())
        .containsExactly("three");
  }

  @Test
  void decoderAndEncoder() {
    VaeDecoderContract.of(new PixelDecoder()).check();
    VaeEncoderContract.of(new PixelEncoder(), PixelDecoder.CHANNELS, PixelDecoder.FACTOR).check();
  }

  @Test
  void offloadPolicy() {
    OffloadPolicyContract.of(new TracedPolicy(event -> {})).check();
  }

  @Test
  void contentFilter() {
    WordFilter filter = new WordFilter(Set.of("war"));
    ContentFilterContract.of(filter, "a panda", "war and peace").check();
    assertThat(filter.filterPrompt("a warm day")).isEqualTo("a warm day");
    assertThatExceptionOfType(ContentRefusedException.class)
        .isThrownBy(() -> filter.filterPrompt("War, again"))
        .withMessage("the prompt has the word \"war\"");
  }
}
