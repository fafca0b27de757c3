package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.device.ComputeDevice;
import io.t2v.internal.memory.MemoryPlanner;
import io.t2v.internal.pipeline.ExecutionContext;
import io.t2v.testing.StubComponents;
import io.t2v.testing.StubDecoder;
import io.t2v.vae.VaeDecoder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Frames that are decoded together, where the plan of memory says so. */
class BatchedDecodingTest {
  /** Five frames of two videos in groups of three: no group has frames of both. */
  @Test
  void framesComeInTheirOrderAndInGroupsOfOneVideo() {
    List<Long> groups = new ArrayList<>();
    List<Integer> told = new ArrayList<>();
    List<Video> videos;
    try (TextToVideoPipeline pipeline = pipeline(new Shades(groups))) {
      videos =
          pipeline
              .prepare(
                  GenerationRequest.builder(List.of("a panda", "a koala"))
                      .steps(1)
                      .frames(5)
                      .seed(1)
                      .build())
              .onProgress(
                  progress -> {
                    if (progress.phase() == Progress.Phase.DECODE) {
                      told.add(progress.done());
                    }
                  })
              .toVideos();
    }
    assertThat(groups).containsExactly(3L, 2L, 3L, 2L);
    assertThat(told).containsSubsequence(3, 5, 8, 10).doesNotContain(1, 2, 4, 6, 7, 9);
    assertThat(videos).hasSize(2);
    for (int i = 0; i < videos.size(); i++) {
      Video video = videos.get(i);
      assertThat(video.frameCount()).isEqualTo(5);
      for (int frame = 0; frame < 5; frame++) {
        assertThat(video.image(frame).getRGB(0, 0) & 0xff).isEqualTo(10 * (5 * i + frame));
      }
    }
  }

  private static TextToVideoPipeline pipeline(VaeDecoder decoder) {
    return new TextToVideoPipeline(
        StubComponents.of(
            decoder, new MemoryPlanner(Map.of(), List.of(), ComputeDevice.cpu(), 0, 3), true),
        Map.of(),
        List.of(),
        new ExecutionContext(ComputeDevice.cpu(), 1),
        new ContentGate(Optional.empty()),
        true,
        1,
        Duration.ZERO);
  }

  /** Every frame a shade lighter than the one before it. */
  private static final class Shades implements VaeDecoder {
    private final StubDecoder stub = new StubDecoder(4);
    private final List<Long> groups;
    private int decoded;

    Shades(List<Long> groups) {
      this.groups = groups;
    }

    @Override
    public int latentChannels() {
      return stub.latentChannels();
    }

    @Override
    public int scaleFactor() {
      return stub.scaleFactor();
    }

    @Override
    public Tensor decode(Tensor latents) {
      groups.add(latents.size(0));
      Tensor images = stub.decode(latents);
      for (long i = 0; i < latents.size(0); i++) {
        images.select(0, i).fill_(new Scalar(10.0 * decoded++ / 255 * 2 - 1));
      }
      return images;
    }

    @Override
    public void close() {
      stub.close();
    }
  }
}
