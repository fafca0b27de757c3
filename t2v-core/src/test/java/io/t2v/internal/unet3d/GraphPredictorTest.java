package io.t2v.internal.unet3d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.DeviceGraph;
import io.t2v.internal.torch.HostTensors;
import io.t2v.testing.NativeObjects;
import io.t2v.unet.BlockListener;
import io.t2v.unet.Conditioning;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * When a prediction is computed, recorded, replayed and kept. Here it is latents times time, plus
 * text.
 */
class GraphPredictorTest {
  private static final int BLOCKS = 3;

  private final NativeObjects objects = NativeObjects.count();
  private final List<String> events = new ArrayList<>();
  private final GraphCache cache = new GraphCache(1);
  private GraphPredictor predictor;
  private ComputeScope scope;
  private Tensor[] lastInputs = {};
  private Tensor lastOutput;
  private boolean recordingFails;
  private boolean replayFails;

  @BeforeEach
  void openScope() {
    scope = ComputeScope.open(1);
    predictor = withText(0);
  }

  @AfterEach
  void leavesNothingBehind() {
    predictor.close();
    predictor.close();
    cache.close();
    scope.close();
    assertThat(events)
        .filteredOn("close"::equals)
        .hasSameSizeAs(events.stream().filter("recorded"::equals).toList());
    objects.assertNoMore();
  }

  @Test
  void computesThenRecordsThenReplays() {
    assertThat(predict(2, 10)).isEqualTo(20);
    assertThat(events).containsExactly("compute", "block 1", "block 2", "block 3");
    events.clear();
    assertThat(predict(3, 10)).isEqualTo(30);
    assertThat(events).containsExactly("record", "compute", "recorded", "replay", "block 3");
    assertThat(predict(4, 11)).isEqualTo(44);
    assertThat(predict(5, 12)).isEqualTo(60);
    assertThat(events).endsWith("replay", "block 3", "replay", "block 3", "replay", "block 3");
    predictor.close();
    cache.close();
    assertThat(events).endsWith("close");
  }

  @Test
  void theNextGenerationOfTheShapeReplaysFromItsFirstStepWithItsOwnText() {
    predict(1, 1);
    predict(2, 2);
    predictor.close();
    events.add("next");
    predictor = withText(100);
    assertThat(predict(3, 4)).isEqualTo(112);
    assertThat(predict(4, 5)).isEqualTo(120);
    assertThat(events).endsWith("next", "replay", "block 3", "replay", "block 3");
  }

  @Test
  void aGraphInUseIsNotSharedAndTheOneGivenBackLastIsKept() {
    predict(1, 1);
    predict(2, 2);
    GraphPredictor other = withText(7);
    other.predict(number(1), number(1), BlockListener.none());
    assertThat(value(other.predict(number(2), number(3), BlockListener.none()))).isEqualTo(13);
    assertThat(events).filteredOn("recorded"::equals).hasSize(2);
    other.close();
    assertThat(events).doesNotContain("close");
    predictor.close();
    assertThat(events).filteredOn("close"::equals).hasSize(1);
  }

  @Test
  void anotherShapeTakesThePlaceOfTheOldestGraph() {
    predict(1, 1);
    predict(2, 2);
    predictor.close();
    assertThat(events).doesNotContain("close");
    predictor = withText(0);
    Tensor wide = HostTensors.of(new float[] {1, 2}, 1, 1, 1, 1, 2);
    predictor.predict(wide, number(7), BlockListener.none());
    predictor.predict(wide, number(7), BlockListener.none());
    predictor.close();
    assertThat(events).filteredOn("recorded"::equals).hasSize(2);
    assertThat(events).filteredOn("close"::equals).hasSize(1);
  }

  @Test
  void whatIsGivenBackToAClosedCacheIsClosed() {
    predict(1, 1);
    predict(2, 2);
    cache.close();
    assertThat(predict(3, 3)).as("a generation goes on").isEqualTo(9);
    predictor.close();
    assertThat(events).endsWith("close");
  }

  @Test
  void aKeptGraphThatTheDeviceRefusesIsGivenUpForGood() {
    predict(1, 1);
    predict(2, 2);
    predictor.close();
    predictor = withText(1);
    replayFails = true;
    assertThat(predict(3, 3)).isEqualTo(10);
    assertThat(events).containsSubsequence("close", "compute");
    predictor.close();
    replayFails = false;
    predictor = withText(1);
    events.clear();
    assertThat(predict(3, 3)).isEqualTo(10);
    assertThat(events).startsWith("compute").doesNotContain("replay");
  }

  @Test
  void aResultStaysWhenTheNextOneIsReplayed() {
    predict(1, 1);
    Tensor first = predictor.predict(number(2), number(3), BlockListener.none());
    Tensor second = predictor.predict(number(4), number(5), BlockListener.none());
    assertThat(value(first)).isEqualTo(6);
    assertThat(value(second)).isEqualTo(20);
  }

  @Test
  void computesTheRestIfTheDeviceRefusesToRecord() {
    predict(1, 1);
    events.clear();
    recordingFails = true;
    assertThat(predict(2, 3)).isEqualTo(6);
    assertThat(events)
        .containsExactly("record", "compute", "compute", "block 1", "block 2", "block 3");
    events.clear();
    recordingFails = false;
    assertThat(predict(3, 3)).isEqualTo(9);
    assertThat(events).as("not tried again").startsWith("compute").doesNotContain("record");
  }

  @Test
  void computesTheRestIfTheDeviceRefusesToReplay() {
    predict(1, 1);
    predict(2, 2);
    replayFails = true;
    assertThat(predict(3, 3)).isEqualTo(9);
    assertThat(predict(4, 3)).isEqualTo(12);
    assertThat(events)
        .endsWith(
            "replay", "close", "compute", "block 1", "block 2", "block 3", //
            "compute", "block 1", "block 2", "block 3");
  }

  @Test
  void computesTheRestIfTheShapeChanges() {
    predict(1, 1);
    predict(2, 2);
    events.add("changed");
    Tensor wide = HostTensors.of(new float[] {1, 2}, 1, 1, 1, 1, 2);
    Tensor predicted = predictor.predict(wide, number(7), BlockListener.none());
    assertThat(HostTensors.toFloats(predicted)).containsExactly(7, 14);
    assertThat(predict(3, 3)).isEqualTo(9);
    assertThat(events.subList(events.indexOf("changed"), events.size()))
        .startsWith("changed", "close", "compute")
        .doesNotContain("replay", "record");
  }

  @Test
  void listenerMayStopAReplayAndTheNextOneIsRight() {
    predict(1, 1);
    predict(2, 2);
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(
            () ->
                predictor.predict(
                    number(3),
                    number(3),
                    (done, total) -> {
                      throw new ArithmeticException("cancelled");
                    }));
    assertThat(predict(4, 4)).isEqualTo(16);
    assertThat(events).endsWith("replay", "replay", "block 3");
  }

  @Test
  void aFirstPredictionThatFailsPreparesNothing() {
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(
            () ->
                predictor.predict(
                    number(3),
                    number(3),
                    (done, total) -> {
                      throw new ArithmeticException("cancelled");
                    }));
    assertThat(predict(2, 2)).isEqualTo(4);
    assertThat(events).doesNotContain("record");
  }

  private GraphPredictor withText(float text) {
    return new GraphPredictor(
        this::predictFrom,
        List.of(number(text)),
        new Conditioning(number(text), null, 1),
        cache,
        this::record);
  }

  private Tensor predictFrom(
      Tensor latents, Tensor time, List<Tensor> text, BlockListener listener) {
    events.add("compute");
    lastInputs = new Tensor[] {latents, time, text.get(0)};
    lastOutput = latents.mul(time).add(text.get(0));
    for (int i = 1; i <= BLOCKS; i++) {
      listener.onBlock(i, BLOCKS);
    }
    return lastOutput;
  }

  /** A device that computes once more what it saw, on the same memory. */
  private DeviceGraph record(Runnable work) {
    events.add("record");
    work.run();
    if (recordingFails) {
      throw new IllegalStateException("the stream is in use");
    }
    Tensor[] inputs = lastInputs;
    Tensor output = lastOutput;
    // What is computed while a device records is not there before the first replay.
    output.zero_();
    events.add("recorded");
    return new DeviceGraph() {
      @Override
      public void replay() {
        events.add("replay");
        if (replayFails) {
          throw new IllegalStateException("out of memory");
        }
        output.copy_(inputs[0].mul(inputs[1]).add(inputs[2]));
      }

      @Override
      public void close() {
        events.add("close");
      }
    };
  }

  private float predict(float latents, float time) {
    return value(
        predictor.predict(
            number(latents), number(time), (done, total) -> events.add("block " + done)));
  }

  private static Tensor number(float value) {
    return HostTensors.of(new float[] {value}, 1, 1, 1, 1, 1);
  }

  private static float value(Tensor tensor) {
    return HostTensors.toFloats(tensor)[0];
  }
}
