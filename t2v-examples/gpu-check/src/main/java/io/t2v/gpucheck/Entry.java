package io.t2v.gpucheck;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What came of one check.
 *
 * @param name of the check
 * @param status whether it holds
 * @param why it does not hold, or what was left out; empty if there is nothing to say
 * @param seconds that it took
 * @param findings figures and bars
 */
record Entry(String name, Status status, String why, double seconds, Findings findings) {
  private static final int STACK_LINES = 40;
  private static final int LONGEST_REASON = 1000;

  /** Stands in the file while the check runs, and stays there if the process dies of it. */
  static Entry unfinished(Check check) {
    return new Entry(
        check.name(),
        Status.FAILED,
        "it has not ended: it is running, or the process died of it",
        0,
        new Findings());
  }

  static Entry ended(Check check, double seconds, Findings findings) {
    List<Bar> failed = having(findings, Status.FAILED);
    List<Bar> unheld = having(findings, Status.NOT_RUN);
    Status status =
        !failed.isEmpty()
            ? Status.FAILED
            : unheld.isEmpty() || unheld.size() < findings.bars().size()
                ? Status.PASSED
                : Status.NOT_RUN;
    return new Entry(
        check.name(), status, describe(failed.isEmpty() ? unheld : failed), seconds, findings);
  }

  static Entry notRun(Check check, String why, double seconds, Findings findings) {
    return new Entry(check.name(), Status.NOT_RUN, why, seconds, findings);
  }

  static Entry broken(Check check, Throwable cause, double seconds, Findings findings) {
    findings.figure("stack", StackTraces.lines(cause, STACK_LINES));
    // libtorch's messages go on with the frames of its own stack.
    String reason = cause.toString().split("\nException raised from", 2)[0].strip();
    return new Entry(
        check.name(),
        Status.FAILED,
        reason.substring(0, Math.min(LONGEST_REASON, reason.length())),
        seconds,
        findings);
  }

  private static List<Bar> having(Findings findings, Status status) {
    return findings.bars().stream().filter(bar -> bar.status() == status).toList();
  }

  private static String describe(List<Bar> bars) {
    return bars.stream().map(Bar::describe).collect(Collectors.joining("; "));
  }

  Map<String, @Nullable Object> toMap() {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    map.put("name", name);
    map.put("status", status.toString());
    map.put("why", why.isEmpty() ? null : why);
    map.put("seconds", seconds);
    map.put("figures", findings.figures());
    map.put("bars", findings.bars().stream().map(Bar::toMap).toList());
    return map;
  }
}
