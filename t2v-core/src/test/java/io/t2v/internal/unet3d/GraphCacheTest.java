package io.t2v.internal.unet3d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.DeviceGraph;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.NativePool;
import io.t2v.unet.UnetAdjustments;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Graphs whose device fails as they are closed: none of the others is lost. */
class GraphCacheTest {
  private final List<String> closed = new ArrayList<>();
  private final ComputeScope scope = ComputeScope.open(1);
  private final Tensor number = HostTensors.of(new float[] {1}, 1);

  @AfterEach
  void closeScope() {
    scope.close();
  }

  @Test
  void theNewGraphIsKeptThoughTheOldOneOfItsShapeFailsToClose() {
    GraphCache cache = new GraphCache(1);
    RecordedPrediction next = recording("new");
    cache.giveBack(key(8), recording("old"));
    assertThatIllegalStateException().isThrownBy(() -> cache.giveBack(key(8), next));
    assertThat(closed).containsExactly("old");
    assertThat(cache.take(key(8))).isSameAs(next);
  }

  @Test
  void allAreClosedThoughEachFails() {
    GraphCache cache = new GraphCache(3);
    List.of(1L, 2L, 3L).forEach(size -> cache.giveBack(key(size), recording("of " + size)));
    assertThatIllegalStateException()
        .isThrownBy(cache::close)
        .satisfies(failure -> assertThat(failure.getSuppressed()).hasSize(2));
    assertThat(closed).containsExactlyInAnyOrder("of 1", "of 2", "of 3");
    cache.close();
    assertThat(closed).as("each once").hasSize(3);
  }

  private static GraphKey key(long size) {
    return new GraphKey(List.of(size), List.of(1L), List.of(1L), 1, UnetAdjustments.none());
  }

  private RecordedPrediction recording(String name) {
    DeviceGraph graph =
        new DeviceGraph() {
          @Override
          public void replay() {}

          @Override
          public void close() {
            closed.add(name);
            throw new IllegalStateException(name);
          }
        };
    return new RecordedPrediction(new NativePool(), number, number, List.of(), number, graph, 1);
  }
}
