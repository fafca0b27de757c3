package io.t2v.gpucheck;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.GenerationRequest;
import io.t2v.device.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The reference in Python on the same device, with the same checkpoint and workload: launched one
 * kernel after the other, and compiled.
 *
 * @param subject of the checkpoint
 * @param python an interpreter that has the reference; null if none was named
 * @param script {@code docs/reference/gpu_reference.py}
 */
record ReferenceCheck(Subject subject, @Nullable Path python, Path script) implements Check.Work {
  private static final Duration PATIENCE = Duration.ofMinutes(20);
  private static final double TIMES_EAGER = 2;

  @Override
  public void run(Findings findings) throws IOException {
    if (python == null) {
      throw new NotRunException("no Python was named: --python PATH");
    }
    if (!Files.isRegularFile(script)) {
      throw new NotRunException(
          "there is no file " + script + ": run in the project's folder, or name it with --script");
    }
    subject.lab().access().meter(subject.lab().device()).ifPresent(DeviceMeter::emptyCache);
    ChildProcess.Result result = ChildProcess.run(command(python), PATIENCE, subject.lab().token());
    if (result.code() != 0) {
      throw new IOException(script + " failed: " + result.lastLine());
    }
    Map<String, Object> reference = JSON.std.mapFrom(result.out());
    findings.figure("reference", reference);
    if (reference.get("missing") instanceof String missing) {
      throw new NotRunException(missing);
    }
    double own =
        subject.timings().values().stream().mapToDouble(Timing::median).min().orElseThrow();
    findings.figure("ownMedianSeconds", own);
    Double eager = median(reference, "eager");
    Double compiled = median(reference, "compiled");
    compare(findings, "times as fast as the reference, eager", eager, own, TIMES_EAGER);
    compare(findings, "times as fast as the reference, compiled", compiled, own, 1);
  }

  private List<String> command(Path interpreter) {
    GenerationRequest request = subject.workload().standard();
    List<String> command =
        new ArrayList<>(
            List.of(
                interpreter.toString(),
                script.toString(),
                subject.folder().toString(),
                "--device",
                subject.lab().device().toString(),
                "--dtype",
                Precision.defaultFor(subject.lab().device()).toString(),
                "--steps",
                String.valueOf(request.steps()),
                "--frames",
                String.valueOf(request.frames()),
                "--guidance",
                String.valueOf(request.guidanceScale()),
                "--runs",
                String.valueOf(subject.lab().runs())));
    request.width().ifPresent(width -> command.addAll(List.of("--width", String.valueOf(width))));
    request
        .height()
        .ifPresent(height -> command.addAll(List.of("--height", String.valueOf(height))));
    if (!request.prompts().isEmpty()) {
      command.addAll(List.of("--prompt", request.prompts().get(0)));
    }
    return command;
  }

  private static @Nullable Double median(Map<String, Object> reference, String way) {
    return reference.get(way) instanceof Map<?, ?> found
            && found.get("median_seconds") instanceof Number seconds
        ? Double.valueOf(seconds.doubleValue())
        : null;
  }

  private void compare(
      Findings findings, String what, @Nullable Double reference, double own, double times) {
    if (reference == null) {
      findings.unheld(what, "the reference has no time of it, see its figures");
      return;
    }
    findings.figure(what, reference / own);
    subject
        .workload()
        .unheld()
        .ifPresentOrElse(
            why -> findings.unheld(what, why),
            () -> findings.atLeast(what, reference / own, times));
  }
}
