package io.t2v.gpucheck;

import io.t2v.GenerationCancelledException;
import io.t2v.device.DeviceUnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs checks one after the other, whatever becomes of each. */
public final class CheckRunner {
  private final Report report;
  private final @Nullable Path file;
  private final Deadline deadline;
  private final Consumer<String> log;

  /**
   * Makes a runner.
   *
   * @param report takes what is found
   * @param file to which the report is written before and after each check; null for none
   * @param deadline after which no check begins
   * @param log told in a line what came of each check
   */
  public CheckRunner(Report report, @Nullable Path file, Deadline deadline, Consumer<String> log) {
    this.report = report;
    this.file = file;
    this.deadline = deadline;
    this.log = log;
  }

  /**
   * Runs checks.
   *
   * @param checks in their order
   * @throws IOException if the file cannot be written
   * @throws GenerationCancelledException if somebody stopped them
   */
  public void run(List<Check> checks) throws IOException {
    for (Check check : checks) {
      note(Entry.unfinished(check));
      Entry entry = deadline.isOver() ? tooLate(check) : run(check);
      note(entry);
      log.accept(
          String.format(
              Locale.ROOT,
              "%s: %s (%.1f s)%s",
              entry.name(),
              entry.status(),
              entry.seconds(),
              entry.why().isEmpty() ? "" : ": " + firstLine(entry.why())));
    }
  }

  private static Entry tooLate(Check check) {
    return Entry.notRun(check, "the time was up before it began", 0, new Findings());
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  private void note(Entry entry) throws IOException {
    report.put(entry);
    if (file != null) {
      report.write(file);
    }
  }

  /** Native code throws errors as well as exceptions: missing libraries, memory that ran out. */
  private static Entry run(Check check) {
    Findings findings = new Findings();
    long start = System.nanoTime();
    try {
      check.work().run(findings);
      return Entry.ended(check, Timing.since(start), findings);
    } catch (GenerationCancelledException e) {
      throw e;
    } catch (NotRunException | DeviceUnavailableException e) {
      return Entry.notRun(check, String.valueOf(e.getMessage()), Timing.since(start), findings);
    } catch (Exception | Error e) {
      return Entry.broken(check, e, Timing.since(start), findings);
    }
  }
}
