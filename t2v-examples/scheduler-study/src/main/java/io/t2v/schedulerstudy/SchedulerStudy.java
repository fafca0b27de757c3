package io.t2v.schedulerstudy;

import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.minimodel.MiniModel;
import io.t2v.scheduler.Scheduler;
import io.t2v.scheduler.SchedulerConfig;
import io.t2v.scheduler.Schedulers;
import io.t2v.schedulerstudy.LogLogPlot.Curve;
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
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Draws the pictures of docs/schedulers.md. */
@Command(
    name = "scheduler-study",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Draws how the error of schedulers falls with the number of steps, on data whose exact"
          + " solution is known (solver-error.png), and frames of the bundled model for several"
          + " numbers of steps (solver-frames.png)."
    })
public final class SchedulerStudy implements Callable<Integer> {
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
  private record Solver(String title, String name, Map<String, Object> options) {
    Scheduler on(Map<String, ?> checkpoint) {
      Map<String, Object> all = new HashMap<>(checkpoint);
      all.putAll(options);
      return Schedulers.byName(name).fromConfig(new SchedulerConfig(name, all));
    }
  }

  private static final Map<String, Object> KARRAS = Map.of("use_karras_sigmas", true);

  private static final List<Solver> SOLVERS =
      List.of(
          new Solver("DDIM", "DDIMScheduler", Map.of("clip_sample", false)),
          new Solver("Euler", "EulerDiscreteScheduler", KARRAS),
          new Solver("Heun", "HeunDiscreteScheduler", KARRAS),
          new Solver("KDPM2", "KDPM2DiscreteScheduler", KARRAS),
          new Solver("DPM-Solver++ (2M)", "DPMSolverMultistepScheduler", KARRAS),
          new Solver("Adams–Bashforth", "AdamsBashforthScheduler", Map.of()),
          new Solver("LMS", "LMSDiscreteScheduler", KARRAS),
          new Solver("UniPC", "UniPCMultistepScheduler", KARRAS));

  private static final List<Solver> SHOWN =
      List.of(
          new Solver("DDIM", "DDIMScheduler", Map.of()),
          new Solver("Euler ancestral", "EulerAncestralDiscreteScheduler", Map.of()),
          new Solver("Heun", "HeunDiscreteScheduler", Map.of()),
          new Solver("DPM-Solver++ (2M)", "DPMSolverMultistepScheduler", Map.of()),
          new Solver("UniPC", "UniPCMultistepScheduler", Map.of()));

  private SchedulerStudy() {}

  /**
   * Draws, and ends the JVM.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new SchedulerStudy()).execute(arguments));
  }

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
    for (Solver solver : SOLVERS) {
      PerfectModelRun run = new PerfectModelRun(GaussianMixture.TWO_HUMPS, solver.on(schedule));
      boolean twice = run.evaluations(10) > 10;
      List<Double> x = new ArrayList<>();
      List<Double> y = new ArrayList<>();
      for (int evaluations : EVALUATIONS) {
        int steps = twice ? (evaluations + 1) / 2 : evaluations;
        x.add((double) run.evaluations(steps));
        y.add(run.error(steps, NUMBERS));
      }
      curves.add(new Curve(solver.title(), x, y));
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
    for (Solver solver : SHOWN) {
      try (TextToVideoPipeline pipeline =
          TextToVideoPipeline.builder()
              .checkpoint(MiniModel.folder())
              .threads(MiniModel.THREADS)
              .scheduler(config -> solver.on(config.options()))
              .build()) {
        for (int steps : STEPS) {
          videos.add(pipeline.generate(MiniModel.request(prompt).steps(steps).seed(seed).build()));
        }
      }
    }
    List<String> columns = new ArrayList<>();
    for (int steps : STEPS) {
      columns.add(steps + " steps");
    }
    return FrameTable.draw(SHOWN.stream().map(Solver::title).toList(), columns, videos);
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
