package io.t2v.internal.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.testing.Golden;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class CorrelatedNoiseTest {
  @Test
  void repeatsFramesAsTheReferenceDoes() {
    Golden golden = Golden.tensors("pipeline/correlated-noise");
    for (Map<String, Object> test :
        Golden.cases(Golden.json("pipeline/correlated-noise"), "cases")) {
      String name = (String) test.get("name");
      assertThat(draw(test, List.of(number(test, "seed").longValue())))
          .as(name)
          .containsExactly(golden.floats(name));
    }
  }

  @Test
  void shufflesEachVideoByItsOwnSeed() {
    Map<String, Object> test = Map.of("frames", 16, "window", 8, "overlap", 4);
    float[] first = draw(test, List.of(1L));
    float[] second = draw(test, List.of(2L));
    float[] both = draw(test, List.of(1L, 2L));
    assertThat(both).startsWith(first).endsWith(second);
  }

  private static float[] draw(Map<String, Object> test, List<Long> seeds) {
    int window = number(test, "window").intValue();
    try (ComputeScope scope = ComputeScope.open(1);
        SeededNoise noise = new SeededNoise(seeds)) {
      Tensor latents =
          noise.correlatedLatents(
              2,
              number(test, "frames").intValue(),
              2,
              3,
              window,
              window - number(test, "overlap").intValue());
      return HostTensors.toFloats(latents);
    }
  }

  private static Number number(Map<String, Object> test, String key) {
    return (Number) test.get(key);
  }
}
