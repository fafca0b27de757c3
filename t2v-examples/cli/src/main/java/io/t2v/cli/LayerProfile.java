package io.t2v.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Where the time of networks goes, by kind of layer: the library's events of the Java Flight
 * Recorder, which it writes while a recording asks for them.
 *
 * <p>Events nest, such as a layer in its block. A kind's time is what its events took themselves,
 * without those within them, so that all kinds add up to the time of the networks.
 */
final class LayerProfile implements AutoCloseable {
  private static final String EVENT = "io.t2v.Layer";
  private static final int TRIES = 4;

  private final Recording recording = new Recording();

  private LayerProfile() {
    recording.enable(EVENT).withoutThreshold().withoutStackTrace();
    recording.start();
  }

  static LayerProfile start() {
    return new LayerProfile();
  }

  /** The time of one layer; begin and end are nanoseconds of any one clock. */
  record Span(long thread, long begin, long end, String kind, long flop) {}

  /** What all layers of a kind took. */
  record Row(String kind, int calls, double seconds, double flop) {
    private Row plus(double moreSeconds, int moreCalls, double moreFlop) {
      return new Row(kind, calls + moreCalls, seconds + moreSeconds, flop + moreFlop);
    }
  }

  /** Ends the recording, and adds up what was recorded, from the kind that took longest. */
  List<Row> rows() throws IOException {
    recording.stop();
    Path file = Files.createTempFile("t2v-profile", ".jfr");
    try {
      recording.dump(file);
      List<Span> spans = new ArrayList<>();
      try (RecordingFile events = new RecordingFile(file)) {
        while (events.hasMoreEvents()) {
          RecordedEvent event = events.readEvent();
          if (event.getEventType().getName().equals(EVENT)) {
            spans.add(span(event));
          }
        }
      }
      return rows(spans);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private static Span span(RecordedEvent event) {
    long begin = ChronoUnit.NANOS.between(Instant.EPOCH, event.getStartTime());
    return new Span(
        event.getThread().getJavaThreadId(),
        begin,
        begin + event.getDuration().toNanos(),
        event.getString("kind"),
        event.getLong("flop"));
  }

  static List<Row> rows(List<Span> spans) {
    Map<String, Row> rows = new TreeMap<>();
    Map<Long, Deque<Span>> open = new TreeMap<>();
    List<Span> inOrder =
        spans.stream()
            .sorted(
                Comparator.comparingLong(Span::begin)
                    .thenComparing(Span::end, Comparator.reverseOrder()))
            .toList();
    for (Span span : inOrder) {
      Deque<Span> around = open.computeIfAbsent(span.thread(), thread -> new ArrayDeque<>());
      while (!around.isEmpty() && around.getLast().end() <= span.begin()) {
        around.removeLast();
      }
      double seconds = (span.end() - span.begin()) / 1e9;
      if (!around.isEmpty()) {
        rows.computeIfPresent(around.getLast().kind(), (kind, row) -> row.plus(-seconds, 0, 0));
      }
      rows.merge(
          span.kind(),
          new Row(span.kind(), 1, seconds, (double) span.flop()),
          (row, one) -> row.plus(one.seconds(), 1, one.flop()));
      around.addLast(span);
    }
    return rows.values().stream()
        .sorted(Comparator.comparingDouble(Row::seconds).reversed())
        .toList();
  }

  /**
   * Measures the most that products reach on this machine: a wide convolution, the best of four.
   *
   * @param dtype as provenance names it
   * @return floating point operations a second
   */
  static double peak(String dtype, int threads) {
    boolean half = dtype.startsWith("bfloat16");
    int before = torch.get_num_threads();
    torch.set_num_threads(threads);
    try (PointerScope outer = new PointerScope();
        InferenceMode mode = new InferenceMode(true);
        PointerScope scope = new PointerScope()) {
      ScalarType type = half ? ScalarType.BFloat16 : ScalarType.Float;
      Tensor x = torch.ones(4, 640, 32, 32).to(type).contiguous(MemoryFormat.ChannelsLast);
      Tensor weight = torch.ones(640, 640, 3, 3).to(type).contiguous(MemoryFormat.ChannelsLast);
      double best = 0;
      for (int i = 0; i < TRIES; i++) {
        try (PointerScope one = new PointerScope()) {
          long start = System.nanoTime();
          Tensor out =
              torch.conv2d(
                  x,
                  weight,
                  new TensorOptional(),
                  new long[] {1, 1},
                  new long[] {1, 1},
                  new long[] {1, 1},
                  1);
          double seconds = (System.nanoTime() - start) / 1e9;
          best = Math.max(best, 2.0 * out.numel() * 640 * 9 / seconds);
        }
      }
      return best;
    } finally {
      torch.set_num_threads(before);
    }
  }

  /** The same for programs. peak: floating point operations a second. */
  static List<Map<String, Object>> json(List<Row> rows, double networkSeconds, double peak) {
    List<Map<String, Object>> json = new ArrayList<>();
    for (Row row : rows) {
      Map<String, Object> kind = new LinkedHashMap<>();
      kind.put("kind", row.kind());
      kind.put("calls", row.calls());
      kind.put("seconds", row.seconds());
      kind.put("share", row.seconds() / networkSeconds);
      if (row.flop() > 0) {
        kind.put("flop", row.flop());
        kind.put("shareOfPeak", row.flop() / row.seconds() / peak);
      }
      json.add(kind);
    }
    return json;
  }

  /** A table for people, with what the rows account for in its last line. */
  static List<String> table(List<Row> rows, double networkSeconds, double peak) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%-24s %7s %9s %7s %9s %9s %8s"
            .formatted("layer", "calls", "seconds", "share", "TFLOP", "GFLOP/s", "of peak"));
    double seconds = 0;
    double flop = 0;
    for (Row row : rows) {
      lines.add(line(row, networkSeconds, peak));
      seconds += row.seconds();
      flop += row.flop();
    }
    lines.add(line(new Row("accounted for", 0, seconds, flop), networkSeconds, peak));
    lines.add(
        String.format(
            Locale.ROOT,
            "networks took %.2f s; products reach %.0f GFLOP/s on this machine",
            networkSeconds,
            peak / 1e9));
    return lines;
  }

  private static String line(Row row, double networkSeconds, double peak) {
    String products =
        row.flop() == 0
            ? ""
            : String.format(
                Locale.ROOT,
                "%9.3f %9.0f %7.0f%%",
                row.flop() / 1e12,
                row.flop() / row.seconds() / 1e9,
                100 * row.flop() / row.seconds() / peak);
    return String.format(
            Locale.ROOT,
            "%-24s %7s %9.3f %6.1f%% %s",
            row.kind(),
            row.calls() == 0 ? "" : String.valueOf(row.calls()),
            row.seconds(),
            100 * row.seconds() / networkSeconds,
            products)
        .stripTrailing();
  }

  @Override
  public void close() {
    recording.close();
  }
}
