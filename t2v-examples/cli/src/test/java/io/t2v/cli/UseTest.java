package io.t2v.cli;

import static io.t2v.cli.Commands.t2v;
import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.Provenance;
import io.t2v.Video;
import io.t2v.ffmpeg.VideoReader;
import io.t2v.minimodel.MiniModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What people type by mistake, and what surprised them. */
class UseTest {
  private static final String PROMPT = "a red circle moving right";
  private static final String[] SMALL = {"-s", "1", "-f", "1", "-q"};

  @TempDir Path folder;

  private String in(String name) {
    return folder.resolve(name).toString();
  }

  private static Commands.Outcome generate(String... arguments) {
    return t2v(
        Stream.of(new String[] {"generate"}, arguments, SMALL)
            .flatMap(Stream::of)
            .toArray(String[]::new));
  }

  @Test
  void aSentenceWithoutQuotesIsNoticed() {
    Commands.Outcome unquoted = generate("red", "circle", "-o", in("a.mp4"));
    Commands.Outcome quoted = generate("red circle", "square", "-o", in("b.mp4"));

    assertThat(unquoted.err()).contains("2 videos", "needs quotes: \"red circle\"").hasLineCount(1);
    assertThat(quoted.err()).isEmpty();
  }

  /** The script keeps the values of options by their labels. */
  @Test
  void completionSuggestsAnOptionsOwnValues() {
    for (CommandLine command : T2v.commandLine().getSubcommands().values()) {
      Map<String, List<String>> values = new HashMap<>();
      for (OptionSpec option : command.getCommandSpec().options()) {
        List<String> own = new ArrayList<>();
        if (option.completionCandidates() != null) {
          option.completionCandidates().forEach(own::add);
        }
        List<String> before = values.putIfAbsent(option.paramLabel(), own);
        if (before != null) {
          assertThat(own).as(command.getCommandName() + " " + option).isEqualTo(before);
        }
      }
    }
    assertThat(t2v("generate-completion").out())
        .contains("SCHEDULER_option_args", "FORMAT_option_args", "FILTER_option_args");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "compare a.mp4 --bogus -o c.mp4 | Unknown option: '--bogus'",
        "compare a.mp4 -o c.mp4 | FILE was given 1 times, expected at least 2",
        "generate x --step 3 | Did you mean --steps",
        "generat x | Did you mean generate?",
        "generate x --force --resume | '--force' and '--resume' exclude each other",
        "generate x -o - --json | '--output -' and '--json' both write to stdout",
        "generate x y -o - | '--output -' writes 1 video, not 2",
        "generate x --vae-from nowhere | '--vae-from': there is no nowhere",
        "generate x --unet-weights nowhere | '--unet-weights': there is no nowhere",
        "generate x --overlap 2 | '--correlated-noise' expect '--window' with them",
        "generate x --freeu 1,2,3 | '1,2,3' is no setting of FreeU, expected four numbers such as",
        "generate x --freeu 1,2,0,1 | s1 of FreeU is 0.0, expected a number above 0",
        "generate x --temporal-conv-strength -1 | temporalConvStrength is -1.0, expected",
        "generate x --watermark xyz | '--watermark': watermark is xyz, expected 1 to 16 hexadecimal",
        "generate x --window 0 | '--window': the length of a window is 0, expected at least 1",
        "generate x --window 4 --overlap 4 | '--overlap': the overlap of windows is 4, expected 0",
        "generate x --prompt-at 0=y | '--prompt-at': promptAt has the frame 0, expected at least 1",
        "generate x -f 4 --prompt-at 4=y | promptAt(4) is set, but the video ends with frame 3"
      })
  void misuseIsNamed(String arguments, String message) {
    Commands.Outcome outcome = t2v(arguments.split(" "));

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains(message).hasLineCount(1);
  }

  @Test
  void aWatermarkIsWrittenReadAndRepeated() {
    generate(PROMPT, "-o", in("a.mp4"), "--seed", "1", "--watermark", "c0ffee");
    generate("--like", in("a.mp4"), "-o", in("b.gif"));
    generate(PROMPT, "-o", in("plain.mp4"), "--seed", "1");

    assertThat(t2v("inspect", in("a.mp4")).out()).contains("\"watermark\" : \"0000000000c0ffee\"");
    for (String file : List.of("a.mp4", "b.gif")) {
      assertThat(t2v("inspect", "--watermark", in(file)).out()).isEqualTo("0000000000c0ffee\n");
    }
    Commands.Outcome none = t2v("inspect", "--watermark", in("plain.mp4"));
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.err()).contains("No watermark was found in").hasLineCount(1);
  }

  @Test
  void aLongVideoIsMadeInWindows() throws IOException {
    String[] arguments = {
      "generate",
      PROMPT,
      "-o",
      in("a.mp4"),
      "-s",
      "1",
      "-f",
      "5",
      "-q",
      "--window",
      "4",
      "--overlap",
      "1",
      "--loop",
      "--prompt-at",
      "3=a blue square"
    };
    Commands.Outcome outcome = t2v(arguments);

    assertThat(outcome.code()).as(outcome.err()).isZero();
    Video video = VideoReader.create().read(folder.resolve("a.mp4"));
    assertThat(video.frameCount()).isEqualTo(5);
    assertThat(video.provenance().properties())
        .containsEntry(Provenance.PROMPT_AT, Map.of("3", "a blue square"))
        .extractingByKey(Provenance.WINDOW)
        .asString()
        .contains("length=4", "overlap=1", "loop=true");
  }

  @Test
  void garbageIsNoVideo() throws IOException {
    Files.writeString(folder.resolve("garbage.mp4"), "garbage");

    Commands.Outcome outcome = t2v("inspect", in("garbage.mp4"));

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err())
        .contains("garbage.mp4")
        .doesNotContain("does not say how it was made")
        .hasLineCount(1);
  }

  @Test
  void aFolderOfPicturesIsReplacedIfForced() throws IOException {
    String[] three = {
      "generate", PROMPT, "-o", in("p"), "--format", "png_files", "-s", "1", "-f", "3", "-q"
    };
    assertThat(t2v(three).code()).isZero();

    Commands.Outcome refused = generate(PROMPT, "-o", in("p"), "--format", "png_files");
    Commands.Outcome forced = generate(PROMPT, "-o", in("p"), "--format", "png_files", "--force");
    Commands.Outcome converted =
        t2v("convert", in("p"), in("p"), "--format", "png_files", "--force");

    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("exists already", "--force");
    assertThat(forced.code()).as(forced.err()).isZero();
    assertThat(converted.code()).as(converted.err()).isZero();
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files.filter(Files::isRegularFile)).hasSize(1);
    }
  }

  /** A folder with anything else in it is never replaced. */
  @Test
  void otherFoldersAreNotReplaced() throws IOException {
    Files.createDirectories(folder.resolve("p"));
    Files.writeString(folder.resolve("p/precious.txt"), "content");

    Commands.Outcome outcome =
        t2v("convert", in("nowhere.mp4"), in("p"), "--format", "png_files", "--force");

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(folder.resolve("p/precious.txt")).hasContent("content");
  }

  @ParameterizedTest
  @CsvSource({
    "Ein Würfel!, ein-würfel",
    "Ein Wu\u0308rfel!, ein-würfel",
    "हिन्दी में, हिन्दी-में",
    "'...', video",
    "ﬁsh & chips, ﬁsh-chips"
  })
  void namesOfFilesKeepTheLettersOfTheirPrompts(String prompt, String stem) {
    assertThat(OutputFiles.stemOf(prompt)).isEqualTo(stem);
  }

  @Test
  void aBlankPromptIsNamedInTermsOfTheCommandLine() {
    Commands.Outcome outcome = generate(PROMPT, " ");

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err())
        .contains("PROMPT: number 2 is blank, expected a sentence")
        .doesNotContain("GenerationRequest");
  }

  @Test
  void helpIsACommand() {
    assertThat(t2v("help", "generate").out()).contains("Usage: t2v generate");
    assertThat(t2v("help").out()).contains("Commands:");
  }

  @Test
  void argumentsComeFromAFile() throws IOException {
    Files.writeString(
        folder.resolve("arguments"), "generate \"" + PROMPT + "\" -s 1 -f 1 -q\n-o " + in("a.mp4"));

    Commands.Outcome outcome = t2v("@" + in("arguments"));
    Commands.Outcome prompt = generate("@@home", "-o", in("b.mp4"), "--json");

    assertThat(outcome.out().strip()).as(outcome.err()).isEqualTo(in("a.mp4"));
    assertThat(prompt.out()).contains("\"prompt\":\"@home\"");
  }

  /** Without the seconds or hours of a generation before it. */
  @Test
  void whatCannotBeWrittenIsRefusedBeforeAnythingIsComputed() {
    Commands.Outcome small =
        t2v("generate", PROMPT, "-o", in("a.mp4"), "--size", "8x8", "--progress", "lines");
    Commands.Outcome longName =
        t2v("generate", PROMPT, "-o", in("a".repeat(300) + ".mp4"), "--progress", "lines");

    assertThat(small.code()).isNotZero();
    assertThat(small.err()).contains("8").hasLineCount(1).doesNotContain("%");
    assertThat(longName.code()).isEqualTo(1);
    assertThat(longName.err()).contains("too long", "choose another name").hasLineCount(1);
  }

  @Test
  void stdoutHoldsTheFileAndNothingElse() throws IOException {
    Commands.Outcome outcome = generate(PROMPT, "-o", "-", "--format", "gif");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).isEmpty();
    Path file = Files.write(folder.resolve("a.gif"), outcome.bytes());
    assertThat(new String(outcome.bytes(), 0, 6, StandardCharsets.US_ASCII)).isEqualTo("GIF89a");
    assertThat(VideoReader.create().read(file).width()).isEqualTo(64);
  }

  @Test
  void aFileIsNotWrittenToATerminal() {
    TerminalScreen screen = Commands.onTerminal("generate", PROMPT, "-o", "-", "-s", "1");

    assertThat(String.join("", screen.lines())).contains("stdout, which is a terminal");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--vae-from", "--unet-weights"})
  void partsOfAModelComeFromElsewhere(String option) throws IOException {
    Path model = MiniModel.folder();
    Path part =
        option.equals("--vae-from")
            ? model.resolve("vae")
            : model.resolve("unet/diffusion_pytorch_model.safetensors");

    Commands.Outcome plain = generate(PROMPT, "--seed", "1", "-o", in("a.mkv"));
    Commands.Outcome same =
        generate(PROMPT, "--seed", "1", "-o", in("b.mkv"), option, part.toString());

    assertThat(plain.code() + same.code()).as(same.err()).isZero();
    Video expected = VideoReader.create().read(folder.resolve("a.mkv"));
    assertThat(VideoReader.create().read(folder.resolve("b.mkv")).rgb()).isEqualTo(expected.rgb());
  }
}
