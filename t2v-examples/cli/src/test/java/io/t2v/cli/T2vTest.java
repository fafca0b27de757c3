package io.t2v.cli;

import static io.t2v.cli.Commands.t2v;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.FullSizeCheckpoint;
import io.t2v.Provenance;
import io.t2v.Video;
import io.t2v.ffmpeg.VideoReader;
import io.t2v.minimodel.MiniModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class T2vTest {
  private static final String PROMPT = "a red circle moving right";

  @TempDir Path folder;

  private String in(String name) {
    return folder.resolve(name).toString();
  }

  @Test
  void writesVideoAndSheet() throws IOException {
    Commands.Outcome outcome =
        t2v(
            "generate",
            PROMPT,
            "-o",
            in("a.mp4"),
            "--contact-sheet",
            in("a.png"),
            "--steps",
            "1",
            "--seed",
            "7",
            "--fps",
            "12",
            "--json");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    Map<String, Object> made = JSON.std.mapFrom(outcome.out());
    assertThat(made)
        .containsEntry("file", in("a.mp4"))
        .containsEntry("prompt", PROMPT)
        .containsEntry("steps", 1)
        .containsEntry("seed", 7)
        .containsEntry("framesPerSecond", 12.0)
        .containsEntry("frames", MiniModel.FRAMES)
        .containsEntry("guidanceScale", MiniModel.GUIDANCE_SCALE)
        .containsEntry("scheduler", "DPMSolverMultistepScheduler")
        .containsKeys("contactSheet", "checkpoint", "versions", "seconds", "schedulerConfig");
    requireMp4(folder.resolve("a.mp4"));
    assertThat(ImageIO.read(folder.resolve("a.png").toFile()).getWidth()).isEqualTo(3 * 64);
    assertThat(outcome.err()).contains("100 %");
    assertThat(namesIn(folder)).containsExactlyInAnyOrder("a.mp4", "a.png");
  }

  @Test
  void guidesInAPartOfTheStepsWithASchedulerOfAPlugIn() throws IOException {
    Commands.Outcome outcome =
        t2v(
            "generate",
            PROMPT,
            "-o",
            in("a.mp4"),
            "-s",
            "2",
            "-f",
            "1",
            "-q",
            "--json",
            "--scheduler",
            "adamsbashforth",
            "--guidance-rescale",
            "0.7",
            "--guidance-start",
            "0.5",
            "--guidance-stop",
            "0.9");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(JSON.std.mapFrom(outcome.out()))
        .containsEntry("scheduler", "AdamsBashforthScheduler")
        .containsEntry("guidanceRescale", 0.7)
        .containsEntry("guidanceStart", 0.5)
        .containsEntry("guidanceStop", 0.9);
  }

  @Test
  void refusesGuidanceThatStopsBeforeItStarts() {
    Commands.Outcome outcome =
        t2v("generate", PROMPT, "--guidance-start", "0.8", "--guidance-stop", "0.2");

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err())
        .contains("guidanceStart is 0.8, expected less than guidanceStop, 0.2");
  }

  @Test
  void severalPromptsMakeNumberedFiles() throws IOException {
    Commands.Outcome outcome =
        t2v(
            "generate",
            PROMPT,
            "a blue square moving up",
            "-o",
            in("out.mp4"),
            "-s",
            "1",
            "-f",
            "1",
            "-q");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out().lines()).containsExactly(in("out-1.mp4"), in("out-2.mp4"));
    assertThat(outcome.err()).isEmpty();
    requireMp4(folder.resolve("out-1.mp4"));
    requireMp4(folder.resolve("out-2.mp4"));
  }

  @Test
  void aFolderGetsFilesNamedAfterTheirPrompts() throws IOException {
    Commands.Outcome outcome =
        t2v(
            "generate",
            PROMPT,
            "Ein Würfel!",
            "-o",
            folder.toString(),
            "-s",
            "1",
            "-f",
            "1",
            "-q",
            "--batch");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(namesIn(folder))
        .containsExactlyInAnyOrder("a-red-circle-moving-right.mp4", "ein-würfel.mp4");
  }

  @Test
  void severalSeedsMakeSeveralVideosOfOnePrompt() throws IOException {
    Commands.Outcome outcome =
        t2v(
            "generate",
            PROMPT,
            "--seed",
            "1",
            "--seed",
            "2",
            "-o",
            in("o.mp4"),
            "-s",
            "1",
            "-f",
            "1",
            "-q",
            "--json");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    List<String> lines = outcome.out().lines().toList();
    assertThat(JSON.std.mapFrom(lines.get(0))).containsEntry("seed", 1);
    assertThat(JSON.std.mapFrom(lines.get(1))).containsEntry("seed", 2);
  }

  @Test
  void saysWhatTheTextEncoderLeftOut() {
    Commands.Outcome outcome =
        t2v(
            "generate",
            PROMPT + " on a black background".repeat(5),
            "-o",
            in("a.mp4"),
            "-s",
            "1",
            "-f",
            "1",
            "-q");

    assertThat(outcome.code()).isZero();
    assertThat(outcome.err()).contains("left out").contains("background");
  }

  @Test
  void doesNotOverwriteUnlessForced() throws IOException {
    Files.writeString(folder.resolve("a.mp4"), "precious");

    Commands.Outcome refused = t2v("generate", PROMPT, "-o", in("a.mp4"), "-s", "1", "-f", "1");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("a.mp4 exists already", "--force").hasLineCount(1);
    assertThat(folder.resolve("a.mp4")).hasContent("precious");

    Commands.Outcome forced =
        t2v("generate", PROMPT, "-o", in("a.mp4"), "-s", "1", "-f", "1", "--force");
    assertThat(forced.code()).as(forced.err()).isZero();
    requireMp4(folder.resolve("a.mp4"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--steps 0 | --steps | at least 1",
        "--steps many | --steps | 'many' is not an int",
        "--steps 2000 | --steps | 1000",
        "--frames 0 | --frames | at least 1",
        "--guidance-scale NaN | --guidance-scale | finite",
        "--size 100x64 | --size | multiple of 8",
        "--size large | --size | WIDTHxHEIGHT",
        "--fps 0 | --fps | expected",
        "--eta 2 | --eta | 0 to 1",
        "--clip-skip -1 | --clip-skip | at least 0",
        "--clip-skip 99 | --clip-skip | at most 2",
        "--quality 101 | --quality | 1 to 100",
        "--threads 0 | --threads | expected 1 to",
        "--device gpu | --device | expected auto, cpu, cuda, cuda:1 (any index) or mps",
        "--device cpu:1 | --device | expected auto",
        "--precision int4 | --precision | float32, float16, bfloat16, int8",
        "--precision decoder=int8 | --precision | text, unet or vae",
        "--precision int8,float16 | --precision | comes after another",
        "--gpu-optimizations kept-cuda-graphs | --gpu-optimizations | needs '--cuda-graphs'",
        "--gpu-optimizations magic | --gpu-optimizations | batched-frame-attention",
        "--scheduler magic | --scheduler | dpm++",
        "--seed 1 --seed 2 --seed 3 another | --seed | 3 times for 2 prompts",
        "-n a -n b | --negative-prompt | 2 times for 1 prompts",
        "--variant fp16 | --variant | --checkpoint",
        "-o out.avi | --output | .mp4",
        "-o out.gif --quality 50 | --quality | GIF has no scale of quality",
        "-o out.gif --format mp4 | --output | --format is mp4",
        "--encoder libx264 | --encoder | libopenh264",
        "--quality 50 --bit-rate 5000 | --quality | exclude each other",
        "--loops 2 | --loops | MP4 has no number of loops",
        "--contact-sheet out.gif | --contact-sheet | .png",
        "--no-such-option | --no-such-option | Unknown option"
      })
  void wrongUseNamesTheOption(String options, String option, String reason) {
    String file = options.contains("-o ") ? "" : "-o " + in("a.mp4") + " ";
    String[] arguments =
        Stream.concat(Stream.of("generate", PROMPT), Stream.of((file + options).split(" ")))
            .toArray(String[]::new);

    Commands.Outcome outcome = t2v(arguments);

    assertThat(outcome.err()).contains(option, reason, "See t2v generate --help.").hasLineCount(1);
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "generate", "random-checkpoint", "no-such-command"})
  void incompleteCommandsAreWrongUse(String command) {
    Commands.Outcome outcome = command.isEmpty() ? t2v() : t2v(command);

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("--help").hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--format=mp4"})
  void aNameWithASlashIsNoFile(String format) {
    List<String> arguments =
        new ArrayList<>(List.of("generate", PROMPT, "-s", "1", "-f", "1", "-o", in("new") + "/"));
    if (!format.isEmpty()) {
      arguments.add(format);
    }
    Commands.Outcome outcome = t2v(arguments.toArray(String[]::new));

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("There is no folder " + in("new") + ": create it first.");
    assertThat(folder.resolve("new")).doesNotExist();
  }

  @Test
  void missingCheckpointFails() {
    Commands.Outcome outcome = t2v("generate", PROMPT, "-c", in("nowhere"), "-o", in("a.mp4"));

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err())
        .contains(
            "There is no folder " + in("nowhere"),
            "a checkpoint in diffusers' or ModelScope's layout")
        .doesNotContain("\tat ")
        .hasLineCount(1);
    Commands.Outcome traced =
        t2v("--stacktrace", "generate", PROMPT, "-c", in("nowhere"), "-o", in("a.mp4"));
    assertThat(traced.err()).contains("\tat io.t2v.");
  }

  @Test
  void missingFolderForOutputFails() {
    Commands.Outcome outcome = t2v("generate", PROMPT, "-o", in("nowhere/a.mp4"));

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains(in("nowhere"), "create it first");
  }

  /** A cache that holds the bundled model under a name, as Python writes it. */
  private Path cacheOfBundledModel() throws IOException {
    String commit = "0123456789abcdef0123456789abcdef01234567";
    Path repository = folder.resolve("cache/models--t2v--mini-model");
    Path snapshots = Files.createDirectories(repository.resolve("snapshots"));
    Files.createSymbolicLink(snapshots.resolve(commit), MiniModel.folder());
    Path refs = Files.createDirectories(repository.resolve("refs"));
    Files.writeString(refs.resolve("main"), commit);
    return folder.resolve("cache");
  }

  @Test
  void takesANamedModelFromTheCache() throws IOException {
    String cache = cacheOfBundledModel().toString();
    String[] arguments = {
      "generate",
      PROMPT,
      "-c",
      "t2v/mini-model",
      "--offline",
      "--cache",
      cache,
      "-o",
      in("a.mp4"),
      "-s",
      "1",
      "-f",
      "1",
      "--threads",
      "1",
      "--json",
      "-q"
    };
    Commands.Outcome outcome = t2v(arguments);

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(JSON.std.mapFrom(outcome.out()))
        .containsEntry("checkpoint", "t2v/mini-model@0123456789abcdef0123456789abcdef01234567");
    Commands.Outcome downloaded =
        t2v("download", "t2v/mini-model", "--offline", "--cache", cache, "--revision", "main");
    assertThat(downloaded.out()).contains("snapshots").hasLineCount(1);
  }

  @Test
  void namesThatAreNotInTheCacheFail() {
    Commands.Outcome generated =
        t2v(
            "generate",
            PROMPT,
            "-c",
            "t2v/none",
            "--offline",
            "--cache",
            in("c"),
            "-o",
            in("a.mp4"));
    assertThat(generated.code()).isEqualTo(1);
    assertThat(generated.err()).contains("t2v/none at revision main is not in the cache");
    Commands.Outcome inspected = t2v("inspect", "t2v/none", "--cache", in("c"));
    assertThat(inspected.code()).isEqualTo(1);
    assertThat(inspected.err()).contains("t2v download t2v/none");
    Commands.Outcome misnamed = t2v("download", "./t2v");
    assertThat(misnamed.code()).isEqualTo(2);
    assertThat(misnamed.err()).contains("no name of a model");
    Commands.Outcome misrevised = t2v("download", "t2v/none", "--revision", "../main");
    assertThat(misrevised.code()).isEqualTo(2);
    assertThat(misrevised.err()).contains("--revision", "a branch, a tag or a commit");
  }

  @Test
  void computesWhereItIsTold() throws IOException {
    Commands.Outcome nowhere = t2v("generate", PROMPT, "-o", in("a.mp4"), "--device", "cuda:99");
    assertThat(nowhere.code()).isEqualTo(1);
    assertThat(nowhere.err()).contains("cuda:99 is not available: ").hasLineCount(1);
    assertThat(folder.resolve("a.mp4")).doesNotExist();

    Commands.Outcome outcome =
        t2v(
            "generate",
            PROMPT,
            "-o",
            in("b.mp4"),
            "-s",
            "1",
            "-f",
            "1",
            "-q",
            "--json",
            "--device",
            "cpu",
            "--precision",
            "int8,vae=float32");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(JSON.std.mapFrom(outcome.out()))
        .containsEntry("device", "cpu")
        .containsEntry("dtype", "int8, vae_decoder float32");
  }

  @Test
  void inspectsACheckpoint() throws IOException {
    Commands.Outcome text = t2v("inspect", MiniModel.folder().toString());

    assertThat(text.code()).as(text.err()).isZero();
    assertThat(text.out())
        .contains("diffusers", "TextToVideoSDPipeline", "M parameters", "64x64")
        .contains("--offload none", "--offload component", "--offload disk")
        .contains("unknown; the published weights are CC-BY-NC-4.0");
    Commands.Outcome json =
        t2v("inspect", "t2v/mini-model", "--cache", cacheOfBundledModel().toString(), "--json");
    assertThat(json.code()).as(json.err()).isZero();
    assertThat(JSON.std.mapFrom(json.out()))
        .containsEntry("width", 64)
        .containsEntry("height", 64)
        .containsEntry("licence", null)
        .containsKeys("components", "parameters", "memory", "scheduler", "predictionType");
  }

  @Test
  void aVideoIsMadeAgainFromItsFile() throws IOException {
    Commands.Outcome first =
        t2v(
            "generate",
            PROMPT,
            "-o",
            in("a.webm"),
            "-s",
            "2",
            "-f",
            "2",
            "-g",
            "2.5",
            "-q",
            "--scheduler",
            "eulerdiscrete",
            "-n",
            "blue",
            "--temporal-conv-strength",
            "0.5",
            "--freeu",
            "--cache-steps",
            "2",
            "--cache-depth",
            "0",
            "--guidance-agreement",
            "0.999",
            "--align-steps");
    Commands.Outcome again = t2v("generate", "--like", in("a.webm"), "-o", in("b.webm"), "-q");
    Commands.Outcome other =
        t2v("generate", "--like", in("a.webm"), "-o", in("c.webm"), "-q", "--steps", "1");

    assertThat(first.code() + again.code() + other.code()).as(again.err()).isZero();
    assertThat(folder.resolve("b.webm")).hasSameBinaryContentAs(folder.resolve("a.webm"));
    Map<String, Object> made = JSON.std.mapFrom(t2v("inspect", in("b.webm")).out());
    assertThat(made)
        .containsEntry("prompt", PROMPT)
        .containsEntry("negativePrompt", "blue")
        .containsEntry("steps", 2)
        .containsEntry("frames", 2)
        .containsEntry("guidanceScale", 2.5)
        .containsEntry("freeU", Map.of("b1", 1.2, "b2", 1.4, "s1", 0.9, "s2", 0.2))
        .containsEntry("temporalConvStrength", 0.5)
        .containsEntry(
            "acceleration",
            Map.of(
                "cacheInterval",
                2,
                "cacheDepth",
                0,
                "guidanceAgreement",
                0.999,
                "alignSteps",
                true))
        .containsEntry("scheduler", "EulerDiscreteScheduler")
        .containsKeys("seed", "versions");
    assertThat(JSON.std.mapFrom(t2v("inspect", in("c.webm")).out()))
        .containsEntry("steps", 1)
        .containsEntry("seed", made.get("seed"));
  }

  @Test
  void filesWithoutSettingsCannotBeRepeated() {
    t2v("generate", PROMPT, "-o", in("a.gif"), "-s", "1", "-f", "1", "-q", "--no-settings");

    for (Commands.Outcome outcome :
        List.of(t2v("inspect", in("a.gif")), t2v("generate", "--like", in("a.gif")))) {
      assertThat(outcome.code()).isEqualTo(1);
      assertThat(outcome.err()).contains("a.gif", "does not say how it was made").hasLineCount(1);
    }
  }

  @Test
  void convertsAndCompares() throws IOException {
    t2v("generate", PROMPT, "-o", in("a.mkv"), "-s", "1", "-f", "2", "-q");
    Commands.Outcome converted =
        t2v("convert", in("a.mkv"), in("b.apng"), "--fps", "4", "--size", "32x32");
    Commands.Outcome same = t2v("convert", in("a.mkv"), in("pictures"), "--format", "png_files");
    Commands.Outcome compared =
        t2v("compare", in("a.mkv"), in("pictures"), "-o", in("c.mp4"), "--difference");

    assertThat(converted.err() + same.err() + compared.err()).isEmpty();
    assertThat(converted.out().strip()).isEqualTo(in("b.apng"));
    assertThat(JSON.std.mapFrom(compared.out()))
        .containsEntry("most", 0)
        .containsEntry("psnr", null);
    assertThat(VideoReader.create().read(folder.resolve("b.apng")).width()).isEqualTo(32);
    assertThat(VideoReader.create().read(folder.resolve("c.mp4")).width()).isEqualTo(2 * 64 + 4);
    Commands.Outcome misused =
        t2v("compare", in("a.mkv"), in("a.mkv"), in("a.mkv"), "-o", in("d.mp4"), "--difference");
    assertThat(misused.code()).isEqualTo(2);
    Commands.Outcome missing = t2v("convert", in("nowhere.mp4"), in("d.mp4"));
    assertThat(missing.code()).isEqualTo(1);
    assertThat(missing.err()).contains("nowhere.mp4", "no such file");
  }

  @Test
  void picturesAreDrawnInHalfBlocks() {
    byte[] rgb = {(byte) 255, 0, 0, 0, (byte) 255, 0, 0, 0, (byte) 255, 1, 2, 3};
    Video video = Video.of(2, 2, 8, List.of(rgb), Provenance.unknown());

    assertThat(TerminalPicture.draw(video, 2))
        .containsExactly(
            "\u001b[38;2;255;0;0m\u001b[48;2;0;0;255m\u2580"
                + "\u001b[38;2;0;255;0m\u001b[48;2;1;2;3m\u2580\u001b[0m");
    assertThat(TerminalPicture.isShownBy("truecolor")).isTrue();
    assertThat(TerminalPicture.isShownBy("")).isFalse();
  }

  @Test
  void benchmarkPrintsJson() throws IOException {
    Commands.Outcome outcome = t2v("benchmark", "-s", "2", "-f", "1", "-r", "2", "-q");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    Map<String, Object> report = JSON.std.mapFrom(outcome.out());
    assertThat(report)
        .containsEntry("steps", 2)
        .containsEntry("frames", 1)
        .containsEntry("width", 64)
        .containsKeys(
            "openSeconds",
            "openHeapBytes",
            "loadSeconds",
            "phaseMedianSeconds",
            "stepMedianSeconds",
            "encodeSeconds",
            "peakRssBytes",
            "rssAfterBytes",
            "versions",
            "threads");
    assertThat((List<?>) report.get("stepSeconds"))
        .hasSize(2)
        .allSatisfy(steps -> assertThat((List<?>) steps).hasSize(2));
    List<?> objects = (List<?>) ((Map<?, ?>) report.get("nativeObjects")).get("afterEachRun");
    assertThat(objects).hasSize(2);
    assertThat(objects.get(1)).isEqualTo(objects.get(0));
  }

  @Test
  void benchmarkProfilesLayers() throws IOException {
    Commands.Outcome outcome = t2v("benchmark", "-s", "1", "-f", "1", "--profile", "-q");

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("of peak", "accounted for");
    List<?> kinds = (List<?>) JSON.std.mapFrom(outcome.out()).get("profile");
    assertThat(kinds.stream().map(kind -> (String) ((Map<?, ?>) kind).get("kind")))
        .contains("linear", "convolution", "temporal convolution", "attention", "group norm");
    assertThat(kinds)
        .allSatisfy(kind -> assertThat((Double) ((Map<?, ?>) kind).get("seconds")).isNotNegative());
  }

  @Test
  void randomCheckpointWantsAnEmptyFolder() throws IOException {
    Files.writeString(folder.resolve("precious"), "content");

    Commands.Outcome outcome = t2v("random-checkpoint", folder.toString());

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.err()).contains("is not empty");
    assertThat(namesIn(folder)).containsExactly("precious");
  }

  @Test
  void fullSizeIsThePublishedSize() {
    FullSizeCheckpoint checkpoint = new FullSizeCheckpoint("F16");

    // UNet, text encoder and autoencoder, as docs/reference counts them.
    assertThat(checkpoint.parameters()).isBetween(1_820_000_000L, 1_840_000_000L);
    assertThat(checkpoint.bytes()).isEqualTo(2 * checkpoint.parameters());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "generate",
        "download",
        "inspect",
        "convert",
        "compare",
        "random-checkpoint",
        "benchmark",
        "generate-completion"
      })
  void helpIsOnStdout(String command) {
    Commands.Outcome outcome = t2v(command, "--help");

    assertThat(outcome.code()).isZero();
    assertThat(outcome.out()).contains("Usage: t2v " + command);
    assertThat(outcome.err()).isEmpty();
  }

  @Test
  void versionAndCompletion() {
    assertThat(t2v("--version").out()).startsWith("t2v ");
    assertThat(t2v("generate-completion").out()).contains("complete");
  }

  /** An MP4 file whose index comes first, as players on the web want it. */
  private static void requireMp4(Path file) throws IOException {
    String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    assertThat(content.substring(4, 8)).isEqualTo("ftyp");
    assertThat(content.indexOf("moov")).isPositive().isLessThan(content.indexOf("mdat"));
    assertThat(content).contains("avc1");
  }

  private static List<String> namesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
