package io.t2v.minimodel;

import io.t2v.Acceleration;
import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Measures what each acceleration changes and saves on the miniature model: the error of frames
 * against the full run of the same seeds, how many captions are still right by the measures of
 * {@code MiniModelVideosTest}, and the time. Prints the table of docs/acceleration.md, which has
 * the command; an argument chooses the rows whose names contain it.
 */
final class AccelerationStudy {
  static final List<String> CAPTIONS =
      List.of(
          "a red circle moving right on a black background",
          "a blue square moving up on a gray background",
          "a green triangle moving left on a navy background",
          "a yellow circle moving down on a black background",
          "a white square growing on a navy background",
          "an orange circle shrinking on a gray background",
          "a purple triangle moving right on a black background",
          "a cyan square moving left on a black background",
          "a red triangle growing on a black background",
          "a green circle moving up on a gray background",
          "a blue circle shrinking on a black background",
          "a yellow square moving right on a navy background");

  private final TextToVideoPipeline pipeline;
  private final PrintStream out;
  private final List<Video> full;
  private final double fullSeconds;

  private AccelerationStudy(TextToVideoPipeline pipeline, PrintStream out) {
    this.pipeline = pipeline;
    this.out = out;
    pipeline.generate(MiniModel.request(CAPTIONS.get(0)).build()); // loads weights
    full = videos(request -> request);
    fullSeconds = seconds(full);
  }

  public static void main(String[] arguments) {
    try (TextToVideoPipeline pipeline = MiniModel.pipeline().build()) {
      String wanted = arguments.length == 0 ? "" : arguments[0];
      new AccelerationStudy(pipeline, System.out).printTable(wanted);
    }
  }

  /** wanted: a part of the names of the rows that are printed. */
  private void printTable(String wanted) {
    out.println("| | mean error | PSNR | right | time | times as fast |");
    out.println("|---|---|---|---|---|---|");
    ways()
        .forEach(
            (name, way) -> {
              if (name.contains(wanted)) {
                printRow(name, way);
              }
            });
  }

  private static Map<String, UnaryOperator<GenerationRequest.Builder>> ways() {
    Acceleration none = Acceleration.none();
    Map<String, UnaryOperator<GenerationRequest.Builder>> ways = new LinkedHashMap<>();
    ways.put("full: 25 steps", request -> request);
    for (int interval : List.of(2, 3, 5)) {
      for (int depth : List.of(0, 1, 2)) {
        ways.put(
            "`cacheSteps(%d).cacheDepth(%d)`".formatted(interval, depth),
            request -> request.acceleration(none.cacheSteps(interval).cacheDepth(depth)));
      }
    }
    ways.put("`guidanceStop(0.6)`", request -> request.guidanceStop(0.6));
    ways.put("`guidanceStart(0.2)`", request -> request.guidanceStart(0.2));
    for (double agreement : List.of(0.999, 0.99, 0.98)) {
      ways.put(
          "`guidanceAgreement(%s)`".formatted(agreement),
          request -> request.acceleration(none.guidanceAgreement(agreement)));
    }
    for (int steps : List.of(15, 10)) {
      ways.put("`steps(%d)`".formatted(steps), request -> request.steps(steps));
      ways.put(
          "`steps(%d)`, `alignSteps(true)`".formatted(steps),
          request -> request.steps(steps).acceleration(none.alignSteps(true)));
    }
    ways.put(
        "`cacheSteps(3)`, `guidanceAgreement(0.99)`",
        request -> request.acceleration(none.cacheSteps(3).guidanceAgreement(0.99)));
    ways.put(
        "all: `steps(12)`, `alignSteps(true)`, `cacheSteps(2)`, `guidanceAgreement(0.99)`",
        request ->
            request
                .steps(12)
                .acceleration(none.alignSteps(true).cacheSteps(2).guidanceAgreement(0.99)));
    return ways;
  }

  private void printRow(String name, UnaryOperator<GenerationRequest.Builder> way) {
    List<Video> videos = videos(way);
    double absolute = 0;
    double squares = 0;
    long count = 0;
    int right = 0;
    for (int i = 0; i < videos.size(); i++) {
      byte[] expected = full.get(i).rgb();
      byte[] found = videos.get(i).rgb();
      for (int j = 0; j < found.length; j++) {
        double difference = (found[j] & 255) - (expected[j] & 255);
        absolute += Math.abs(difference);
        squares += difference * difference;
      }
      count += found.length;
      right += isRight(videos.get(i), CAPTIONS.get(i)) ? 1 : 0;
    }
    double seconds = seconds(videos);
    String decibels =
        squares == 0 ? "" : "%.1f dB".formatted(10 * Math.log10(255 * 255 / (squares / count)));
    out.printf(
        "| %s | %.2f | %s | %d of %d | %.2f s | %.2f |%n",
        name,
        absolute / count,
        decibels,
        right,
        videos.size(),
        seconds / videos.size(),
        fullSeconds / seconds);
  }

  private List<Video> videos(UnaryOperator<GenerationRequest.Builder> way) {
    List<Video> videos = new ArrayList<>();
    for (int i = 0; i < CAPTIONS.size(); i++) {
      videos.add(pipeline.generate(way.apply(MiniModel.request(CAPTIONS.get(i)).seed(i)).build()));
    }
    return videos;
  }

  /** Of the denoising, which is all that changes. */
  private static double seconds(List<Video> videos) {
    return videos.stream()
        .mapToDouble(video -> video.provenance().timings().get("denoise").toNanos() / 1e9)
        .sum();
  }

  static boolean isRight(Video video, String caption) {
    String[] words = caption.split(" ");
    String background = words[words.length - 2];
    String motion = caption.contains("moving") ? words[3] + " " + words[4] : words[3];
    Measured measured = Measured.of(video, background);
    return measured.color().equals(words[1])
        && measured.shape().equals(words[2])
        && measured.background().equals(background)
        && measured.shows(motion);
  }
}
