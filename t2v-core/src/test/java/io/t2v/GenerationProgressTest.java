package io.t2v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.Progress.Phase;
import io.t2v.testing.NativeObjects;
import io.t2v.testing.TinyPipeline;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a listener is told, and what happens when it fails. */
class GenerationProgressTest {
  @TempDir static Path folder;
  private static TextToVideoPipeline pipeline;

  @BeforeAll
  static void open() {
    pipeline = TinyPipeline.open(folder);
  }

  @AfterAll
  static void close() {
    pipeline.close();
  }

  @Test
  void risesFromTheStartToExactlyOne() {
    List<Progress> events = videoEvents(TinyPipeline.request());
    assertThat(events).extracting(Progress::fraction).isSorted();
    assertThat(events.get(0).fraction()).isZero();
    assertThat(events.get(events.size() - 1).fraction()).isEqualTo(1.0);
    assertThat(events)
        .allSatisfy(
            event -> {
              assertThat(event.fraction()).isBetween(0.0, 1.0);
              assertThat(event.done()).isBetween(0, event.total());
            });
  }

  @Test
  void goesThroughAllPhasesInOrder() {
    List<Progress> events = videoEvents(TinyPipeline.request());
    assertThat(events.stream().map(Progress::phase).distinct())
        .containsExactly(Phase.ENCODE_TEXT, Phase.PREPARE_DENOISER, Phase.DENOISE, Phase.DECODE);
    assertThat(events).extracting(Progress::phase).isSorted();
  }

  @Test
  void reportsStartAndEndOfEachPhase() {
    List<Progress> events =
        videoEvents(
            GenerationRequest.builder(List.of("a red circle", "a blue square")).steps(3).frames(2));
    assertStartAndEnd(events, Phase.ENCODE_TEXT, 2);
    assertStartAndEnd(events, Phase.PREPARE_DENOISER, 1);
    assertStartAndEnd(events, Phase.DENOISE, 3);
    assertStartAndEnd(events, Phase.DECODE, 4);
  }

  @Test
  void reportsEachStepAndFrameAndBlocksBetween() {
    List<Progress> events = videoEvents(TinyPipeline.request());
    assertThat(done(events, Phase.DENOISE)).containsExactly(0, 1, 2, 3);
    assertThat(done(events, Phase.DECODE)).containsExactly(0, 1, 2);
    long blocks = events.stream().filter(event -> event.phase() == Phase.DENOISE).count() / 3;
    assertThat(blocks).as("reports in a step").isGreaterThanOrEqualTo(5);
  }

  @Test
  void endsWithDenoisingWhereLatentsAreAskedFor() {
    List<Progress> events = new ArrayList<>();
    pipeline.prepare(TinyPipeline.request().build()).onProgress(events::add).toLatents();
    assertThat(events.get(events.size() - 1))
        .usingRecursiveComparison()
        .ignoringFields("timeLeft")
        .isEqualTo(new Progress(Phase.DENOISE, 3, 3, 1.0));
    assertThat(events).extracting(Progress::phase).doesNotContain(Phase.DECODE);
    assertThat(events).extracting(Progress::fraction).isSorted();
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void passesOnWhatAListenerThrowsAndFreesEverything(Phase phase) {
    Video video = pipeline.generate(TinyPipeline.request().build());
    byte[] expected = video.rgb();
    IllegalArgumentException thrown = new IllegalArgumentException("the progress bar broke");
    NativeObjects objects = NativeObjects.count();
    for (int unit = 0; unit < 2; unit++) {
      int failing = unit;
      Generation generation =
          pipeline
              .prepare(TinyPipeline.request().initVideo(video).strength(1).build())
              .onProgress(
                  progress -> {
                    if (progress.phase() == phase && progress.done() == failing) {
                      throw thrown;
                    }
                  });
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(generation::toVideo)
          .isSameAs(thrown);
    }
    objects.assertNoMore();
    assertThat(pipeline.generate(TinyPipeline.request().build()).rgb()).isEqualTo(expected);
  }

  private static List<Progress> videoEvents(GenerationRequest.Builder request) {
    List<Progress> events = new ArrayList<>();
    pipeline.prepare(request.build()).onProgress(events::add).toVideos();
    return events;
  }

  private static List<Integer> done(List<Progress> events, Phase phase) {
    return events.stream()
        .filter(event -> event.phase() == phase)
        .map(Progress::done)
        .distinct()
        .toList();
  }

  private static void assertStartAndEnd(List<Progress> events, Phase phase, int total) {
    List<Progress> ofPhase = events.stream().filter(event -> event.phase() == phase).toList();
    assertThat(ofPhase).allSatisfy(event -> assertThat(event.total()).isEqualTo(total));
    assertThat(ofPhase.get(0).done()).isZero();
    assertThat(ofPhase.get(ofPhase.size() - 1).done()).isEqualTo(total);
  }
}
