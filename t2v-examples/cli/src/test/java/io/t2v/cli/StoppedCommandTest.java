package io.t2v.cli;

import static io.t2v.cli.Commands.t2v;
import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.Video;
import io.t2v.ffmpeg.VideoReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What is left of a command that ends in the middle of its work. */
class StoppedCommandTest {
  private static final String PROMPT = "a red circle moving right";

  @TempDir Path folder;

  private String in(String name) {
    return folder.resolve(name).toString();
  }

  /** Fails where its progress says that it is there, and returns what it printed. */
  private static String failingAt(String phase, int done, String... options) {
    String place = "\"phase\":\"" + phase + "\",\"done\":" + done;
    StringWriter err =
        new StringWriter() {
          @Override
          public void write(String text, int offset, int length) {
            super.write(text, offset, length);
            if (text.contains(place)) {
              throw new IllegalStateException("enough");
            }
          }
        };
    StandardStreams streams =
        new StandardStreams(
            new ByteArrayInputStream(new byte[0]),
            new ByteArrayOutputStream(),
            false,
            false,
            Commands.COLUMNS,
            false);
    CommandLine commandLine =
        T2v.commandLine(streams)
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(err));
    List<String> arguments = new ArrayList<>(List.of("generate", "--progress", "json"));
    arguments.addAll(List.of(options));
    assertThat(commandLine.execute(arguments.toArray(String[]::new))).isNotZero();
    assertThat(err.toString()).contains("enough");
    return err.toString();
  }

  private Video read(String name) throws IOException {
    return VideoReader.create().read(folder.resolve(name));
  }

  @Test
  void framesThatAreDoneAreKeptOnRequestAlone() throws IOException {
    String[] some = {PROMPT, "--seed", "1", "-s", "2", "-f", "6", "-o", in("some.mkv")};
    failingAt("decode", 3, some);
    assertThat(folder).isEmptyDirectory();

    List<String> keeping = new ArrayList<>(List.of(some));
    keeping.add("--keep-partial");
    String said = failingAt("decode", 3, keeping.toArray(String[]::new));

    assertThat(said).contains(in("some.mkv") + " holds the first 3 of 6 frames");
    t2v("generate", PROMPT, "--seed", "1", "-s", "2", "-f", "6", "-o", in("all.mkv"), "-q");
    Video part = read("some.mkv");
    Video whole = read("all.mkv");
    assertThat(part.frameCount()).isEqualTo(3);
    for (int i = 0; i < 3; i++) {
      assertThat(part.rgb(i)).isEqualTo(whole.rgb(i));
    }
    keeping.set(keeping.indexOf(in("some.mkv")), in("none.mkv"));
    assertThat(failingAt("denoise", 1, keeping.toArray(String[]::new))).doesNotContain("holds the");
    assertThat(folder.resolve("none.mkv")).doesNotExist();
  }

  @Test
  void anotherCommandGoesOnWithASavedRun() throws IOException {
    String[] settings = {
      "--seed", "1", "-s", "5", "-f", "2", "--scheduler", "eulerancestraldiscrete"
    };
    List<String> saving = new ArrayList<>(List.of(PROMPT, "-o", in("a.mkv")));
    saving.addAll(List.of(settings));
    saving.addAll(List.of("--save-run", in("run")));
    failingAt("denoise", 3, saving.toArray(String[]::new));
    assertThat(folder.resolve("a.mkv")).doesNotExist();

    Commands.Outcome other =
        t2v("generate", "--resume-run", in("run"), "-s", "9", "-o", in("b.mkv"));
    assertThat(other.code()).isNotZero();
    assertThat(other.err()).contains("steps is 9, but was 5");
    Commands.Outcome resumed =
        t2v("generate", "--resume-run", in("run"), "-o", in("b.mkv"), "--progress", "json");
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.err())
        .contains("\"phase\":\"denoise\",\"done\":3")
        .doesNotContain("\"phase\":\"denoise\",\"done\":2");

    List<String> undisturbed =
        new ArrayList<>(List.of("generate", PROMPT, "-o", in("c.mkv"), "-q"));
    undisturbed.addAll(List.of(settings));
    t2v(undisturbed.toArray(String[]::new));
    assertThat(read("b.mkv").rgb()).isEqualTo(read("c.mkv").rgb());
  }

  @Test
  void oneFileIsForOneRun() {
    Commands.Outcome outcome =
        t2v(
            "generate",
            PROMPT,
            "a blue square moving up",
            "-o",
            folder.toString(),
            "--save-run",
            in("r"));

    assertThat(outcome.err())
        .contains("'--save-run' is for one run, but there are 2 videos: add --batch");
  }
}
