package io.t2v.cli;

import static io.t2v.cli.Commands.t2v;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class ManPageTest {
  private static final List<String> REQUESTS = List.of(".TH", ".SH", ".SS", ".TP", ".PP", ".br");

  @Test
  void listsEveryOptionOfEveryCommand() {
    String page = t2v("generate-man").out();

    assertThat(page).startsWith(".TH T2V 1 ").doesNotContain("${", "@|");
    for (CommandLine command : T2v.commandLine().getSubcommands().values()) {
      assertThat(page).contains(".SS t2v " + command.getCommandName().replace("-", "\\-") + "\n");
      for (OptionSpec option : command.getCommandSpec().options()) {
        assertThat(page).contains(option.longestName().replace("-", "\\-"));
      }
    }
  }

  @Test
  void hasNoRequestThatIsProse() {
    assertThat(t2v("generate-man").out().lines().filter(line -> line.matches("^[.'].*")))
        .allSatisfy(line -> assertThat(REQUESTS).contains(line.split(" ")[0]));
  }
}
