package io.t2v.cli;

import static io.t2v.cli.Commands.t2v;
import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.Provenance;
import io.t2v.VideoInfo;
import io.t2v.cli.Commands.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LikeFileTest {
  @Test
  void namesWhatItDoesNotRepeatButNotHowTheVideoWasComputed() {
    Map<String, Object> properties =
        Map.of(
            Provenance.PROMPT,
            "a panda",
            Provenance.DEVICE,
            "cuda:0",
            Provenance.GPU_OPTIMIZATIONS,
            List.of("batched-decoding"),
            "ofAnotherVersion",
            1);
    VideoInfo clip = new VideoInfo(64, 64, 8, 8, new Provenance(properties, Map.of()));
    assertThat(new LikeFile("a.mp4", clip).notRepeated()).containsExactly("ofAnotherVersion");
  }

  /** Of a plug-in that is missing, or of a newer version. */
  @Test
  void refusesASchedulerThatIsNotKnownHere(@TempDir Path folder) throws IOException {
    Path made = folder.resolve("a.mp4");
    Outcome first = t2v("generate", "a red circle", "-s", "1", "-f", "1", "-q", "-o", "" + made);
    assertThat(first.code()).as(first.err()).isZero();
    Path other = folder.resolve("other.mp4");
    String bytes = Files.readString(made, StandardCharsets.ISO_8859_1);
    Files.writeString(
        other,
        bytes.replace("DPMSolverMultistepScheduler", "FOOSolverMultistepScheduler"),
        StandardCharsets.ISO_8859_1);

    Outcome refused = t2v("generate", "--like", "" + other, "-o", folder.resolve("b.mp4") + "");
    Outcome chosen =
        t2v("generate", "--like", "" + other, "--scheduler", "ddim", "-o", "" + made, "-s", "0");

    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err())
        .contains("other.mp4 was made with the scheduler FOOSolverMultistepScheduler")
        .contains("--scheduler NAME", "class path")
        .hasLineCount(1);
    assertThat(chosen.err()).contains("--steps").doesNotContain("FOOSolver");
  }

  @Test
  void refusesAPipeInsteadOfWaitingForIt(@TempDir Path folder) throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertThat(t2v("generate", "--like", "" + pipe).err()).contains(pipe + ": it is no file");
    assertThat(t2v("inspect", "" + pipe).err()).contains(pipe + " is a pipe or a device");
    assertThat(t2v("generate", "a red circle", "-c", "" + pipe).err())
        .contains(pipe + " is a pipe or a device");
  }
}
