import io.t2v.GenerationRequest;
import io.t2v.Provenance;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.device.Precision;
import io.t2v.offload.MemoryPlan;
import io.t2v.offload.OffloadPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Holds the memory that a plan foresees against what a generation takes, on Linux: one step of few
 * frames with each of three ways to keep weights, each in a JVM of its own. Measured is the peak of
 * the anonymous resident memory (RssAnon) above what the process had once the pipeline was built.
 * The address space (VmPeak) above what the JVM itself had reserved before is printed as well.
 *
 * <pre>
 * java -jar t2v-examples/cli/target/t2v.jar random-checkpoint full
 * java -cp CLASS-PATH docs/checks/MemoryCheck.java full
 * java -cp CLASS-PATH docs/checks/MemoryCheck.java full disk 16
 * java -cp CLASS-PATH docs/checks/MemoryCheck.java full video
 * </pre>
 *
 * <p>The last command takes minutes: 24 frames are enlarged from 576 × 320 to 1024 × 576, with
 * one of two steps and the precision that the CPU is best at.
 */
public final class MemoryCheck {
  private static final double TOLERANCE = 0.10;
  private static final int FRAMES = 2;
  private static final int SAMPLE_MILLIS = 10;

  private MemoryCheck() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 1) {
      int frames = arguments.length == 2 ? FRAMES : Integer.parseInt(arguments[2]);
      System.exit(check(Path.of(arguments[0]), arguments[1], frames) ? 0 : 1);
    }
    boolean right = true;
    for (String way : List.of("disk", "component", "int8")) {
      String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
      Process child =
          new ProcessBuilder(
                  java,
                  "-cp",
                  System.getProperty("java.class.path"),
                  "docs/checks/MemoryCheck.java",
                  arguments[0],
                  way)
              .inheritIO()
              .start();
      right &= child.waitFor() == 0;
    }
    System.exit(right ? 0 : 1);
  }

  private static boolean check(Path checkpoint, String way, int frames) throws Exception {
    long reserved = status("VmSize");
    long start = System.nanoTime();
    try (TextToVideoPipeline pipeline =
        TextToVideoPipeline.builder()
            .checkpoint(checkpoint)
            .offload(
                switch (way) {
                  case "disk" -> OffloadPolicy.disk();
                  case "component" -> OffloadPolicy.component();
                  default -> OffloadPolicy.none();
                })
            .precision(
                switch (way) {
                  case "int8" -> Precision.INT8;
                  case "video" -> Precision.auto();
                  default -> Precision.FLOAT32;
                })
            .build()) {
      double building = seconds(start);
      GenerationRequest request = way.equals("video") ? enlarging() : fromText(frames);
      MemoryPlan plan = pipeline.plan(request);
      long before = status("RssAnon");
      AtomicBoolean done = new AtomicBoolean();
      long[] peak = {before};
      Thread sampler = new Thread(() -> sample(done, peak), "memory");
      sampler.start();
      start = System.nanoTime();
      pipeline.generate(request);
      double generating = seconds(start);
      done.set(true);
      sampler.join();
      long measured = peak[0] - before;
      long addresses = status("VmPeak") - reserved;
      double off = (double) plan.peakBytes() / measured - 1;
      System.out.printf(
          Locale.ROOT,
          "%-9s planned %.2f GB, measured %.2f GB, plan off by %+.1f %%; built in %.2f s,"
              + " generated in %.1f s; before %.2f GB, VmHWM %.2f GB, address space %.2f GB beyond the"
              + " JVM's own %.2f GB%n",
          way,
          plan.peakBytes() / 1e9,
          measured / 1e9,
          100 * off,
          building,
          generating,
          before / 1e9,
          status("VmHWM") / 1e9,
          addresses / 1e9,
          reserved / 1e9);
      return Math.abs(off) <= TOLERANCE;
    }
  }

  private static GenerationRequest fromText(int frames) {
    return GenerationRequest.builder("a red circle").frames(frames).steps(1).seed(1).build();
  }

  private static GenerationRequest enlarging() {
    List<byte[]> black = Collections.nCopies(24, new byte[576 * 320 * 3]);
    Video draft = Video.of(576, 320, 8, black, Provenance.unknown());
    return GenerationRequest.builder("a red circle")
        .initVideo(draft.resizedTo(1024, 576))
        .strength(0.6)
        .steps(2)
        .guidanceScale(1)
        .seed(1)
        .build();
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }

  private static void sample(AtomicBoolean done, long[] peak) {
    while (!done.get()) {
      try {
        peak[0] = Math.max(peak[0], status("RssAnon"));
        Thread.sleep(SAMPLE_MILLIS);
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static long status(String field) throws IOException {
    return Files.readString(Path.of("/proc/self/status"))
        .lines()
        .filter(line -> line.startsWith(field + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElseThrow();
  }
}
