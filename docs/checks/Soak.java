import com.google.common.util.concurrent.Uninterruptibles;
import io.t2v.CancellationToken;
import io.t2v.FrameSink;
import io.t2v.Generation;
import io.t2v.GenerationCancelledException;
import io.t2v.GenerationRequest;
import io.t2v.InsufficientMemoryException;
import io.t2v.TextToVideoPipeline;
import io.t2v.VideoInfo;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import io.t2v.unet.ForwardingDenoiser;
import io.t2v.unet.Unet3dDenoiser;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Disturbs many generations of one pipeline, on Linux, and watches what stays: each is cancelled by
 * its token or its future, interrupted, ended by a listener that throws, out of native memory, or
 * writes to a full disk; a few are left alone. Every hundred it prints resident memory, live native
 * objects and open files. It fails if one ends in another way than it should, or if objects or files
 * stay, or more than 64 MB of memory.
 *
 * <pre>
 * java -cp CLASS-PATH docs/checks/Soak.java CHECKPOINT 500
 * </pre>
 */
public final class Soak {
  private static final int EACH = 100;
  private static final long MOST_GROWTH = 64L << 20;
  private static final int STEPS = 3;

  /** After it a generation may be done before it notices. */
  private static final double LATEST = 0.5;

  private enum Disturbance {
    NONE,
    TOKEN,
    FUTURE,
    INTERRUPT,
    LISTENER,
    MEMORY,
    DISK
  }

  private static final class ListenerFailure extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private final TextToVideoPipeline pipeline;
  private final Random random = new Random(1);
  private volatile boolean withoutMemory;

  private Soak(Path checkpoint) {
    pipeline =
        TextToVideoPipeline.builder()
            .checkpoint(checkpoint)
            .threads(1)
            .denoiser(Denoiser::new)
            .build();
  }

  public static void main(String[] arguments) throws Exception {
    System.exit(
        new Soak(Path.of(arguments[0])).run(Integer.parseInt(arguments[1])) ? 0 : 1);
  }

  private boolean run(int generations) throws Exception {
    int wrong = 0;
    long[] first = {};
    long[] last = {};
    try (pipeline) {
      for (int i = 0; i < generations; i++) {
        Disturbance disturbance = Disturbance.values()[i % Disturbance.values().length];
        String end = end(disturbance);
        boolean right = end.equals(expected(disturbance));
        wrong += right ? 0 : 1;
        if (!right) {
          System.out.printf("%s ended with %s%n", disturbance, end);
        }
        if ((i + 1) % EACH == 0) {
          System.gc();
          last = new long[] {resident(), Pointer.totalCount(), openFiles()};
          first = first.length == 0 ? last : first;
          System.out.printf(
              Locale.ROOT,
              "%5d generations: RSS %.1f MB, %d live native objects, %d open files%n",
              i + 1,
              last[0] / 1e6,
              last[1],
              last[2]);
        }
      }
    }
    boolean flat =
        last[0] - first[0] <= MOST_GROWTH && last[1] <= first[1] && last[2] <= first[2];
    System.out.println(wrong + " ended in a wrong way; what stays is " + (flat ? "flat" : "NOT flat"));
    return wrong == 0 && flat;
  }

  private static String expected(Disturbance disturbance) {
    return switch (disturbance) {
      case NONE -> "a video";
      case FUTURE -> CancellationException.class.getSimpleName();
      case TOKEN, INTERRUPT -> GenerationCancelledException.class.getSimpleName();
      case LISTENER -> ListenerFailure.class.getSimpleName();
      case MEMORY -> InsufficientMemoryException.class.getSimpleName();
      case DISK -> IOException.class.getSimpleName();
    };
  }

  /** How a generation ends that is disturbed at a random place. */
  private String end(Disturbance disturbance) {
    CancellationToken token = new CancellationToken();
    Thread caller = Thread.currentThread();
    double place = random.nextDouble() * LATEST;
    CompletableFuture<Void> reached = new CompletableFuture<>();
    Generation generation =
        pipeline
            .prepare(
                GenerationRequest.builder("a red circle moving right")
                    .steps(STEPS)
                    .frames(2)
                    .seed(random.nextInt())
                    .build())
            .cancelledBy(token)
            .onProgress(
                progress -> {
                  if (progress.fraction() >= place && reached.complete(null)) {
                    switch (disturbance) {
                      case TOKEN -> token.cancel();
                      case INTERRUPT -> caller.interrupt();
                      case LISTENER -> throw new ListenerFailure();
                      default -> {}
                    }
                  }
                });
    withoutMemory = disturbance == Disturbance.MEMORY;
    try {
      if (disturbance == Disturbance.FUTURE) {
        Thread[] worker = {null};
        CompletableFuture<?> video =
            generation.toVideoAsync(
                work -> {
                  worker[0] = new Thread(work);
                  worker[0].start();
                });
        reached.join();
        video.cancel(true);
        // The future ends at once, the computation a moment later.
        Uninterruptibles.joinUninterruptibly(worker[0]);
        video.join();
      } else if (disturbance == Disturbance.DISK) {
        generation.toFrames(new FullDisk());
      } else {
        generation.toVideo();
      }
      return "a video";
    } catch (IOException | RuntimeException e) {
      return e.getClass().getSimpleName();
    } finally {
      Thread.interrupted();
    }
  }

  /** A file system without space, which Linux has as a device. */
  private static final class FullDisk implements FrameSink {
    @Override
    public void begin(VideoInfo clip) {}

    @Override
    public void frame(byte[] rgb) throws IOException {
      try (OutputStream out = new FileOutputStream("/dev/full")) {
        out.write(rgb);
      }
    }

    @Override
    public void end() {}
  }

  /** The checkpoint's denoiser, which at times asks for more memory than there can be. */
  private final class Denoiser extends ForwardingDenoiser {
    Denoiser(Unet3dDenoiser own) {
      super(own);
    }

    @Override
    public BoundDenoiser bind(Conditioning conditioning) {
      BoundDenoiser bound = super.bind(conditioning);
      return new BoundDenoiser() {
        @Override
        public Tensor predict(Tensor latents, double timestep, BlockListener listener) {
          if (withoutMemory) {
            return torch.empty(1L << 50);
          }
          return bound.predict(latents, timestep, listener);
        }

        @Override
        public void close() {
          bound.close();
        }
      };
    }
  }

  private static long resident() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElseThrow();
    }
  }

  private static long openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }
}
