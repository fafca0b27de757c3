package io.t2v.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.Clip;
import io.t2v.GenerationRequest;
import io.t2v.PreviewMode;
import io.t2v.Provenance;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.ffmpeg.ContactSheet;
import io.t2v.ffmpeg.VideoFormat;
import io.t2v.ffmpeg.VideoWriter;
import io.t2v.minimodel.MiniModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code t2v generate}: sentences to video files. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    versionProvider = T2v.Version.class,
    description = {
      "Makes a video from each prompt, and prints the names of the files.",
      "",
      "Without --checkpoint the bundled miniature model is used. It knows coloured shapes in"
          + " motion, such as \"a blue square moving up on a gray background\"."
    },
    footer = {
      "",
      "For example:",
      "  t2v generate \"a red circle moving right\" -o circle.mp4 --seed 1",
      "  t2v generate \"A panda eating bamboo on a rock.\" -c ali-vilab/text-to-video-ms-1.7b \\",
      "      --scheduler dpm++ --steps 25 --contact-sheet panda.png"
    })
final class GenerateCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Parameters(
      paramLabel = "PROMPT",
      arity = "0..*",
      description = {
        "What the video shows. Several prompts make several videos. May be left out with --like."
      })
  private List<String> prompts = List.of();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = {
        "The file to write, of a kind that its ending tells (.mp4, .webm, .gif ...), or an existing"
            + " folder. Default: an MP4 file named after the prompt, in the working folder. Of"
            + " several videos each gets a number: out-1.mp4, out-2.mp4."
      })
  private @Nullable Path output;

  @Option(names = "--force", description = "Replace files that exist.")
  private boolean force;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Option(
      names = {"-s", "--steps"},
      paramLabel = "N",
      description = "Denoising steps. Default: 50; 25 for the bundled model.")
  private @Nullable Integer steps;

  @Option(
      names = {"-g", "--guidance-scale"},
      paramLabel = "X",
      description = {
        "How strongly the video is pushed towards the prompt; off at 1 and below, where a step"
            + " takes half the time. Default: 9; 3 for the bundled model."
      })
  private @Nullable Double guidanceScale;

  @Option(
      names = "--guidance-rescale",
      paramLabel = "0..1",
      description = {
        "How far to bring the contrast of guided predictions back, against burnt colours. Default:"
            + " 0; 0.7 is a good value."
      })
  private @Nullable Double guidanceRescale;

  @Option(
      names = "--guidance-start",
      paramLabel = "0..1",
      description = {
        "Share of the steps before guidance starts; steps without it take half the time. Default:"
            + " 0."
      })
  private @Nullable Double guidanceStart;

  @Option(
      names = "--guidance-stop",
      paramLabel = "0..1",
      description = "Share of the steps after which guidance stops. Default: 1.")
  private @Nullable Double guidanceStop;

  @Option(
      names = {"-n", "--negative-prompt"},
      paramLabel = "TEXT",
      description = "What the video should not show. Repeatable: one for all prompts, or one each.")
  private List<String> negativePrompts = List.of();

  @Option(
      names = {"-f", "--frames"},
      paramLabel = "N",
      description = "Frames of a video. Default: 16; 8 for the bundled model.")
  private @Nullable Integer frames;

  @Option(
      names = "--size",
      paramLabel = "WxH",
      converter = FrameSize.Converter.class,
      description = "Width and height in pixels, multiples of 8. Default: the checkpoint's own.")
  private @Nullable FrameSize size;

  @Option(
      names = "--fps",
      paramLabel = "X",
      description = "Frames per second at which the file is shown. Default: 8.")
  private @Nullable Double framesPerSecond;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = {
        "Where the noise comes from: the same seed gives the same video. Repeatable: one for all"
            + " prompts, one each, or several for one prompt. Default: random, shown by --json."
      })
  private List<Long> seeds = List.of();

  @Option(
      names = "--eta",
      paramLabel = "X",
      description = "Share of fresh noise in each step of DDIM, 0 to 1. Default: 0.")
  private @Nullable Double eta;

  @Option(
      names = "--clip-skip",
      paramLabel = "N",
      description = "Last layers of the text encoder that are skipped. Default: 0.")
  private @Nullable Integer clipSkip;

  @Option(
      names = "--batch",
      description = {
        "Compute all videos together instead of one after the other: faster where they are small,"
            + " with memory for all of them."
      })
  private boolean batch;

  @Mixin private final FileOptions fileOptions = new FileOptions();

  @Option(
      names = "--like",
      paramLabel = "FILE",
      description = {
        "Repeat the video of a file that t2v wrote: prompt, seed, size, scheduler and all settings."
            + " What is given beside it comes first."
      })
  private @Nullable Path like;

  @Option(
      names = "--contact-sheet",
      paramLabel = "FILE",
      description = "Also write all frames into one PNG picture. Numbered like the videos.")
  private @Nullable Path contactSheet;

  @Option(
      names = "--preview",
      arity = "0..1",
      paramLabel = "HOW",
      fallbackValue = "COLOURS",
      description = {
        "Show what becomes of the video after each step, where stderr is a terminal with 24-bit"
            + " colours: ${COMPLETION-CANDIDATES}. Default: none; colours, which costs next to"
            + " nothing, if only --preview is given. decoded runs the decoder after each step."
      })
  private PreviewMode preview = PreviewMode.NONE;

  @Option(
      names = "--json",
      description = "Print how each video was made as JSON, one line each, instead of its name.")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      description = "Do not show progress.")
  private boolean quiet;

  /** A video to make. */
  private record Job(
      String prompt,
      @Nullable String negativePrompt,
      @Nullable Long seed,
      Path file,
      @Nullable Path sheet) {}

  @Override
  public Integer call() throws IOException {
    @Nullable LikeFile repeated =
        like == null ? null : new LikeFile(VideoInspection.settings(like));
    if (repeated != null) {
      completeFrom(repeated);
    }
    if (prompts.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "Missing required parameter: 'PROMPT'");
    }
    TextToVideoPipeline.Builder builder = model.pipeline();
    VideoFormat format = fileOptions.format(output);
    VideoWriter writer = writer(format);
    List<Job> jobs = jobs(format);
    List<GenerationRequest> requests = requests(jobs, repeated);
    for (Job job : jobs) {
      OutputFiles.requireWritable(job.file(), force);
      if (job.sheet() != null) {
        OutputFiles.requireWritable(job.sheet(), force);
      }
    }
    try (CtrlC ctrlC = CtrlC.listen()) {
      model.locate(builder, ctrlC, quiet);
      try (TextToVideoPipeline pipeline = builder.build()) {
        requireFit(pipeline, requests, writer);
        generate(pipeline, requests, jobs, writer, ctrlC);
      }
    }
    return 0;
  }

  private void generate(
      TextToVideoPipeline pipeline,
      List<GenerationRequest> requests,
      List<Job> jobs,
      VideoWriter writer,
      CtrlC ctrlC)
      throws IOException {
    try (ProgressDisplay display = display()) {
      int written = 0;
      for (int i = 0; i < requests.size(); i++) {
        List<Video> videos =
            pipeline
                .prepare(requests.get(i))
                .onProgress(display.partOf(i, requests.size()))
                .previews(showsPreviews() ? preview : PreviewMode.NONE)
                .cancelledBy(ctrlC.token())
                .toVideos();
        for (Video video : videos) {
          write(video, jobs.get(written++), writer);
        }
      }
    }
  }

  private boolean showsPreviews() {
    return preview != PreviewMode.NONE && !quiet && ProgressDisplay.canShowPictures();
  }

  private ProgressDisplay display() {
    PrintWriter err = spec.commandLine().getErr();
    return showsPreviews()
        ? ProgressDisplay.withPictures("t2v", err)
        : ProgressDisplay.open("t2v", quiet, err);
  }

  private void completeFrom(LikeFile repeated) {
    // With another prompt the video is another one, but for the settings.
    if (prompts.isEmpty()) {
      prompts = List.of(repeated.prompt());
    }
    if (negativePrompts.isEmpty()) {
      negativePrompts = repeated.negativePrompts();
    }
    if (seeds.isEmpty()) {
      seeds = repeated.seeds();
    }
    model.completeFrom(repeated);
    if (!repeated.notRepeated().isEmpty()) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(
          "t2v: the file also records "
              + String.join(", ", repeated.notRepeated())
              + ", which is not repeated");
      err.flush();
    }
  }

  private VideoWriter writer(VideoFormat format) {
    VideoWriter[] writer = {fileOptions.writer(format)};
    Usage.check(
        spec, "--fps", framesPerSecond, value -> writer[0] = writer[0].withFramesPerSecond(value));
    return writer[0];
  }

  /** As many as there are prompts, or as many as there are seeds for the only prompt. */
  private List<Job> jobs(VideoFormat format) {
    int count = prompts.size() == 1 ? Math.max(1, seeds.size()) : prompts.size();
    requireOneOrEach("--seed", seeds.size(), count);
    requireOneOrEach("--negative-prompt", negativePrompts.size(), prompts.size());
    requirePng(contactSheet);
    List<Path> files = new ArrayList<>();
    List<Path> sheets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String stem = OutputFiles.stemOf(ofVideo(prompts, i));
      files.add(place(output, stem + FileOptions.ending(format)));
      if (contactSheet != null) {
        sheets.add(place(contactSheet, stem + ".png"));
      }
    }
    files = OutputFiles.numbered(files);
    sheets = OutputFiles.numbered(sheets);
    List<Job> jobs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      jobs.add(
          new Job(
              ofVideo(prompts, i),
              negativePrompts.isEmpty() ? null : ofVideo(negativePrompts, i),
              seeds.isEmpty() ? null : ofVideo(seeds, i),
              files.get(i),
              sheets.isEmpty() ? null : sheets.get(i)));
    }
    return jobs;
  }

  private static <T> T ofVideo(List<T> oneOrEach, int video) {
    return oneOrEach.get(oneOrEach.size() == 1 ? 0 : video);
  }

  private void requireOneOrEach(String option, int values, int count) {
    if (values > 1 && values != count) {
      throw new ParameterException(
          spec.commandLine(),
          "Option '%s' was given %s times for %s prompts, expected once, or once a prompt"
              .formatted(option, values, prompts.size()));
    }
  }

  private void requirePng(@Nullable Path sheet) {
    if (sheet != null
        && !Files.isDirectory(sheet)
        && !sheet.toString().toLowerCase(Locale.ROOT).endsWith(".png")) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--contact-sheet': %s does not end with .png, which is what is"
                  .formatted(sheet)
              + " written");
    }
  }

  private static Path place(@Nullable Path given, String name) {
    if (given == null) {
      return Path.of(name);
    }
    return Files.isDirectory(given) ? given.resolve(name) : given;
  }

  private List<GenerationRequest> requests(List<Job> jobs, @Nullable LikeFile repeated) {
    if (batch) {
      return List.of(request(jobs, repeated));
    }
    return jobs.stream().map(job -> request(List.of(job), repeated)).toList();
  }

  /** The model's own defaults, over them those of a file, and over them what the user gave. */
  private GenerationRequest request(List<Job> jobs, @Nullable LikeFile repeated) {
    String[] texts = jobs.stream().map(Job::prompt).toArray(String[]::new);
    GenerationRequest.Builder[] request = new GenerationRequest.Builder[1];
    Usage.check(
        spec,
        "PROMPT",
        texts,
        value ->
            request[0] =
                model.isBundled()
                    ? MiniModel.request(value)
                    : GenerationRequest.builder(List.of(value)));
    GenerationRequest.Builder builder = request[0];
    Usage.check(spec, "--like", repeated, file -> file.applyTo(builder));
    Usage.check(spec, "--steps", steps, builder::steps);
    Usage.check(spec, "--guidance-scale", guidanceScale, builder::guidanceScale);
    Usage.check(spec, "--guidance-rescale", guidanceRescale, builder::guidanceRescale);
    Usage.check(spec, "--guidance-start", guidanceStart, builder::guidanceStart);
    Usage.check(spec, "--guidance-stop", guidanceStop, builder::guidanceStop);
    Usage.check(spec, "--frames", frames, builder::frames);
    Usage.check(spec, "--size", size, value -> builder.size(value.width(), value.height()));
    Usage.check(spec, "--fps", framesPerSecond, builder::framesPerSecond);
    Usage.check(spec, "--eta", eta, builder::eta);
    Usage.check(spec, "--clip-skip", clipSkip, builder::clipSkip);
    List<String> negatives = present(jobs.stream().map(Job::negativePrompt).toList());
    if (!negatives.isEmpty()) {
      builder.negativePrompts(negatives);
    }
    List<Long> given = present(jobs.stream().map(Job::seed).toList());
    if (!given.isEmpty()) {
      builder.seeds(given);
    }
    try {
      return builder.build();
    } catch (IllegalStateException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static <T> List<T> present(List<@Nullable T> values) {
    List<T> present = new ArrayList<>();
    for (T value : values) {
      if (value != null) {
        present.add(value);
      }
    }
    return present;
  }

  /** Before the first of several videos is computed, not after it. */
  private void requireFit(
      TextToVideoPipeline pipeline, List<GenerationRequest> requests, VideoWriter writer)
      throws IOException {
    try {
      for (GenerationRequest request : requests) {
        Clip clip = pipeline.prepare(request).clip();
        writer.check(clip.width(), clip.height(), clip.framesPerSecond());
      }
    } catch (IllegalArgumentException e) {
      throw Usage.misfit(spec, e);
    }
  }

  private void write(Video video, Job job, VideoWriter writer) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Map<String, Object> properties = video.provenance().properties();
    if (properties.containsKey(Provenance.REMOVED_TEXT)) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(
          "t2v: the text encoder had no room for the end of the prompt, which was left out: "
              + properties.get(Provenance.REMOVED_TEXT));
      err.flush();
    }
    writer.write(video, job.file());
    if (job.sheet() != null) {
      ContactSheet.write(video, job.sheet());
    }
    out.println(json ? JSON.std.asString(record(video, job)) : job.file().toString());
    out.flush();
  }

  private static Map<String, Object> record(Video video, Job job) {
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("file", job.file().toString());
    if (job.sheet() != null) {
      record.put("contactSheet", job.sheet().toString());
    }
    record.put("width", video.width());
    record.put("height", video.height());
    record.put("frames", video.frameCount());
    record.put("framesPerSecond", video.framesPerSecond());
    record.putAll(video.provenance().properties());
    Map<String, Double> seconds = new LinkedHashMap<>();
    video
        .provenance()
        .timings()
        .forEach((phase, time) -> seconds.put(phase, Measurements.seconds(time.toNanos())));
    record.put("seconds", seconds);
    return record;
  }
}
