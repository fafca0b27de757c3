import io.t2v.Acceleration;
import io.t2v.GenerationRequest;
import io.t2v.Progress.Phase;
import io.t2v.TextToVideoPipeline;
import io.t2v.scheduler.DpmSolverMultistepScheduler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Times what a step costs with features of others, and whether requests are faster together.
 *
 * <pre>
 * java -cp t2v-examples/cli/target/t2v.jar docs/checks/Throughput.java CHECKPOINT FRAMES SIZE STEPS cache
 * java -cp t2v-examples/cli/target/t2v.jar docs/checks/Throughput.java CHECKPOINT FRAMES SIZE STEPS together
 * </pre>
 */
public final class Throughput {
  private final Path checkpoint;
  private final GenerationRequest request;

  private Throughput(Path checkpoint, int frames, int size, int steps) {
    this.checkpoint = checkpoint;
    request = request(1).toBuilder().frames(frames).size(size, size).steps(steps).build();
  }

  private static GenerationRequest request(int videos) {
    List<String> prompts = new ArrayList<>();
    for (int i = 0; i < videos; i++) {
      prompts.add("a red circle moving " + (i % 2 == 0 ? "right" : "left"));
    }
    return GenerationRequest.builder(prompts).seed(1).build();
  }

  public static void main(String[] arguments) throws Exception {
    Throughput timing =
        new Throughput(
            Path.of(arguments[0]),
            Integer.parseInt(arguments[1]),
            Integer.parseInt(arguments[2]),
            Integer.parseInt(arguments[3]));
    if (arguments[4].equals("cache")) {
      timing.steps();
    } else {
      timing.together();
    }
  }

  private TextToVideoPipeline pipeline(int threads) {
    return TextToVideoPipeline.builder()
        .checkpoint(checkpoint)
        .scheduler(DpmSolverMultistepScheduler::fromConfig)
        .threads(threads)
        .build();
  }

  /** Seconds of each step, from the reports of its end. */
  private void steps() {
    try (TextToVideoPipeline pipeline = pipeline(Runtime.getRuntime().availableProcessors())) {
      for (int depth : List.of(0, 1, 2)) {
        Acceleration caching =
            Acceleration.none().cacheSteps(request.steps()).cacheDepth(depth);
        List<Long> ends = new ArrayList<>();
        pipeline
            .prepare(request.toBuilder().acceleration(caching).build())
            .onProgress(
                progress -> {
                  if (progress.phase() == Phase.DENOISE
                      && progress.done() >= ends.size()) {
                    ends.add(System.nanoTime());
                  }
                })
            .toLatents();
        System.out.printf("depth %d:", depth);
        for (int i = 1; i < ends.size(); i++) {
          System.out.printf(" %.2f s", (ends.get(i) - ends.get(i - 1)) / 1e9);
        }
        System.out.println();
      }
    }
  }

  /** Two videos one after the other, as a batch, and at once on half of the threads each. */
  private void together() throws Exception {
    int cores = Runtime.getRuntime().availableProcessors();
    GenerationRequest two =
        request(2).toBuilder()
            .frames(request.frames())
            .size(request.width().getAsInt(), request.height().getAsInt())
            .steps(request.steps())
            .build();
    try (TextToVideoPipeline pipeline = pipeline(cores)) {
      pipeline.prepare(request.toBuilder().steps(1).build()).toLatents(); // loads weights
      long start = System.nanoTime();
      pipeline.prepare(request).toLatents();
      pipeline.prepare(request).toLatents();
      print("one after the other", start);
      start = System.nanoTime();
      pipeline.prepare(two).toLatents();
      print("as a batch", start);
    }
    try (TextToVideoPipeline pipeline = pipeline(Math.max(1, cores / 2))) {
      pipeline.prepare(request.toBuilder().steps(1).build()).toLatents();
      long start = System.nanoTime();
      CompletableFuture<?> other =
          CompletableFuture.runAsync(() -> pipeline.prepare(request).toLatents());
      pipeline.prepare(request).toLatents();
      other.get();
      print("at once, half of the threads each", start);
    }
  }

  private static void print(String way, long start) {
    System.out.printf("%s: %.2f s%n", way, (System.nanoTime() - start) / 1e9);
  }
}
