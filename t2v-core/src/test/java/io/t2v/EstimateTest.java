package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.t2v.Progress.Phase;
import io.t2v.testing.TinyPipeline;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long runs will take. Times come from a clock of the test, or from the record of a run. */
class EstimateTest {
  private static final RunWork WORK =
      new RunWork(List.of(2.0, 2.0), Map.of(Phase.ENCODE_TEXT, 1.0, Phase.DENOISE, 8.0));
  private static final RunWork WITH_FRAMES =
      new RunWork(
          List.of(2.0, 2.0),
          Map.of(Phase.ENCODE_TEXT, 1.0, Phase.DENOISE, 16.0, Phase.DECODE, 4.0));

  @TempDir Path folder;
  private final AtomicLong clock = new AtomicLong();

  private void pass(int seconds) {
    clock.addAndGet(seconds * 1_000_000_000L);
  }

  @Test
  void aFinishedRunTellsWhatOthersTake() {
    MeasuredSpeed speed = new MeasuredSpeed();
    assertThat(speed.total(WORK)).isEmpty();
    speed.learn(WORK, times(Phase.ENCODE_TEXT, 1, Phase.DENOISE, 40));
    assertThat(speed.total(WORK)).contains(Duration.ofSeconds(41));
    assertThat(speed.total(WITH_FRAMES)).as("decoding was not seen yet").isEmpty();
    speed.learn(WITH_FRAMES, times(Phase.ENCODE_TEXT, 1, Phase.DENOISE, 64, Phase.DECODE, 8));
    assertThat(speed.total(WORK)).as("by the last run").contains(Duration.ofSeconds(33));
    assertThat(speed.total(WITH_FRAMES)).contains(Duration.ofSeconds(73));
  }

  private static Map<Phase, Duration> times(Object... phasesAndSeconds) {
    Map<Phase, Duration> times = new EnumMap<>(Phase.class);
    for (int i = 0; i < phasesAndSeconds.length; i += 2) {
      times.put((Phase) phasesAndSeconds[i], Duration.ofSeconds((Integer) phasesAndSeconds[i + 1]));
    }
    return times;
  }

  @Test
  void theRestOfAPhaseTakesAsLongAsItsBeginning() {
    TimeLeft left = new TimeLeft(WORK, Map.of(), clock::get);
    assertThat(left.at(Phase.ENCODE_TEXT, 0.5)).as("denoising was not seen yet").isEmpty();
    left.begin(0);
    assertThat(left.at(Phase.DENOISE, 0)).isEmpty();
    pass(10);
    assertThat(left.at(Phase.DENOISE, 0.25)).contains(Duration.ofSeconds(30));
    pass(50);
    assertThat(left.at(Phase.DENOISE, 0.75)).contains(Duration.ofSeconds(20));
    assertThat(left.at(Phase.DENOISE, 1)).contains(Duration.ZERO);
  }

  /** A resumed run has done a part of its steps before. */
  @Test
  void stepsOfAnEarlierProcessTookNoTimeOfThisOne() {
    TimeLeft left = new TimeLeft(WORK, Map.of(), clock::get);
    left.begin(0.5);
    pass(10);
    assertThat(left.at(Phase.DENOISE, 0.75)).contains(Duration.ofSeconds(10));
  }

  @Test
  void phasesToComeTakeWhatTheyTookBefore() {
    Map<Phase, Duration> before = times(Phase.ENCODE_TEXT, 1, Phase.DENOISE, 60, Phase.DECODE, 8);
    TimeLeft left = new TimeLeft(WITH_FRAMES, before, clock::get);
    left.begin(0);
    assertThat(left.at(Phase.ENCODE_TEXT, 0)).contains(Duration.ofSeconds(69));
    assertThat(left.at(Phase.PREPARE_DENOISER, 0)).contains(Duration.ofSeconds(68));
    left.begin(0);
    pass(5);
    assertThat(left.at(Phase.DENOISE, 0)).contains(Duration.ofSeconds(55 + 8));
    pass(15);
    assertThat(left.at(Phase.DENOISE, 0.5)).contains(Duration.ofSeconds(20 + 8));
    pass(1000);
    assertThat(left.at(Phase.DENOISE, 0)).as("not below zero").contains(Duration.ofSeconds(8));
  }

  @Test
  void aPipelineLearnsFromItsRuns() {
    try (TextToVideoPipeline pipeline = TinyPipeline.open(folder)) {
      GenerationRequest request = TinyPipeline.request().build();
      Generation generation = pipeline.prepare(request);
      assertThat(generation.estimate()).isEmpty();
      generation.toLatents();
      assertThat(generation.estimate()).as("nothing was decoded yet").isEmpty();

      Map<String, Duration> took = generation.toVideo().provenance().timings();
      double once = seconds(took, "encode_text") + seconds(took, "decode");
      double steps = seconds(took, "denoise");
      assertThat(estimate(pipeline, request)).isCloseTo(once + steps, within(1e-6));
      GenerationRequest more = request.toBuilder().steps(9).build();
      assertThat(estimate(pipeline, more)).isCloseTo(once + 3 * steps, within(1e-6));
      GenerationRequest unguided = request.toBuilder().guidanceScale(1).build();
      assertThat(estimate(pipeline, unguided)).isCloseTo(once + steps / 2, within(1e-6));

      List<Optional<Duration>> left = new ArrayList<>();
      pipeline.prepare(request).onProgress(now -> left.add(now.timeLeft())).toVideo();
      assertThat(left).doesNotContain(Optional.empty()).endsWith(Optional.of(Duration.ZERO));
    }
  }

  private static double seconds(Map<String, Duration> timings, String phase) {
    return timings.get(phase).toNanos() / 1e9;
  }

  private static double estimate(TextToVideoPipeline pipeline, GenerationRequest request) {
    return pipeline.prepare(request).estimate().orElseThrow().toNanos() / 1e9;
  }
}
