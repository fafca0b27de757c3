package io.t2v.internal.clip;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.memory.Placement;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.offload.ResidencyEvent;
import io.t2v.offload.ResidencyEvent.Direction;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.RecordingPolicy;
import io.t2v.testing.RecordingSideStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers that are streamed to a device; the CPU stands in for the device. */
class StreamedTextEncoderTest {
  @TempDir Path folder;

  @Test
  void layersComeOneAheadAndTheTextStaysTheSame() {
    CheckpointFiles checkpoint = CheckpointFiles.open(GoldenModel.write("four-levels", folder));
    RecordingPolicy policy = new RecordingPolicy(OffloadPolicy.streaming());
    // The first text of the process makes native objects that stay.
    try (ClipTextEncoder first = open(checkpoint, OffloadPolicy.none())) {
      encode(first, 0);
    }
    NativeObjects objects = NativeObjects.count();
    try (ClipTextEncoder plain = open(checkpoint, OffloadPolicy.none());
        ClipTextEncoder streamed = open(checkpoint, policy)) {
      for (int clipSkip = 0; clipSkip <= plain.maxClipSkip(); clipSkip++) {
        assertThat(encode(streamed, clipSkip)).isEqualTo(encode(plain, clipSkip));
        List<ResidencyEvent> moves = policy.takeMoves();
        List<ResidencyEvent> in =
            moves.stream().filter(move -> move.direction() == Direction.LOADED).toList();
        assertThat(in).hasSize(1 + plain.maxClipSkip() - clipSkip);
        for (int i = 0; i + 1 < in.size(); i++) {
          ResidencyEvent out =
              new ResidencyEvent(in.get(i).component(), in.get(i).part(), Direction.RELEASED);
          assertThat(moves).containsSubsequence(in.get(i), in.get(i + 1), out);
        }
      }
    }
    objects.assertNoMore();
  }

  private static float[] encode(ClipTextEncoder encoder, int clipSkip) {
    try (ComputeScope scope = ComputeScope.open(1)) {
      return HostTensors.toFloats(encoder.encode(List.of("a red circle"), clipSkip).embeddings());
    }
  }

  private static ClipTextEncoder open(CheckpointFiles checkpoint, OffloadPolicy policy) {
    RecordingSideStream side = new RecordingSideStream();
    return ClipTextEncoder.open(
        checkpoint.textEncoderConfig(),
        checkpoint.textEncoderWeights(),
        ClipTokenizer.load(checkpoint.tokenizerFolder().orElseThrow()),
        List.of(),
        new Placement(Component.TEXT_ENCODER, policy, ComputeConfig.cpu(), device -> side));
  }
}
