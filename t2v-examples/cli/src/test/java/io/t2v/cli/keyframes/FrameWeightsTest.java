package io.t2v.cli.keyframes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameWeightsTest {
  private static final long SEED = 7;

  /** Expected values: the web UI's rules, by hand. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0:(t/max_i_f), "max_i_f":(1)                            | 5 | 0 .25 .5 .75 1
          0:(t/max_i_f), "max_i_f":(1)                            | 1 | 1
          0:(0), "max_i_f/4":(1), "3*max_i_f/4":(1), "max_i_f-1":(0) | 9 | 0 .5 1 1 1 1 1 0 0
          0:(0), 4:(1)                                            | 5 | 0 .25 .5 .75 1
          2:(0.5)                                                 | 4 | .5 .5 .5 .5
          0:(0.5), 2:(t/4), 4:(0)                                 | 6 | .5 .5 .5 .75 0 0
          0:(min(t, 2)/4), 3:(1)                                  | 4 | 0 .25 .5 1
          1:(0.2), 3:(0.6)                                        | 5 | .2 .2 .4 .6 .6
          0:(s/10), "max_f/2":(1)                                 | 3 | .7 .7 .7
          0:(2**-1 * -(1 - 2)), 1:((t%2)*(0.5))                   | 4 | .5 .5 0 .5
          """)
  void givesTheWebUisWeights(String text, int count, String expected) {
    List<Double> weights = FrameWeights.parse(text).ofFrames(count, 11, SEED);
    double[] numbers =
        Arrays.stream(expected.split(" ")).mapToDouble(Double::parseDouble).toArray();
    assertThat(weights).hasSize(count);
    for (int i = 0; i < count; i++) {
      assertThat(weights.get(i)).as("frame %s of %s", i, weights).isEqualTo(numbers[i]);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0.5            | '0.5' is no weight of a frame
          0:(1),         | '' is no weight of a frame
          0:(x)          | 'x' has the variable x, expected some of [max_f, max_i_f, s, t]
          0:(1+)         | '1+' has its end at character 3, expected a number
          0:(2 3)        | '2 3' has '3' at character 3, expected an operator
          0:(foo(1))     | has the function foo, expected some of abs
          0:(1/0)        | '1/0' is Infinity
          9:(1)          | no weight stands at one of the frames 0 to 3
          0:(1.2.3)      | has the number 1.2.3
          """)
  void saysWhatIsWrong(String text, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrameWeights.parse(text).ofFrames(4, 8, SEED))
        .withMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"(", "-", "2**", "min("})
  void refusesEndlessNesting(String level) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrameWeights.parse("0:" + level.repeat(100_000)).ofFrames(4, 8, SEED))
        .withMessageContaining("nested more than 64 deep");
    assertThatNoException()
        .isThrownBy(() -> FrameWeights.parse("0:" + "(".repeat(60) + "1" + ")".repeat(60)));
  }
}
