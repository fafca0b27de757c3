package io.t2v.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.weights.Weights;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SubmodulesTest {
  /** A network that is trimmed when all of it is there has had all its holes at once by then. */
  @Test
  void tellsAfterEachPartThatItIsThere() {
    List<String> events = new ArrayList<>();
    Submodules parts = Submodules.together(() -> events.add("trim"));
    Weights.list(
        weights -> {
          parts.part("a", weights, own -> events.add("a"));
          parts.part("b", weights, own -> events.add("b"));
        },
        (name, shape) -> {});
    assertThat(events).containsExactly("a", "trim", "b", "trim");
  }
}
