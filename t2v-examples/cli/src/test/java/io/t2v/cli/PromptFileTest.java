package io.t2v.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromptFileTest {
  @TempDir Path folder;

  private String in(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void linesAreSentencesOrObjectsWithSettings() throws IOException {
    Files.writeString(
        folder.resolve("prompts.txt"),
        """
        # what is to be made
        a red circle moving right

        {"prompt": "a blue square growing", "seed": 7, "steps": 2, "frames": 2, "output": "s.webm"}
        """);

    Commands.Outcome outcome =
        Commands.t2v(
            "generate",
            "--prompts",
            in("prompts.txt"),
            "-o",
            in(""),
            "-s",
            "1",
            "-f",
            "1",
            "-q",
            "--json",
            "--seed",
            "3");

    assertThat(outcome.code()).as(outcome.err()).isEqualTo(0);
    List<String> lines = outcome.out().lines().toList();
    assertThat(JSON.std.mapFrom(lines.get(0)))
        .containsEntry("file", in("a-red-circle-moving-right.mp4"))
        .containsEntry("steps", 1)
        .containsEntry("seed", 3);
    assertThat(JSON.std.mapFrom(lines.get(1)))
        .containsEntry("file", in("s.webm"))
        .containsEntry("prompt", "a blue square growing")
        .containsEntry("steps", 2)
        .containsEntry("frames", 2)
        .containsEntry("seed", 7);
  }

  @Test
  void promptsComeFromStdin() {
    Commands.Outcome outcome =
        Commands.t2vWithInput(
            "a red circle\na green square\n",
            "generate",
            "--prompts",
            "-",
            "-o",
            in("o.mp4"),
            "-s",
            "1",
            "-f",
            "1",
            "-q");

    assertThat(outcome.out().lines()).containsExactly(in("o-1.mp4"), in("o-2.mp4"));
  }

  @Test
  void anInterruptedRunIsResumed() throws IOException {
    String[] arguments = {
      "generate", "--prompts", "-", "-o", in("o.mp4"), "-s", "1", "-f", "1", "-q", "--resume"
    };
    Files.writeString(folder.resolve("o-1.mp4"), "made before");

    Commands.Outcome resumed = Commands.t2vWithInput("a red circle\na green square\n", arguments);
    Commands.Outcome done = Commands.t2vWithInput("a red circle\na green square\n", arguments);

    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.out().lines()).containsExactly(in("o-2.mp4"));
    assertThat(resumed.err()).contains("1 of 2 files exist already");
    assertThat(folder.resolve("o-1.mp4")).hasContent("made before");
    assertThat(done.code()).isZero();
    assertThat(done.out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"prompt\": \"a\", \"step\": 3} | line 1 has \"step\", expected some of",
        "{\"steps\": 3} | line 1 has no \"prompt\"",
        "{\"prompt\": | line 1 is no JSON object",
        "{\"prompt\": \"a\"} {\"prompt\": \"b\"} | line 1 has more after its JSON object",
        "{\"prompt\": \"a\"} junk | line 1",
        "{\"prompt\": \"a\", \"output\": \"a\\u0000b\"} | line 1 has \"output\": \"a\\u0000b\", expected",
        "# nothing | holds no prompt",
        "{\"prompt\": \"a\", \"steps\": 2.5} | steps is 2.5, expected a whole number",
        "{\"prompt\": \"a\", \"steps\": \"many\"} | steps is many, expected a whole number",
        "{\"prompt\": \"a\", \"steps\": 0} | steps is 0, expected at least 1",
        "{\"prompt\": \"a\", \"promptSyntax\": \"x\"} | promptSyntax is x, expected PLAIN or A1111 or COMPEL",
        "{\"prompt\": \"a\", \"freeU\": {\"b1\": 1}} | freeU is {b1=1}, expected b1, b2, s1 and s2",
        "{\"prompt\": \"a\", \"width\": 64} | width and height are expected together"
      })
  void saysWhatIsWrongWithALine(String line, String reason) {
    Commands.Outcome outcome = Commands.t2vWithInput(line, "generate", "--prompts", "-");

    assertThat(outcome.code()).isNotZero();
    assertThat(outcome.err()).contains(reason).hasLineCount(1);
  }

  @Test
  void fileOfPromptsMustBeThere() {
    Commands.Outcome outcome = Commands.t2v("generate", "--prompts", in("none.txt"));

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("There is no file " + in("none.txt"));
  }

  @Test
  void namesTheLineThatIsNoUtf8() throws IOException {
    Path latin = folder.resolve("latin.txt");
    Files.writeString(latin, "a red circle\nein Würfel\n", StandardCharsets.ISO_8859_1);
    Path wide = folder.resolve("wide.txt");
    Files.writeString(wide, "a red circle\n", StandardCharsets.UTF_16LE);

    assertThat(Commands.t2v("generate", "--prompts", "" + latin).err())
        .contains(latin + ", line 2 is no UTF-8");
    assertThat(Commands.t2v("generate", "--prompts", "" + wide).err())
        .contains(wide + ", line 1 holds a zero byte, expected text in UTF-8");
  }

  @Test
  void dropsTheByteOrderMark() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "\uFEFF{\"prompt\": \"a cat\"}\r\n");

    assertThat(PromptLine.read(file, InputStream.nullInputStream()))
        .containsExactly(PromptLine.of("a cat"));
  }

  @Test
  void refusesMoreThanMemoryHolds() throws IOException {
    Path large = folder.resolve("large.txt");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(3L << 30);
    }

    assertThat(Commands.t2v("generate", "--prompts", "" + large).err())
        .contains(large + " holds more than 64 MiB");
    assertThat(Commands.t2v("generate", "--prompts", "/dev/zero").err())
        .contains("/dev/zero holds more than 64 MiB");
    assertThat(Commands.t2v("generate", "--prompts", "" + folder).err()).contains("is a folder");
  }

  /** As a shell makes them for {@code --prompts <(...)}. */
  @Test
  void readsAPipe() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Process writer =
        new ProcessBuilder("sh", "-c", "echo a red circle > \"$0\"", pipe.toString()).start();

    assertThat(PromptLine.read(pipe, InputStream.nullInputStream()))
        .containsExactly(PromptLine.of("a red circle"));
    assertThat(writer.waitFor()).isZero();
  }
}
