package io.t2v.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.Generation;
import io.t2v.GenerationRequest;
import io.t2v.PipelineBuilder;
import io.t2v.PreviewMode;
import io.t2v.Provenance;
import io.t2v.SavedRun;
import io.t2v.TextToVideoPipeline;
import io.t2v.VideoInfo;
import io.t2v.ffmpeg.VideoFormat;
import io.t2v.ffmpeg.VideoReadException;
import io.t2v.ffmpeg.VideoStream;
import io.t2v.ffmpeg.VideoWriter;
import io.t2v.minimodel.MiniModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
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
  private static final int LONGEST_QUOTE = 200;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @ParentCommand
  @SuppressWarnings("NullAway.Init")
  private T2v t2v;

  @Mixin private final PromptOptions prompts = new PromptOptions();

  @Mixin private final OutputOptions output = new OutputOptions();

  @Mixin private final ModelOptions model = new ModelOptions();

  @Mixin private final RequestOptions request = new RequestOptions();

  @Mixin private final SamplingOptions sampling = new SamplingOptions();

  @Mixin private final AdjustmentOptions adjustments = new AdjustmentOptions();

  @Mixin private final AccelerationOptions acceleration = new AccelerationOptions();

  @Mixin private final LongVideoOptions longVideo = new LongVideoOptions();

  @Mixin private final StartOptions start = new StartOptions();

  @Mixin private final SavedRunOptions saved = new SavedRunOptions();

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
      names = "--preview",
      arity = "0..1",
      paramLabel = "HOW",
      fallbackValue = "COLOURS",
      description = {
        "Show what becomes of the video after each step, where stderr is a terminal with 24-bit"
            + " colors: ${COMPLETION-CANDIDATES}. Default: none; colors, which costs next to"
            + " nothing, if only --preview is given. decoded runs the decoder after each step."
      })
  private PreviewMode preview = PreviewMode.NONE;

  @Option(
      names = "--json",
      description = "Print how each video was made as JSON, one line each, instead of its name.")
  private boolean json;

  @Mixin private final ProgressOptions progress = new ProgressOptions();

  /** Whether the prompt is that of the file to repeat. */
  private boolean promptIsRepeated;

  /** Of the run that is resumed. */
  private @Nullable GenerationRequest base;

  @Override
  public Integer call() throws IOException {
    @Nullable LikeFile repeated =
        like == null ? null : new LikeFile(like.toString(), VideoInspection.settings(like));
    if (repeated != null) {
      completeFrom(repeated);
    }
    Optional<SavedRun> resumed = saved.read();
    if (resumed.isPresent()) {
      completeFrom(resumed.get());
    }
    List<PromptLine> wanted = prompts.lines(t2v.streams().in());
    output.check(wanted.size(), json, t2v.streams().outIsTerminal());
    PipelineBuilder builder = model.pipeline();
    VideoFormat format = fileOptions.format(output.named());
    VideoWriter writer = sampling.applyTo(fileOptions.writer(format));
    List<VideoJob> all = jobs(wanted, format);
    // What is wrong with one that is left out is wrong as well.
    List<GenerationRequest> allRequests = requests(all, repeated);
    saved.check(allRequests.size());
    List<Path> targets = output.targets(all);
    DistinctFiles.require(targets);
    List<VideoJob> jobs = output.toDo(all, format);
    if (jobs.size() < all.size()) {
      say(all.size() - jobs.size() + " of " + all.size() + " files exist already");
    }
    if (jobs.isEmpty()) {
      return 0;
    }
    saved.requireWritable(targets, output.force());
    prompts.warnings().forEach(this::say);
    writer.requireAvailable();
    List<GenerationRequest> requests =
        jobs.size() == all.size() ? allRequests : requests(jobs, repeated);
    try (CtrlC ctrlC = CtrlC.listen()) {
      model.locate(builder, ctrlC, progress, t2v.streams());
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
      List<VideoJob> jobs,
      VideoWriter writer,
      CtrlC ctrlC)
      throws IOException {
    boolean shown = progress.showsPictures(t2v.streams());
    try (ProgressDisplay display =
        progress.open("t2v", t2v.streams(), spec.commandLine().getErr())) {
      int written = 0;
      for (int i = 0; i < requests.size(); i++) {
        List<VideoJob> own = jobs.subList(written, written + requests.get(i).prompts().size());
        Generation generation =
            saved
                .applyTo(pipeline.prepare(requests.get(i)))
                .onProgress(display.partOf(i, requests.size()))
                .previews(shown ? preview : PreviewMode.NONE)
                .cancelledBy(ctrlC.token());
        try (VideoFiles files = new VideoFiles(writer, this::open, own, output)) {
          List<VideoInfo> videos = write(generation, files, display);
          display.giveWay();
          for (int j = 0; j < own.size(); j++) {
            VideoJob made = files.written().get(j);
            OutputFiles.sayIfOther(spec, own.get(j).file(), made.file());
            OutputFiles.sayIfOther(spec, own.get(j).sheet(), made.sheet());
            report(videos.get(j), made);
            display.written(written++, made.file());
          }
        }
      }
    }
  }

  private List<VideoInfo> write(Generation generation, VideoFiles files, ProgressDisplay display)
      throws IOException {
    try {
      List<VideoInfo> videos = generation.toFrames(files);
      t2v.streams().out().flush();
      return videos;
    } catch (RuntimeException e) {
      if (saved.keepsPartial()) {
        display.giveWay();
        files.keepPartial().ifPresent(this::tell);
      }
      throw e;
    }
  }

  private VideoStream open(VideoWriter writer, VideoJob job) {
    return output.isStdout() ? writer.open(t2v.streams().out()) : writer.open(job.file());
  }

  private void tell(VideoFiles.Partial kept) {
    say(
        "%s holds the first %s of %s frames"
            .formatted(output.isStdout() ? "stdout" : kept.file(), kept.frames(), kept.of()));
  }

  /**
   * Without a prompt, everything is that of the run; with one, the options are those of the run.
   */
  private void completeFrom(SavedRun run) {
    model.completeFrom(new LikeFile("The saved run", run.videos().get(0)));
    if (!prompts.areGiven()) {
      base = run.request();
    }
    prompts.completeFrom(run);
  }

  private void completeFrom(LikeFile repeated) {
    promptIsRepeated = !prompts.areGiven();
    prompts.completeFrom(repeated);
    model.completeFrom(repeated);
    if (!repeated.notRepeated().isEmpty()) {
      say(
          "the file also records "
              + String.join(", ", repeated.notRepeated())
              + ", which is not repeated");
    }
  }

  private List<VideoJob> jobs(List<PromptLine> videos, VideoFormat format) throws IOException {
    List<Path> files = output.files(videos, format);
    List<Path> sheets = output.sheets(videos);
    List<VideoJob> jobs = new ArrayList<>();
    for (int i = 0; i < videos.size(); i++) {
      PromptLine line = videos.get(i);
      jobs.add(
          new VideoJob(
              line,
              line.negativePrompt().orElse(prompts.negativePrompt(i)),
              line.seed().orElse(prompts.seed(i)),
              files.get(i),
              sheets.isEmpty() ? null : sheets.get(i)));
    }
    return jobs;
  }

  private List<GenerationRequest> requests(List<VideoJob> jobs, @Nullable LikeFile repeated)
      throws VideoReadException {
    if (!prompts.batch()) {
      List<GenerationRequest> requests = new ArrayList<>();
      for (VideoJob job : jobs) {
        requests.add(request(List.of(job), repeated));
      }
      return requests;
    }
    if (jobs.stream().map(job -> job.line().settingsOfRequest()).distinct().count() > 1) {
      throw new ParameterException(
          spec.commandLine(),
          "Option '--batch' computes videos of the same settings, but those in --prompts differ");
    }
    return List.of(request(jobs, repeated));
  }

  /**
   * The model's own defaults; over them those of a file, what the user gave, and what stands beside
   * a prompt.
   */
  private GenerationRequest request(List<VideoJob> jobs, @Nullable LikeFile repeated)
      throws VideoReadException {
    String[] texts = jobs.stream().map(job -> job.line().prompt()).toArray(String[]::new);
    GenerationRequest.Builder defaults =
        base != null
            ? base.toBuilder()
            : model.isBundled()
                ? MiniModel.request(texts)
                : GenerationRequest.builder(List.of(texts));
    GenerationRequest.Builder builder = over(defaults);
    Usage.check(spec, "--like", repeated, file -> file.applyTo(builder, promptIsRepeated));
    GenerationRequest.Builder overFile = over(builder);
    request.applyTo(overFile);
    sampling.applyTo(overFile);
    adjustments.applyTo(overFile);
    acceleration.applyTo(build(builder), overFile);
    GenerationRequest.Builder overOptions = over(overFile);
    Usage.check(
        spec,
        "--prompts",
        jobs.get(0).line(),
        line -> RecordedSettings.apply(line.settings(), overOptions));
    GenerationRequest.Builder complete = over(overOptions);
    longVideo.applyTo(complete);
    start.applyTo(
        build(overOptions),
        complete,
        repeated == null ? RecordedStart.none() : repeated.start(),
        this::say);
    prompts.applyTo(complete);
    return withTextsAndSeeds(jobs, complete);
  }

  /** A builder on which each setting of another one can be set anew. */
  private GenerationRequest.Builder over(GenerationRequest.Builder settings) {
    return build(settings).toBuilder();
  }

  private GenerationRequest build(GenerationRequest.Builder settings) {
    try {
      return settings.build();
    } catch (IllegalStateException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private GenerationRequest withTextsAndSeeds(
      List<VideoJob> jobs, GenerationRequest.Builder builder) {
    if (jobs.stream().anyMatch(job -> job.negativePrompt() != null)) {
      builder.negativePrompts(
          jobs.stream().map(job -> Objects.requireNonNullElse(job.negativePrompt(), "")).toList());
    }
    List<Long> given = new ArrayList<>();
    for (VideoJob job : jobs) {
      if (job.seed() != null) {
        given.add(job.seed());
      }
    }
    if (!given.isEmpty()) {
      if (given.size() < jobs.size()) {
        throw new ParameterException(
            spec.commandLine(), "Option '--batch' needs a seed for each video, or for none");
      }
      builder.seeds(given);
    }
    return build(builder);
  }

  /** Before the first of several videos is computed, not after it. */
  private void requireFit(
      TextToVideoPipeline pipeline, List<GenerationRequest> requests, VideoWriter writer)
      throws IOException {
    Set<VideoInfo> tried = new HashSet<>();
    try {
      for (GenerationRequest each : requests) {
        VideoInfo clip = pipeline.prepare(each).videoInfo();
        writer.check(clip.width(), clip.height(), clip.framesPerSecond());
        if (tried.add(
            new VideoInfo(
                clip.width(), clip.height(), 1, clip.framesPerSecond(), Provenance.unknown()))) {
          FileOptions.tryOut(writer, clip);
        }
      }
    } catch (IllegalArgumentException e) {
      throw start.misfit(e).orElseGet(() -> Usage.misfit(spec, e));
    }
  }

  private void report(VideoInfo video, VideoJob job) throws IOException {
    Map<String, Object> properties = video.provenance().properties();
    if (properties.containsKey(Provenance.TRUNCATED_TEXT)) {
      say(
          "the text encoder had no room for the end of the prompt, which was left out: "
              + shortened(String.valueOf(properties.get(Provenance.TRUNCATED_TEXT))));
    }
    if (!output.isStdout()) {
      PrintWriter out = spec.commandLine().getOut();
      out.println(json ? JSON.std.asString(record(video, job)) : job.file().toString());
      out.flush();
    }
  }

  private static String shortened(String text) {
    if (text.length() <= LONGEST_QUOTE) {
      return text;
    }
    int space = text.lastIndexOf(' ', LONGEST_QUOTE);
    int end = space > 0 ? space : text.offsetByCodePoints(0, LONGEST_QUOTE / 2);
    return "%s ... and %s more characters".formatted(text.substring(0, end), text.length() - end);
  }

  private void say(String message) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("t2v: " + message);
    err.flush();
  }

  private static Map<String, Object> record(VideoInfo video, VideoJob job) {
    Map<String, Object> record = new LinkedHashMap<>();
    record.put("file", job.file().toString());
    if (job.sheet() != null) {
      record.put("contactSheet", job.sheet().toString());
    }
    record.put("width", video.width());
    record.put("height", video.height());
    record.put("frames", video.frames());
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
