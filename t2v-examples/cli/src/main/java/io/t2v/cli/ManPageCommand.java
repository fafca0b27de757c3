package io.t2v.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Spec;

/** {@code t2v generate-man}: what {@code --help} says of all commands, as a manual page. */
@Command(
    name = "generate-man",
    mixinStandardHelpOptions = true,
    versionProvider = T2v.Version.class,
    description = {
      "Prints a manual page about all commands.",
      "",
      "  t2v generate-man > /usr/local/share/man/man1/t2v.1"
    })
final class ManPageCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    out.print(page(spec.root()));
    out.flush();
    return 0;
  }

  private static String page(CommandSpec program) {
    StringBuilder page = new StringBuilder();
    page.append(".TH T2V 1 \"\" \"").append(text(program.version()[0])).append("\"\n");
    page.append(".SH NAME\nt2v \\- makes videos from sentences\n");
    page.append(".SH SYNOPSIS\n");
    synopsis(page, program);
    page.append(".SH DESCRIPTION\n");
    paragraphs(page, program.usageMessage().description());
    arguments(page, program);
    page.append(".SH COMMANDS\n");
    for (CommandLine command : program.subcommands().values()) {
      CommandSpec spec = command.getCommandSpec();
      page.append(".SS ").append(text(spec.qualifiedName())).append('\n');
      synopsis(page, spec);
      paragraphs(page, spec.usageMessage().description());
      arguments(page, spec);
      paragraphs(page, spec.usageMessage().footer());
    }
    page.append(".SH EXIT STATUS\n");
    program.usageMessage().exitCodeList().forEach((code, when) -> entry(page, code, when));
    return page.toString();
  }

  private static void synopsis(StringBuilder page, CommandSpec command) {
    Help help = new Help(command, Help.defaultColorScheme(Help.Ansi.OFF));
    page.append(text(help.synopsis(0).strip().replaceAll("\\s+", " "))).append('\n');
  }

  /** Lines that are indented are examples, which stay as they are. */
  private static void paragraphs(StringBuilder page, String... lines) {
    for (String line : lines) {
      if (line.startsWith(" ")) {
        page.append(".br\n");
      } else {
        page.append(".PP\n");
      }
      if (!line.isBlank()) {
        page.append(text(line.strip())).append('\n');
      }
    }
  }

  private static void arguments(StringBuilder page, CommandSpec command) {
    for (PositionalParamSpec parameter : command.positionalParameters()) {
      argument(page, parameter.paramLabel(), parameter);
    }
    for (OptionSpec option : command.options()) {
      String label = option.arity().max() == 0 ? "" : " " + option.paramLabel();
      argument(page, String.join(", ", option.names()) + label, option);
    }
  }

  private static void argument(StringBuilder page, String name, ArgSpec argument) {
    if (!argument.hidden()) {
      entry(page, name, String.join(" ", argument.description()));
    }
  }

  private static void entry(StringBuilder page, String term, String explanation) {
    page.append(".TP\n\\fB").append(text(term)).append("\\fR\n");
    page.append(text(explanation)).append('\n');
  }

  /** As roff shows it: with its backslashes and hyphens, and no line that is a request. */
  private static String text(String plain) {
    String escaped = plain.replace("\\", "\\e").replace("-", "\\-");
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }
}
