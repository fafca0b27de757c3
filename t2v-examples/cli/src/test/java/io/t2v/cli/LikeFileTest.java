package io.t2v.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.Provenance;
import io.t2v.VideoInfo;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LikeFileTest {
  @Test
  void namesWhatItDoesNotRepeatButNotHowTheVideoWasComputed() {
    Map<String, Object> properties =
        Map.of(
            Provenance.PROMPT,
            "a panda",
            Provenance.DEVICE,
            "cuda:0",
            Provenance.GPU_OPTIMIZATIONS,
            List.of("batched-decoding"),
            "ofAnotherVersion",
            1);
    VideoInfo clip = new VideoInfo(64, 64, 8, 8, new Provenance(properties, Map.of()));
    assertThat(new LikeFile(clip).notRepeated()).containsExactly("ofAnotherVersion");
  }
}
