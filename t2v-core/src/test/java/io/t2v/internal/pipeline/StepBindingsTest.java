package io.t2v.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.testing.StubDenoiser;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.ForwardingDenoiser;
import io.t2v.unet.LatentSize;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Bindings whose closing fails. */
class StepBindingsTest {
  private final List<Long> closed = new ArrayList<>();

  /** Its bindings fail when they are closed. */
  private final class Unclosable extends ForwardingDenoiser {
    Unclosable() {
      super(new StubDenoiser(6, new LatentSize(2, 3)));
    }

    @Override
    public BoundDenoiser bind(Conditioning conditioning) {
      long tokens = conditioning.text().size(1);
      return new BoundDenoiser() {
        @Override
        public Tensor predict(Tensor latents, double timestep, BlockListener listener) {
          throw new AssertionError("not asked");
        }

        @Override
        public void close() {
          closed.add(tokens);
          throw new IllegalArgumentException("of " + tokens + " tokens");
        }
      };
    }
  }

  /** ofStep: which of two texts each step reads, of one and of two tokens. */
  private StepBindings bindings(Integer... ofStep) {
    List<Tensor> texts =
        List.of(HostTensors.of(new float[1], 1, 1, 1), HostTensors.of(new float[2], 1, 2, 1));
    return new StepBindings(
        new Unclosable(),
        Conditioning.onText(texts.get(0)),
        new StepTexts(texts, List.of(ofStep)),
        text -> text);
  }

  @Test
  void tellsEveryFailureOfClosing() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      StepBindings bindings = bindings(0, 1, 0, 1);
      bindings.at(0);
      bindings.at(1);
      Throwable failure = catchThrowable(bindings::close);
      assertThat(failure).hasRootCauseMessage("of 1 tokens");
      assertThat(failure.getSuppressed()).singleElement().asString().contains("of 2 tokens");
    }
    assertThat(closed).containsExactly(1L, 2L);
  }

  @Test
  void whatCouldNotBeClosedIsNotClosedAgain() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      StepBindings bindings = bindings(0, 1);
      bindings.at(0);
      assertThat(catchThrowable(() -> bindings.at(1))).hasRootCauseMessage("of 1 tokens");
      bindings.close();
    }
    assertThat(closed).containsExactly(1L);
  }
}
