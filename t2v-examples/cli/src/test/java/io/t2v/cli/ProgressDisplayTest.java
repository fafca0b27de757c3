package io.t2v.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.Preview;
import io.t2v.Progress;
import io.t2v.Progress.Phase;
import io.t2v.Provenance;
import io.t2v.Video;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressDisplayTest {
  private static final String PROMPT = "a red circle moving right";

  @TempDir Path folder;

  private final StringWriter written = new StringWriter();
  private final PrintWriter err = new PrintWriter(written);
  private long seconds;

  private ProgressBar bar(int columns) {
    return new ProgressBar("t2v", err, columns, () -> seconds * 1_000_000_000L);
  }

  private TerminalScreen screen(int columns) {
    return TerminalScreen.after(written.toString(), columns);
  }

  private static Video black() {
    return Video.of(2, 2, 8, List.of(new byte[12]), Provenance.unknown());
  }

  @Test
  void barShowsStepAndTimeLeft() {
    ProgressBar bar = bar(110);
    bar.partOf(0, 1).onProgress(new Progress(Phase.DENOISE, 0, 25, 0));
    assertThat(screen(110).lines()).containsExactly("t2v [                    ]   0 %, step 0/25");

    seconds = 10;
    bar.partOf(0, 1).onProgress(new Progress(Phase.DENOISE, 5, 25, 0.25));

    assertThat(screen(110).lines())
        .containsExactly("t2v [=====               ]  25 %, step 5/25, 30 s left");
  }

  /** What the library foretells is better than what follows from the share that is done. */
  @Test
  void barShowsTheTimeThatTheRunForetells() {
    Optional<Duration> left = Optional.of(Duration.ofSeconds(90));
    Progress progress = new Progress(Phase.DENOISE, 5, 25, 0.25, Optional.empty(), left);
    ProgressBar bar = bar(110);
    bar.partOf(0, 1).onProgress(progress);
    assertThat(screen(110).lines())
        .containsExactly("t2v [=====               ]  25 %, step 5/25, 1 min 30 s left");
  }

  @Test
  void severalVideosHaveOneBar() {
    ProgressBar bar = bar(110);
    seconds = 60;
    bar.partOf(1, 4).onProgress(new Progress(Phase.DECODE, 3, 8, 1));

    assertThat(screen(110).lines())
        .containsExactly("t2v [==========          ]  50 %, video 2/4, frame 3/8, 1 min 00 s left");
  }

  @Test
  void barIsGoneWhenSomethingElseIsPrinted() {
    ProgressBar bar = bar(110);
    bar.show(0.5, "step 1/2");
    bar.giveWay();
    err.println("circle.mp4");
    bar.show(0.75, "step 2/2");
    bar.close();
    err.println("square.mp4");

    assertThat(screen(110).lines()).containsExactly("circle.mp4", "square.mp4");
  }

  @Test
  void aPictureStaysAboveWhatIsPrinted() {
    ProgressBar bar = bar(110);
    bar.show(0.5, "step 1/2");
    bar.show(new Preview(1, 2, List.of(black())));
    bar.show(new Preview(2, 2, List.of(black())));
    bar.giveWay();
    err.println("circle.mp4");

    List<String> lines = screen(110).lines();
    assertThat(lines).hasSize(1 + 24 + 1).endsWith("circle.mp4").startsWith("");
    assertThat(lines.subList(1, 25)).allMatch(line -> line.equals("\u2580".repeat(48)));
  }

  @Test
  void statusStaysAboveThePicture() {
    ProgressBar bar = bar(110);
    bar.show(0.5, "step 1/2");
    bar.show(new Preview(1, 2, List.of(black())));
    bar.show(0.6, "step 1/2");

    assertThat(screen(110).lines().get(0)).isEqualTo("t2v [============        ]  60 %, step 1/2");
  }

  /** A line that reached the last column would leave a copy of itself with each change. */
  @Test
  void aNarrowTerminalHasOneLineAsWell() {
    ProgressBar bar = bar(30);
    for (int i = 0; i <= 10; i++) {
      bar.show(i / 10.0, "a long name of what is done");
    }

    assertThat(screen(30).lines()).hasSize(1);
    assertThat(screen(30).column()).isEqualTo(29);
  }

  @ParameterizedTest
  @CsvSource({"0, 0 s", "59, 59 s", "60, 1 min 00 s", "3599, 59 min 59 s", "7260, 2 h 01 min"})
  void timesAreShort(long left, String text) {
    assertThat(TimeLeft.format(left)).isEqualTo(text);
  }

  @Test
  void aTerminalShowsTheNamesOfFilesAndNothingElseInTheEnd() {
    String first = folder.resolve("o-1.mp4").toString();
    String second = folder.resolve("o-2.mp4").toString();
    String output = folder.resolve("o.mp4").toString();

    TerminalScreen screen =
        Commands.onTerminal(
            "generate", PROMPT, "a blue square", "-o", output, "-s", "2", "-f", "2");

    assertThat(screen.lines()).containsExactly(first, second);
    assertThat(screen.column()).isZero();
  }

  @Test
  void aTerminalShowsThePreviewAboveTheName() {
    String output = folder.resolve("o.mp4").toString();

    TerminalScreen screen =
        Commands.onTerminal("generate", PROMPT, "-o", output, "-s", "2", "-f", "2", "--preview");

    assertThat(screen.lines()).hasSize(26).endsWith(output);
    assertThat(screen.lines().get(24)).isEqualTo("\u2580".repeat(48));
  }

  @Test
  void programsGetEvents() throws IOException {
    String output = folder.resolve("o.mp4").toString();

    Commands.Outcome outcome =
        Commands.t2v("generate", PROMPT, "-o", output, "-s", "3", "-f", "1", "--progress", "json");

    List<Map<String, Object>> events = new ArrayList<>();
    for (String line : outcome.err().lines().toList()) {
      events.add(JSON.std.mapFrom(line));
    }
    assertThat(events)
        .filteredOn(event -> "denoise".equals(event.get("phase")))
        .extracting(event -> event.get("done"))
        .containsExactly(0, 1, 2, 3);
    assertThat(events)
        .filteredOn(event -> "progress".equals(event.get("event")))
        .allSatisfy(
            event ->
                assertThat(event)
                    .containsEntry("task", "t2v")
                    .containsEntry("video", 1)
                    .containsEntry("videos", 1)
                    .containsKeys("phase", "done", "total", "fraction"));
    assertThat(events.get(events.size() - 1))
        .isEqualTo(Map.of("event", "written", "task", "t2v", "video", 1, "file", output));
  }
}
