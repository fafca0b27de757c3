package io.t2v.examples;

import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.examples.study.FrameTable;
import io.t2v.examples.study.GaussianMixture;
import io.t2v.examples.study.LogLogPlot;
import io.t2v.examples.study.LogLogPlot.Curve;
import io.t2v.examples.study.PerfectModelRun;
import io.t2v.scheduler.Scheduler;
import io.t2v.scheduler.SchedulerConfig;
import io.t2v.scheduler.Schedulers;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code t2v scheduler-study}: the pictures of docs/schedulers.md. */
@Command(
    name = "scheduler-study",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    versionProvider = T2v.Version.class,
    description = {
      "Draws how the error of schedulers falls with the number of steps, on data whose exact solution"
          + " is known (solver-error.png), and frames of the bundled model for several numbers of"
          + " steps (solver-frames.png)."
    })
final class SchedulerStudyCommand implements Callable<Integer> {
  private static final int[] EVALUATIONS = {6, 8, 10, 14, 20, 28, 40, 56, 80, 112, 160, 200};
  private static final int[] STEPS = {5, 10, 25, 50};
  private static final int NUMBERS = 64;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "DIR",
      required = true,
      description = "Folder for the pictures; those that exist are replaced.")
  private Path output = Path.of("");

  @Option(
      names = "--prompt",
      paramLabel = "TEXT",
      defaultValue = "a yellow triangle moving right on a navy background",
      description = "What the frames show. Default: ${DEFAULT-VALUE}.")
  private String prompt = "";

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "3",
      description = "Where the noise of the frames comes from. Default: ${DEFAULT-VALUE}.")
  private long seed;

  /** A scheduler with a short name. */
  private record Subject(String title, String name, Map<String, Object> options) {
    Scheduler on(Map<String, ?> checkpoint) {
      Map<String, Object> all = new HashMap<>(checkpoint);
      all.putAll(options);
      return Schedulers.byName(name).fromConfig(new SchedulerConfig(name, all));
    }
  }

  private static final Map<String, Object> KARRAS = Map.of("use_karras_sigmas", true);

  private static final List<Subject> SOLVERS =
      List.of(
          new Subject("DDIM", "DDIMScheduler", Map.of("clip_sample", false)),
          new Subject("Euler", "EulerDiscreteScheduler", KARRAS),
          new Subject("Heun", "HeunDiscreteScheduler", KARRAS),
          new Subject("KDPM2", "KDPM2DiscreteScheduler", KARRAS),
          new Subject("DPM-Solver++ (2M)", "DPMSolverMultistepScheduler", KARRAS),
          new Subject("Adams–Bashforth", "AdamsBashforthScheduler", Map.of()),
          new Subject("LMS", "LMSDiscreteScheduler", KARRAS),
          new Subject("UniPC", "UniPCMultistepScheduler", KARRAS));

  private static final List<Subject> SHOWN =
      List.of(
          new Subject("DDIM", "DDIMScheduler", Map.of()),
          new Subject("Euler ancestral", "EulerAncestralDiscreteScheduler", Map.of()),
          new Subject("Heun", "HeunDiscreteScheduler", Map.of()),
          new Subject("DPM-Solver++ (2M)", "DPMSolverMultistepScheduler", Map.of()),
          new Subject("UniPC", "UniPCMultistepScheduler", Map.of()));

  @Override
  public Integer call() throws IOException {
    Files.createDirectories(output);
    write(frames(), output.resolve("solver-frames.png")); // first: a pipeline sets libtorch up
    write(errors(), output.resolve("solver-error.png"));
    return 0;
  }

  private static BufferedImage errors() {
    Map<String, Object> schedule =
        Map.of("beta_schedule", "scaled_linear", "beta_start", 0.00085, "beta_end", 0.012);
    List<Curve> curves = new ArrayList<>();
    for (Subject subject : SOLVERS) {
      PerfectModelRun run = new PerfectModelRun(GaussianMixture.TWO_HUMPS, subject.on(schedule));
      boolean twice = run.evaluations(10) > 10;
      List<Double> x = new ArrayList<>();
      List<Double> y = new ArrayList<>();
      for (int evaluations : EVALUATIONS) {
        int steps = twice ? (evaluations + 1) / 2 : evaluations;
        x.add((double) run.evaluations(steps));
        y.add(run.error(steps, NUMBERS));
      }
      curves.add(new Curve(subject.title(), x, y));
    }
    return new LogLogPlot(
            "Error of schedulers on a mixture of two Gaussians",
            "calls of the denoiser",
            "root mean square distance from the exact solution",
            curves)
        .draw();
  }

  private BufferedImage frames() {
    List<Video> videos = new ArrayList<>();
    for (Subject subject : SHOWN) {
      try (TextToVideoPipeline pipeline =
          TextToVideoPipeline.builder()
              .checkpoint(BundledModel.folder())
              .threads(BundledModel.THREADS)
              .scheduler(config -> subject.on(config.options()))
              .build()) {
        for (int steps : STEPS) {
          videos.add(
              pipeline.generate(BundledModel.request(prompt).steps(steps).seed(seed).build()));
        }
      }
    }
    List<String> columns = new ArrayList<>();
    for (int steps : STEPS) {
      columns.add(steps + " steps");
    }
    return FrameTable.draw(SHOWN.stream().map(Subject::title).toList(), columns, videos);
  }

  /** A picture appears when it is complete. */
  private void write(BufferedImage image, Path file) throws IOException {
    Path temporary = Files.createTempFile(output, "." + file.getFileName(), ".part");
    try {
      ImageIO.write(image, "png", temporary.toFile());
      Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    spec.commandLine().getOut().println(file);
    spec.commandLine().getOut().flush();
  }
}
