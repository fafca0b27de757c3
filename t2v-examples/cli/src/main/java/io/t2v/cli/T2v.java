package io.t2v.cli;

import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line: {@code t2v generate "a red circle moving right"}.
 *
 * <p>Results go to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 not called as
 * described by {@code --help}.
 */
@Command(
    name = "t2v",
    mixinStandardHelpOptions = true,
    versionProvider = T2v.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "Makes videos from sentences.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed, the reason is on stderr",
      "2:not called as described here"
    },
    footer = {
      "",
      "For example:",
      "  t2v generate \"a red circle moving right\" -o circle.mp4",
      "  t2v help generate",
      "",
      "@FILE stands for the arguments in a file, of which a prompt that begins with @ is told apart"
          + " by a second one: @@home."
    },
    subcommands = {
      GenerateCommand.class,
      DownloadCommand.class,
      InspectCommand.class,
      RandomCheckpointCommand.class,
      BenchmarkCommand.class,
      ConvertCommand.class,
      CompareCommand.class,
      AutoComplete.GenerateCompletion.class,
      ManPageCommand.class,
      CommandLine.HelpCommand.class
    })
public final class T2v implements Runnable {
  private static final int FAILED = 1;
  private static final int MISUSED = 2;
  private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}&&[^\\t]]");

  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--stacktrace",
      scope = ScopeType.INHERIT,
      description = "Show where in the program an error came from.")
  private boolean stacktrace;

  private final StandardStreams streams;

  private T2v(StandardStreams streams) {
    this.streams = streams;
  }

  /** What the command was started with. */
  StandardStreams streams() {
    return streams;
  }

  /**
   * Runs a command and ends the JVM.
   *
   * @param arguments as typed
   */
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /**
   * Makes the command line, to be run within a program.
   *
   * @return a new one, whose {@code execute} returns the exit code
   */
  public static CommandLine commandLine() {
    return commandLine(StandardStreams.ofProcess());
  }

  static CommandLine commandLine(StandardStreams streams) {
    T2v command = new T2v(streams);
    return new ExpandingCommandLine(command)
        .setExpandAtFiles(false)
        .registerConverter(Path.class, new PathConverter())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(T2v::misused)
        .setExecutionStrategy(T2v::executed)
        .setExecutionExceptionHandler(command::failed);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command");
  }

  /** Writers keep errors of stdout to themselves until they are asked. */
  private static int executed(ParseResult parsed) {
    int code = new CommandLine.RunLast().execute(parsed);
    List<CommandLine> commands = parsed.asCommandLineList();
    CommandLine command = commands.get(commands.size() - 1);
    if (!command.getOut().checkError() && !System.out.checkError()) {
      return code;
    }
    PrintWriter err = command.getErr();
    err.println(command.getCommandSpec().qualifiedName() + ": could not write to stdout.");
    err.flush();
    return FAILED;
  }

  private static int misused(ParameterException e, String[] arguments) {
    CommandLine commandLine = e.getCommandLine();
    String command = commandLine.getCommandSpec().qualifiedName();
    String message = oneLine(String.valueOf(e.getMessage())) + suggestion(e);
    PrintWriter err = commandLine.getErr();
    err.println(
        command
            + ": "
            + message
            + (message.matches(".*[.?]") ? "" : ".")
            + " See "
            + command
            + " --help.");
    err.flush();
    return MISUSED;
  }

  private static String suggestion(ParameterException e) {
    List<String> similar =
        e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
    return similar.isEmpty() ? "" : ". Did you mean " + similar.get(0) + "?";
  }

  private int failed(Exception e, CommandLine commandLine, ParseResult parsed) {
    String command = commandLine.getCommandSpec().qualifiedName();
    PrintWriter err = commandLine.getErr();
    err.println(command + ": " + reason(e));
    if (stacktrace) {
      e.printStackTrace(err);
    }
    err.flush();
    return FAILED;
  }

  private static String reason(Exception e) {
    String message =
        e instanceof InvalidPathException path ? PathConverter.message(path) : e.getMessage();
    return message == null || message.isBlank()
        ? "failed with " + e.getClass().getName() + "; --stacktrace shows where"
        : oneLine(message);
  }

  /** Without control characters, which a terminal would obey. */
  private static String oneLine(String message) {
    String line = message.strip().replaceAll("\\s*\\R\\s*", " ");
    return CONTROL
        .matcher(line)
        .replaceAll(found -> "\\\\u%04x".formatted((int) found.group().charAt(0)));
  }

  /** Reads {@code @FILE} by {@link ArgumentFiles}. */
  private static final class ExpandingCommandLine extends CommandLine {
    ExpandingCommandLine(T2v command) {
      super(command);
    }

    @Override
    public ParseResult parseArgs(String... arguments) {
      String[] expanded;
      try {
        expanded = ArgumentFiles.expand(arguments);
      } catch (FailureException e) {
        throw new ParameterException(this, String.valueOf(e.getMessage()), e);
      }
      return super.parseArgs(expanded);
    }
  }

  /** The version that the build wrote into the jar. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = T2v.class.getPackage().getImplementationVersion();
      return new String[] {"t2v " + (version == null ? "(not packaged)" : version)};
    }
  }
}
