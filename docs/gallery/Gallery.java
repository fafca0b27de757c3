import io.t2v.FrameResize;
import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.ffmpeg.SideBySide;
import io.t2v.ffmpeg.SideBySide.Captioned;
import io.t2v.ffmpeg.VideoWriter;
import io.t2v.minimodel.MiniModel;
import io.t2v.scheduler.Schedulers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the pictures of the gallery with the bundled model: all, or those whose names are given.
 *
 * <pre>
 * java -cp t2v-examples/cli/target/t2v.jar docs/gallery/Gallery.java
 * java -cp t2v-examples/cli/target/t2v.jar docs/gallery/Gallery.java steps guidance
 * </pre>
 */
public final class Gallery {
  private static final int SIDE = 192;
  private static final VideoWriter WRITER = VideoWriter.webp().withQuality(80);
  private static final String PROMPT = "a yellow triangle moving right";

  private final List<String> wanted;

  private Gallery(List<String> wanted) {
    this.wanted = wanted;
  }

  public static void main(String[] names) throws IOException {
    Gallery gallery = new Gallery(List.of(names));
    try (TextToVideoPipeline pipeline = MiniModel.pipeline().build()) {
      gallery.drawRequests(pipeline);
    }
    if (gallery.draws("schedulers")) {
      drawSchedulers();
    }
  }

  private boolean draws(String name) {
    return wanted.isEmpty() || wanted.contains(name);
  }

  private void drawRequests(TextToVideoPipeline pipeline) throws IOException {
    if (draws("prompts")) {
      List<Captioned> clips = new ArrayList<>();
      for (String prompt :
          List.of(
              "a red circle moving right on a gray background",
              "a green triangle moving down on a black background",
              "a blue square growing on a gray background",
              "a yellow circle moving up on a navy background",
              "a purple square moving left on a black background",
              "an orange triangle growing on a navy background")) {
        clips.add(clip(prompt.split(" on ")[0], pipeline, MiniModel.request(prompt).seed(1)));
      }
      write("prompts", clips);
    }
    if (draws("steps")) {
      List<Captioned> clips = new ArrayList<>();
      for (int steps : new int[] {2, 5, 10, 25}) {
        clips.add(clip(steps + " steps", pipeline, request().steps(steps)));
      }
      write("steps", clips);
    }
    if (draws("guidance")) {
      List<Captioned> clips = new ArrayList<>();
      for (double scale : new double[] {1, 1.5, 4, 9}) {
        clips.add(clip("guidance " + scale, pipeline, request().guidanceScale(scale)));
      }
      write("guidance", clips);
    }
  }

  private static void drawSchedulers() throws IOException {
    List<Captioned> clips = new ArrayList<>();
    for (String scheduler :
        List.of("DDIM", "EulerDiscrete", "DPMSolverMultistep", "UniPCMultistep")) {
      try (TextToVideoPipeline pipeline =
          TextToVideoPipeline.builder()
              .checkpoint(MiniModel.folder())
              .scheduler(Schedulers.byName(scheduler + "Scheduler"))
              .threads(MiniModel.THREADS)
              .build()) {
        clips.add(clip(scheduler, pipeline, request().steps(6)));
      }
    }
    write("schedulers", clips);
  }

  /** Whose settings may be set once more. */
  private static GenerationRequest.Builder request() {
    return MiniModel.request(PROMPT).seed(2).build().toBuilder();
  }

  private static Captioned clip(
      String caption, TextToVideoPipeline pipeline, GenerationRequest.Builder request) {
    Video video = pipeline.generate(request.build());
    return new Captioned(caption, FrameResize.to(SIDE, SIDE).apply(video));
  }

  private static void write(String name, List<Captioned> clips) throws IOException {
    Path file = Path.of("docs", "images", name + ".webp");
    WRITER.write(SideBySide.of(clips), file);
    System.out.println(file);
  }
}
