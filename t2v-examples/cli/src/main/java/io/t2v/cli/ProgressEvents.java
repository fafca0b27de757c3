package io.t2v.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.Progress;
import io.t2v.ProgressListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** JSON, one object a line, for programs; docs/command-line.md describes the fields. */
final class ProgressEvents implements ProgressDisplay {
  private final String task;
  private final PrintWriter err;
  private Map<String, Object> last = Map.of();

  ProgressEvents(String task, PrintWriter err) {
    this.task = task;
    this.err = err;
  }

  @Override
  public void show(double fraction, String what) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("what", what);
    progress(fraction, details, Optional.empty());
  }

  @Override
  public ProgressListener partOf(int index, int count) {
    return progress -> {
      Map<String, Object> details = new LinkedHashMap<>();
      details.put("video", index + 1);
      details.put("videos", count);
      details.put("phase", nameOf(progress));
      details.put("done", progress.done());
      details.put("total", progress.total());
      progress((index + progress.fraction()) / count, details, progress.timeLeft());
    };
  }

  private static String nameOf(Progress progress) {
    return progress.phase().name().toLowerCase(Locale.ROOT);
  }

  /** Once for each change but that of the fraction alone, which moves hundreds of times a step. */
  private void progress(double fraction, Map<String, Object> details, Optional<Duration> timeLeft) {
    if (!details.equals(last)) {
      last = details;
      Map<String, Object> event = new LinkedHashMap<>();
      event.put("event", "progress");
      event.put("task", task);
      event.putAll(details);
      event.put("fraction", fraction);
      timeLeft.ifPresent(left -> event.put("secondsLeft", left.toMillis() / 1e3));
      print(event);
    }
  }

  @Override
  public void written(int video, Path file) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("event", "written");
    event.put("task", task);
    event.put("video", video + 1);
    event.put("file", file.toString());
    print(event);
  }

  private void print(Map<String, Object> event) {
    try {
      err.println(JSON.std.asString(event));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    err.flush();
  }
}
