package io.t2v.cli;

import static io.t2v.cli.Commands.t2v;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Outputs that would replace something, each other included, or cannot be written. */
class RefusedOutputsTest {
  private static final String PROMPT = "a red circle moving right";

  @TempDir Path folder;

  private String in(String name) {
    return folder.resolve(name).toString();
  }

  /** Of one short step, so that what is not refused is seen soon. */
  private static Commands.Outcome generate(String... options) {
    List<String> arguments = new ArrayList<>(List.of("generate", "-s", "1", "-f", "1", "-q"));
    arguments.addAll(List.of(options));
    return t2v(arguments.toArray(String[]::new));
  }

  @Test
  void aRunIsSavedOverNothingButItself() throws IOException {
    Files.writeString(folder.resolve("notes"), "precious");

    Commands.Outcome refused = generate(PROMPT, "-o", in("a.mp4"), "--save-run", in("notes"));
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains(in("notes") + " exists already", "--resume-run", "--force");
    assertThat(folder.resolve("notes")).hasContent("precious");
    assertThat(folder.resolve("a.mp4")).doesNotExist();

    Commands.Outcome forced =
        generate(PROMPT, "-o", in("a.mp4"), "--save-run", in("notes"), "--force");
    assertThat(forced.code()).as(forced.err()).isZero();
    Commands.Outcome goesOn =
        t2v(
            "generate",
            "--resume-run",
            in("notes"),
            "--save-run",
            in("./notes"),
            "-o",
            in("b.mp4"));
    assertThat(goesOn.code()).as(goesOn.err()).isZero();
  }

  @Test
  void aRunIsNotSavedOverWhatTheCommandReadsOrWrites() throws IOException {
    Path prompts = Files.writeString(folder.resolve("prompts"), PROMPT);

    Commands.Outcome input =
        generate("--prompts", in("prompts"), "--save-run", in("./prompts"), "--force");
    assertThat(input.code()).isEqualTo(2);
    assertThat(input.err()).contains("'--save-run' and '--prompts' name the same file");
    assertThat(prompts).hasContent(PROMPT);

    Commands.Outcome output = generate(PROMPT, "-o", in("a.mp4"), "--save-run", in("a.mp4"));
    assertThat(output.code()).isEqualTo(1);
    assertThat(output.err()).contains("a.mp4 is the name of two outputs");
  }

  @Test
  void videosOfOneFileAreRefused() throws IOException {
    Files.createDirectory(folder.resolve("d"));
    Path prompts =
        Files.writeString(
            folder.resolve("prompts"),
            """
            {"prompt": "a red circle growing", "output": "n.mp4"}
            {"prompt": "a red circle shrinking", "output": "d/../n.mp4"}
            """);

    Commands.Outcome outcome = generate("--prompts", prompts.toString(), "-o", folder.toString());

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err())
        .contains(in("n.mp4") + " and " + in("d/../n.mp4") + " are the same file")
        .hasLineCount(1);
    assertThat(folder.resolve("n.mp4")).doesNotExist();
  }

  @Test
  void linksToOneFileAreRefused() throws IOException {
    Path video = Files.createSymbolicLink(folder.resolve("a.mp4"), Path.of("new"));
    Path sheet = Files.createSymbolicLink(folder.resolve("a.png"), Path.of("new"));

    Commands.Outcome outcome =
        generate(PROMPT, "-o", video.toString(), "--contact-sheet", sheet.toString(), "--force");

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains(video + " and " + sheet + " are the same file");
    assertThat(folder.resolve("new")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "generate 'a circle' -o X.png --format mp4 --contact-sheet X.png, is the name of two outputs",
    "convert in.mp4 X.png --format gif --contact-sheet X.png, is the name of two outputs",
    "generate 'a circle' -o - --format png_files, '--format png_files' is a folder",
    "convert in.mp4 - --format gif, - is stdout",
    "compare in.mp4 in.mp4 -o - --format gif, - is stdout",
  })
  void isRefusedBeforeTheWork(String command, String message) {
    Commands.Outcome outcome =
        t2v(command.replace("'a circle'", "circle").replace("X", in("x")).split(" "));

    assertThat(outcome.code()).isNotZero();
    assertThat(outcome.err()).contains(message).hasLineCount(1);
    assertThat(folder).isEmptyDirectory();
    assertThat(Path.of("-")).doesNotExist();
  }

  @Test
  void aFileThatAppearsWhileAVideoIsComputedIsNotReplaced() throws IOException {
    Path video = folder.resolve("a.mp4");
    Path sheet = folder.resolve("a.png");
    StringWriter out = new StringWriter();
    StringWriter err =
        new StringWriter() {
          @Override
          public void write(String text, int offset, int length) {
            super.write(text, offset, length);
            if (text.contains("\"phase\":\"decode\"")) {
              write(video);
              write(sheet);
            }
          }

          private void write(Path file) {
            try {
              Files.writeString(file, "precious");
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    CommandLine commandLine = commandLine(new PrintWriter(out), new PrintWriter(err));

    int code =
        commandLine.execute(
            ("generate circle -s 1 -f 2 --progress json -o %s --contact-sheet %s")
                .formatted(video, sheet)
                .split(" "));

    assertThat(code).as(err.toString()).isZero();
    assertThat(video).hasContent("precious");
    assertThat(out.toString().strip()).isEqualTo(in("a-1.mp4"));
    assertThat(err.toString()).contains(video + " appeared meanwhile", in("a-1.mp4"));
    assertThat(folder.resolve("a-1.mp4")).isNotEmptyFile();
    assertThat(folder.resolve("a-1.png")).isNotEmptyFile();
    assertThat(sheet).hasContent("precious");
  }

  private static CommandLine commandLine(PrintWriter out, PrintWriter err) {
    StandardStreams streams =
        new StandardStreams(
            new ByteArrayInputStream(new byte[0]),
            new ByteArrayOutputStream(),
            false,
            false,
            Commands.COLUMNS,
            false);
    return T2v.commandLine(streams).setOut(out).setErr(err);
  }

  @Test
  void stdoutThatCannotBeWrittenIsAnError() {
    StringWriter err = new StringWriter();
    Writer full =
        new Writer() {
          @Override
          public void write(char[] text, int from, int length) throws IOException {
            throw new IOException("No space left on device");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    CommandLine commandLine = commandLine(new PrintWriter(full), new PrintWriter(err));

    assertThat(commandLine.execute("generate-man")).isEqualTo(1);
    assertThat(err.toString()).contains("could not write to stdout").hasLineCount(1);
  }
}
