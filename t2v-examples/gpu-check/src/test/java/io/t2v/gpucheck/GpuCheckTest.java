package io.t2v.gpucheck;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class GpuCheckTest {
  /** What the command left. */
  private record Outcome(int code, String out, String err) {
    /** Of each check, in the order of the document: name and status. */
    List<String> checks() throws IOException {
      List<String> checks = new ArrayList<>();
      for (Object check : (List<?>) JSON.std.mapFrom(out).get("checks")) {
        Map<?, ?> fields = (Map<?, ?>) check;
        checks.add(fields.get("name") + " " + fields.get("status"));
      }
      return checks;
    }
  }

  private static Outcome gpuCheck(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine = GpuCheck.commandLine();
    commandLine.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int code = commandLine.execute(arguments);
    return new Outcome(code, out.toString(), err.toString());
  }

  @Test
  void runsOnTheProcessor(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("report.json");

    Outcome outcome =
        gpuCheck(
            "--device",
            "cpu",
            "--quick",
            "--only",
            "environment,parity-float32,feature-step-caching,feature-long-clip,feature-video-to-video,"
                + "feature-adapter,feature-batch,tf32,graph,optimization,attention,refusal,"
                + "handed-back",
            "--out",
            file.toString());

    assertThat(outcome.code()).as(outcome.out()).isZero();
    assertThat(outcome.checks())
        .containsExactly(
            "environment passed",
            "parity-float32 passed",
            "feature-step-caching passed",
            "feature-long-clip passed",
            "feature-video-to-video passed",
            "feature-adapter passed",
            "feature-batch passed",
            "tf32 not run",
            "graph not run",
            "optimization-channels-last-group-norm not run",
            "optimization-batched-frame-attention not run",
            "optimization-batched-decoding not run",
            "optimization-kept-cuda-graphs not run",
            "attention-kernels passed",
            "refusal passed",
            "handed-back not run");
    assertThat(outcome.err().lines())
        .as("a line as each ends, and a table")
        .hasSize(2 * 16)
        .anyMatch(line -> line.startsWith("graph: not run") && line.endsWith("no CUDA graphs"))
        .anyMatch(line -> line.matches("graph +not run.*no CUDA graphs"));
    assertThat(outcome.out())
        .as("kernels of a CPU")
        .contains("libtorchsChoiceMicros", "mathMicros", "productsMicros")
        .containsPattern("\"cudnn\" : \"refused");
    assertThat(file).content().isEqualToIgnoringNewLines(outcome.out().strip());
    assertThat(JSON.std.mapFrom(outcome.out()))
        .containsEntry("device", "cpu")
        .containsEntry("quick", true)
        .containsEntry("summary", Map.of("passed", 9, "failed", 0, "not run", 7));
  }

  @Test
  void aDeviceThatIsNotThereFailsAndItsChecksAreNotRun() throws IOException {
    Outcome outcome = gpuCheck("--device", "cuda:99", "--only", "environment,parity", "-q");

    assertThat(outcome.code()).isEqualTo(1);
    assertThat(outcome.checks())
        .containsExactly(
            "environment failed",
            "parity-float32 not run",
            "parity-float16 not run",
            "parity-bfloat16 not run",
            "parity-int8 not run");
    assertThat(outcome.out()).contains("cuda:99");
    assertThat(outcome.err()).isEmpty();
  }

  @Test
  void namesItsChecks() {
    Outcome all = gpuCheck("--list");
    Outcome some = gpuCheck("--list", "--only", "full-parity");

    assertThat(all.code()).isZero();
    assertThat(all.out().lines())
        .hasSizeGreaterThan(20)
        .anyMatch(line -> line.startsWith("graph: "));
    assertThat(some.out().lines()).hasSize(4).allMatch(line -> line.startsWith("full-parity-"));
  }

  @Test
  void saysWhatChecksOfFullSizeLack() throws IOException {
    Outcome outcome = gpuCheck("--device", "cpu", "--only", "full-timing", "-q");

    assertThat(outcome.code()).isZero();
    assertThat(outcome.checks()).containsExactly("full-timing not run");
    assertThat(outcome.out()).contains("--checkpoint DIR");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--device gpu | --device | cuda:1",
        "--device auto | --device | such as cuda:0",
        "--repeat 0 | --repeat | at least 1",
        "--minutes 0 | --minutes | at least 1",
        "--only parity,speed | --only | no check 'speed'",
      })
  void refusesBeforeAnythingRuns(String arguments, String option, String reason) {
    Outcome outcome = gpuCheck(arguments.split(" "));

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains(option, reason);
    assertThat(outcome.out()).isEmpty();
  }
}
