package io.t2v.gpucheck;

import io.t2v.CancellationToken;
import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.device.ComputeDevice;
import io.t2v.minimodel.MiniModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Holds what is promised of GPUs against a GPU.
 *
 * <p>Exit codes: 0 no check failed, 1 one did, 2 not called as described by {@code --help}.
 */
@Command(
    name = "gpu-check",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Checks a GPU against the CPU and against what is promised of it, and prints all"
          + " figures as JSON.",
      "",
      "A check that fails does not keep the others from running; exit code 1 says that one did."
          + " docs/gpu-check.md explains the document."
    },
    footer = {
      "",
      "For example:",
      "  t2v random-checkpoint full-size-fp16 --dtype F16",
      "  gpu-check --checkpoint full-size-fp16 --python python3 --out gpu-check.json"
    })
public final class GpuCheck implements Callable<Integer> {
  private static final String PROMPT = "a red circle moving right";
  private static final int QUICK = 2;

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = {"-c", "--checkpoint"},
      paramLabel = "DIR",
      description = {
        "Folder of a checkpoint of full size, for memory and times; t2v random-checkpoint makes"
            + " one.",
        "Default: none, only the bundled miniature model is checked."
      })
  private @Nullable Path checkpoint;

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "cuda:0",
      description = "What is checked: cuda:0 (any index), mps, or cpu. Default: ${DEFAULT-VALUE}.")
  private String device = "";

  @Option(
      names = "--only",
      paramLabel = "NAME",
      split = ",",
      description = {
        "Checks to run: names, or the beginnings that several share, such as parity or"
            + " full-policy.",
        "Default: all."
      })
  private List<String> only = List.of();

  @Option(names = "--list", description = "List the checks instead of running them.")
  private boolean list;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE",
      description = {
        "Also write the document here, whole, before and after each check; a file that exists is"
            + " replaced."
      })
  private @Nullable Path out;

  @Option(
      names = "--python",
      paramLabel = "PATH",
      description = "Python with the reference installed, to be timed as well. Default: none.")
  private @Nullable Path python;

  @Option(
      names = "--script",
      paramLabel = "FILE",
      defaultValue = "docs/reference/gpu_reference.py",
      description = "What times the reference. Default: ${DEFAULT-VALUE}.")
  private Path script = Path.of("");

  @Option(
      names = {"-r", "--repeat"},
      paramLabel = "N",
      defaultValue = "5",
      description = "Runs that are timed, beside the first one. Default: ${DEFAULT-VALUE}.")
  private int repeat;

  @Option(
      names = "--quick",
      description = {
        "Two steps of two frames for everything, in the checkpoint's own size: to see that the"
            + " program works. Bars of memory and time are not held."
      })
  private boolean quick;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      description = {
        "Begin no check after N minutes: those that are left say so. The most important ones come"
            + " first. Default: no limit."
      })
  private @Nullable Integer minutes;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print neither what came of each check as it ends, nor a table at the end.")
  private boolean quiet;

  private GpuCheck() {}

  /**
   * Runs the checks, and ends the JVM.
   *
   * @param arguments see {@code --help}
   */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new GpuCheck());
  }

  @Override
  public Integer call() throws IOException {
    CancellationToken token = new CancellationToken();
    List<Check> checks = selected(checks(token));
    if (list) {
      return printNames(checks);
    }
    if (out != null && Files.isDirectory(out)) {
      throw invalid("--out", out + " is a folder, expected the name of a file");
    }
    // Ctrl-C ends the JVM: a program that a check has started ends with it.
    Runtime.getRuntime().addShutdownHook(new Thread(token::cancel, "gpu-check-cancel"));
    return run(checks);
  }

  private List<Check> checks(CancellationToken token) {
    Lab lab;
    try {
      lab = Lab.of(ComputeDevice.parse(device), new LibraryAccess(), token);
    } catch (IllegalArgumentException e) {
      throw invalid("--device", String.valueOf(e.getMessage()));
    }
    if (repeat < 1) {
      throw invalid("--repeat", repeat + " runs, expected at least 1");
    }
    if (minutes != null && minutes < 1) {
      throw invalid("--minutes", minutes + " minutes, expected at least 1");
    }
    Lab timing = lab.withRuns(repeat);
    return Checks.of(bundled(timing), given(timing));
  }

  private ParameterException invalid(String option, String why) {
    return new ParameterException(
        spec.commandLine(), "Invalid value for option '" + option + "': " + why);
  }

  private int run(List<Check> checks) throws IOException {
    Report report = new Report(header());
    PrintWriter err = spec.commandLine().getErr();
    Deadline deadline =
        minutes == null ? Deadline.none() : Deadline.in(Duration.ofMinutes(minutes));
    new CheckRunner(
            report,
            out,
            deadline,
            line -> {
              if (!quiet) {
                err.println(line);
                err.flush();
              }
            })
        .run(checks);
    if (!quiet) {
      err.print(Table.of(report.entries()));
      err.flush();
    }
    spec.commandLine().getOut().println(report.toJson());
    spec.commandLine().getOut().flush();
    return report.count(Status.FAILED) > 0 ? 1 : 0;
  }

  private int printNames(List<Check> checks) {
    PrintWriter writer = spec.commandLine().getOut();
    for (Check check : checks) {
      writer.println(check.name() + ": " + check.about());
    }
    writer.flush();
    return 0;
  }

  private List<Check> selected(List<Check> all) {
    for (String name : only) {
      if (all.stream().noneMatch(check -> check.isMeantBy(name))) {
        throw invalid(
            "--only", "there is no check '" + name + "', --list names those that there are");
      }
    }
    return only.isEmpty()
        ? all
        : all.stream().filter(check -> only.stream().anyMatch(check::isMeantBy)).toList();
  }

  private Subject bundled(Lab lab) {
    GenerationRequest request = MiniModel.request(PROMPT).seed(0).build();
    return new Subject(
        lab,
        MiniModel::pipeline,
        CheckRequests.of(quick ? quickly(request) : request, "the bar is for a model of full size"),
        MiniModel.folder());
  }

  private Checks.@Nullable Given given(Lab lab) {
    if (checkpoint == null) {
      return null;
    }
    Path folder = checkpoint;
    GenerationRequest request = GenerationRequest.builder(PROMPT).seed(0).build();
    Subject subject =
        new Subject(
            lab,
            () -> TextToVideoPipeline.builder().checkpoint(folder).scheduler(MiniModel.SCHEDULER),
            quick
                ? CheckRequests.of(quickly(request), "the bar is not for --quick")
                : CheckRequests.ofTheBars(request),
            folder);
    return new Checks.Given(subject, python, script);
  }

  private static GenerationRequest quickly(GenerationRequest request) {
    return request.toBuilder().frames(QUICK).steps(QUICK).build();
  }

  private Map<String, @Nullable Object> header() {
    Map<String, @Nullable Object> header = new LinkedHashMap<>();
    header.put("program", "t2v gpu-check");
    header.put("version", GpuCheck.class.getPackage().getImplementationVersion());
    header.put("started", Instant.now().toString());
    header.put("device", device);
    header.put("checkpoint", checkpoint == null ? null : checkpoint.toString());
    header.put("quick", quick);
    return header;
  }
}
