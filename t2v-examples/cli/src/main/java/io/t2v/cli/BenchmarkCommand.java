package io.t2v.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.GenerationRequest;
import io.t2v.PipelineBuilder;
import io.t2v.Progress;
import io.t2v.Progress.Phase;
import io.t2v.Provenance;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.ffmpeg.VideoWriter;
import io.t2v.minimodel.MiniModel;
import io.t2v.offload.MemoryPlan;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code t2v benchmark}: times and memory of a model on this machine. */
@Command(
    name = "benchmark",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    versionProvider = T2v.Version.class,
    description = {
      "Generates without writing files, and prints times and memory as JSON.",
      "",
      "docs/command-line.md explains the fields. Where the weights of the full-size model are not"
          + " at hand, `t2v random-checkpoint` makes some that take as long."
    })
final class BenchmarkCommand implements Callable<Integer> {
  private static final int ENCODES = 5;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @ParentCommand
  @SuppressWarnings("NullAway.Init")
  private T2v t2v;

  @Mixin private final ModelOptions model = new ModelOptions();

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      defaultValue = "a red circle moving right",
      description = "What is generated. Default: ${DEFAULT-VALUE}.")
  private String prompt = "";

  @Mixin private final RequestOptions request = new RequestOptions();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Where the noise comes from. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = {"-r", "--repeat"},
      paramLabel = "N",
      defaultValue = "1",
      description = "Runs. The first one also loads the weights. Default: ${DEFAULT-VALUE}.")
  private int repeat;

  @Option(
      names = "--profile",
      description =
          "Also print on stderr, and report, how long each kind of layer took, how much it computed,"
              + " and how much of this machine's peak that is.")
  private boolean profile;

  @Mixin private final ProgressOptions progress = new ProgressOptions();

  @Override
  public Integer call() throws IOException {
    Usage.check(
        spec,
        "--repeat",
        repeat,
        value -> {
          if (value < 1) {
            throw new IllegalArgumentException("repeat is " + value + ", expected at least 1");
          }
        });
    GenerationRequest benchmarked = request();
    PipelineBuilder builder = model.pipeline();
    try (CtrlC ctrlC = CtrlC.listen()) {
      model.locate(builder, ctrlC, progress, t2v.streams());
      return measure(builder, benchmarked, ctrlC);
    }
  }

  private static Map<String, Object> describe(MemoryPlan plan) {
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("offload", plan.policy());
    described.put("peakBytes", plan.peakBytes());
    described.put("availableBytes", plan.availableBytes());
    for (MemoryPlan.Share share : plan.shares()) {
      Map<String, Object> bytes = new LinkedHashMap<>();
      bytes.put("residency", share.residency().name().toLowerCase(Locale.ROOT));
      bytes.put("weightBytes", share.weightBytes());
      bytes.put("activationBytes", share.activationBytes());
      described.put(share.component().name().toLowerCase(Locale.ROOT), bytes);
    }
    return described;
  }

  private int measure(PipelineBuilder builder, GenerationRequest request, CtrlC ctrlC)
      throws IOException {
    Map<String, @Nullable Object> report = new LinkedHashMap<>();
    Map<String, @Nullable Object> peaks = new LinkedHashMap<>();
    Map<String, Object> nativeObjects = new LinkedHashMap<>();
    boolean peakIsReset = Measurements.resetPeak();
    System.gc();
    long heapBefore = Measurements.heapBytes();
    long start = System.nanoTime();
    List<Run> runs = new ArrayList<>();
    try (TextToVideoPipeline pipeline = builder.build();
        ProgressDisplay display =
            progress.open("benchmark", t2v.streams(), spec.commandLine().getErr())) {
      long openNanos = System.nanoTime() - start;
      long openHeap = Math.max(0, Measurements.heapBytes() - heapBefore);
      requireFit(pipeline, request);
      report.put("plan", describe(pipeline.plan(request)));
      peaks.put("open", Measurements.peakResidentBytes());
      nativeObjects.put("opened", Pointer.totalCount());
      List<Long> afterRuns = new ArrayList<>();
      Video video = null;
      LayerProfile layers = profile ? LayerProfile.start() : null;
      for (int i = 0; i < repeat; i++) {
        Run run = new Run(peaks);
        runs.add(run);
        var shown = display.partOf(i, repeat);
        video =
            pipeline
                .prepare(request)
                .onProgress(
                    state -> {
                      run.note(state);
                      shown.onProgress(state);
                    })
                .cancelledBy(ctrlC.token())
                .toVideo();
        run.finish(video);
        afterRuns.add(Pointer.totalCount());
      }
      nativeObjects.put("afterEachRun", afterRuns);
      describe(report, video, pipeline);
      if (layers != null) {
        try (layers) {
          addProfile(report, layers.rows(), runs, pipeline.threads());
        }
      }
      report.put("encodeSeconds", encodeSeconds(video));
      report.put("openSeconds", Measurements.seconds(openNanos));
      report.put("openHeapBytes", openHeap);
    }
    addTimes(report, runs);
    report.put("peakRssBytes", largest(peaks));
    report.put("phasePeakRssBytes", peaks);
    report.put("peakIsOfPhase", peakIsReset);
    report.put("rssAfterBytes", Measurements.residentBytes());
    nativeObjects.put("closed", Pointer.totalCount());
    report.put("nativeObjects", nativeObjects);
    spec.commandLine().getOut().println(pretty(report));
    spec.commandLine().getOut().flush();
    return 0;
  }

  private GenerationRequest request() {
    GenerationRequest.Builder builder =
        model.isBundled() ? MiniModel.request(prompt) : GenerationRequest.builder(prompt);
    request.applyTo(builder);
    return builder.seed(seed).build();
  }

  private void requireFit(TextToVideoPipeline pipeline, GenerationRequest request) {
    try {
      pipeline.prepare(request);
    } catch (IllegalArgumentException e) {
      throw Usage.misfit(spec, e);
    }
  }

  private void describe(
      Map<String, @Nullable Object> report, @Nullable Video video, TextToVideoPipeline pipeline) {
    if (video == null) {
      return;
    }
    Map<String, Object> made = video.provenance().properties();
    for (String property :
        List.of(
            Provenance.CHECKPOINT,
            Provenance.SCHEDULER,
            Provenance.STEPS,
            Provenance.GUIDANCE_SCALE,
            Provenance.DTYPE,
            Provenance.DEVICE,
            Provenance.VERSIONS)) {
      report.put(property, made.get(property));
    }
    report.put("frames", video.frameCount());
    report.put("width", video.width());
    report.put("height", video.height());
    report.put("threads", pipeline.threads());
    report.put("processors", Runtime.getRuntime().availableProcessors());
  }

  /** Median of encoding the last video as MP4 into memory, after FFmpeg was loaded. */
  private static @Nullable Double encodeSeconds(@Nullable Video video) throws IOException {
    if (video == null) {
      return null;
    }
    List<Double> seconds = new ArrayList<>();
    VideoWriter.mp4().toBytes(video);
    for (int i = 0; i < ENCODES; i++) {
      long start = System.nanoTime();
      VideoWriter.mp4().toBytes(video);
      seconds.add(Measurements.seconds(System.nanoTime() - start));
    }
    return Measurements.median(seconds);
  }

  /** Networks run in these phases; guidance and the scheduler are no part of them. */
  private void addProfile(
      Map<String, @Nullable Object> report,
      List<LayerProfile.Row> rows,
      List<Run> runs,
      int threads) {
    double seconds = 0;
    for (Run run : runs) {
      seconds += run.networkSeconds();
    }
    double peak = LayerProfile.peak(String.valueOf(report.get(Provenance.DTYPE)), threads);
    report.put("profile", LayerProfile.json(rows, seconds, peak));
    report.put("peakFlops", peak);
    for (String line : LayerProfile.table(rows, seconds, peak)) {
      spec.commandLine().getErr().println(line);
    }
    spec.commandLine().getErr().flush();
  }

  private static void addTimes(Map<String, @Nullable Object> report, List<Run> runs) {
    Map<String, List<Double>> phases = new LinkedHashMap<>();
    List<Double> steps = new ArrayList<>();
    for (Run run : runs) {
      run.phaseSeconds.forEach(
          (phase, seconds) -> phases.computeIfAbsent(phase, p -> new ArrayList<>()).add(seconds));
      steps.addAll(run.stepSeconds);
    }
    Map<String, @Nullable Object> medians = new LinkedHashMap<>();
    phases.forEach((phase, seconds) -> medians.put(phase, Measurements.median(seconds)));
    report.put("loadSeconds", runs.get(0).phaseSeconds.get(Run.name(Phase.PREPARE_DENOISER)));
    report.put("phaseSeconds", phases);
    report.put("phaseMedianSeconds", medians);
    report.put("stepSeconds", runs.stream().map(run -> run.stepSeconds).toList());
    report.put("stepMedianSeconds", Measurements.median(steps));
    report.put(
        "guidanceAndSchedulerShare",
        Measurements.median(runs.stream().map(run -> run.besideNetworkShare).toList()));
  }

  private static @Nullable Long largest(Map<String, @Nullable Object> peaks) {
    Long largest = null;
    for (Object peak : peaks.values()) {
      if (peak instanceof Long bytes && (largest == null || bytes > largest)) {
        largest = bytes;
      }
    }
    return largest;
  }

  private static String pretty(Map<String, @Nullable Object> report) throws IOException {
    return JSON.std
        .with(JSON.Feature.PRETTY_PRINT_OUTPUT)
        .with(JSON.Feature.WRITE_NULL_PROPERTIES)
        .asString(report);
  }

  /** One generation: when its steps ended, and how much memory its phases took. */
  private static final class Run {
    final Map<String, Double> phaseSeconds = new LinkedHashMap<>();
    final List<Double> stepSeconds = new ArrayList<>();
    double besideNetworkShare;
    private final Map<String, @Nullable Object> peaks;
    private @Nullable Phase phase;
    private int stepsDone;
    private long lastStepEnd;

    Run(Map<String, @Nullable Object> peaks) {
      this.peaks = peaks;
    }

    void note(Progress progress) {
      if (progress.phase() != phase) {
        notePeak();
        Measurements.resetPeak();
        phase = progress.phase();
        lastStepEnd = System.nanoTime();
      }
      if (progress.phase() == Phase.DENOISE && progress.done() > stepsDone) {
        long now = System.nanoTime();
        stepSeconds.add(Measurements.seconds(now - lastStepEnd));
        lastStepEnd = now;
        stepsDone = progress.done();
      }
    }

    /** Keeps the largest of all runs. */
    private void notePeak() {
      Long peak = Measurements.peakResidentBytes();
      if (phase != null && peak != null) {
        peaks.merge(name(phase), peak, (known, found) -> Math.max((Long) known, (Long) found));
      }
    }

    void finish(Video video) {
      notePeak();
      Map<String, Duration> timings = video.provenance().timings();
      timings.forEach((name, time) -> phaseSeconds.put(name, Measurements.seconds(time.toNanos())));
      Duration denoising = timings.getOrDefault(name(Phase.DENOISE), Duration.ZERO);
      Duration beside = timings.getOrDefault(Provenance.GUIDANCE_AND_SCHEDULER, Duration.ZERO);
      besideNetworkShare = (double) beside.toNanos() / Math.max(1, denoising.toNanos());
    }

    double networkSeconds() {
      double beside = phaseSeconds.getOrDefault(Provenance.GUIDANCE_AND_SCHEDULER, 0.0);
      return Stream.of(Phase.DENOISE, Phase.DECODE)
              .mapToDouble(part -> phaseSeconds.getOrDefault(name(part), 0.0))
              .sum()
          - beside;
    }

    static String name(Phase phase) {
      return phase.name().toLowerCase(Locale.ROOT);
    }
  }
}
