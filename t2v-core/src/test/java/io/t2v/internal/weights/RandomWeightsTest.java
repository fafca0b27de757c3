package io.t2v.internal.weights;

import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.testing.Golden;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RandomWeightsTest {
  @Test
  void makesTheSameBitsAsTheReferencesRecipe() {
    for (Map<String, Object> vector : Golden.cases(Golden.json("random-weights"), "cases")) {
      String name = (String) vector.get("name");
      long[] shape =
          ((List<?>) vector.get("shape"))
              .stream().mapToLong(d -> ((Number) d).longValue()).toArray();
      RandomWeights.Values values =
          new RandomWeights.Values(name, shape, ((Number) vector.get("seed")).longValue());
      long count = 1;
      for (long dimension : shape) {
        count *= dimension;
      }
      List<?> first = (List<?>) vector.get("first_bits");
      long sum = 0;
      int bits = 0;
      for (int i = 0; i < count; i++) {
        bits = Float.floatToRawIntBits(values.next());
        sum += Integer.toUnsignedLong(bits);
        if (i < first.size()) {
          assertThat(bits)
              .as(name + " " + i)
              .isEqualTo(Integer.parseUnsignedInt((String) first.get(i), 16));
        }
      }
      assertThat(bits)
          .as(name)
          .isEqualTo(Integer.parseUnsignedInt((String) vector.get("last_bits"), 16));
      assertThat(sum).as(name).isEqualTo(((Number) vector.get("sum_of_bits")).longValue());
    }
  }
}
