package io.t2v.minimodel;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import io.t2v.FrameWindow;
import io.t2v.GenerationRequest;
import io.t2v.PreviewMode;
import io.t2v.Provenance;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.ffmpeg.VideoReader;
import io.t2v.ffmpeg.VideoWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bundled model: against the reference's frames, and what its videos show. */
class MiniModelVideosTest {
  private static final double LEAST_EQUAL_SHARE = 0.999;

  @TempDir static Path folder;

  private static TextToVideoPipeline pipeline;

  @BeforeAll
  static void open() {
    pipeline = MiniModel.pipeline().build();
  }

  @AfterAll
  static void close() {
    pipeline.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dpm25", "ddim50"})
  void framesAreTheReferences(String name) throws IOException {
    Map<?, ?> golden = golden(name);
    var request =
        GenerationRequest.builder((String) golden.get("prompt"))
            .steps(number(golden, "steps").intValue())
            .guidanceScale(number(golden, "guidance_scale").doubleValue())
            .frames(number(golden, "num_frames").intValue())
            .size(number(golden, "width").intValue(), number(golden, "height").intValue())
            .seed(number(golden, "seed").longValue())
            .build();

    byte[] frames;
    if (golden.get("scheduler").equals("dpm")) {
      frames = pipeline.generate(request).rgb();
    } else {
      try (TextToVideoPipeline ownScheduler =
          TextToVideoPipeline.builder()
              .checkpoint(MiniModel.folder())
              .threads(MiniModel.THREADS)
              .build()) {
        frames = ownScheduler.generate(request).rgb();
      }
    }

    assertNearlyEqual(frames, goldenFrames(name));
  }

  /** Chunks of layers and the order of sums depend on the number of threads. */
  @ParameterizedTest
  @ValueSource(ints = {2, 16})
  void anyNumberOfThreadsMakesTheSameVideo(int threads) {
    var request = MiniModel.request("a red circle moving right").steps(4).seed(1).build();
    try (TextToVideoPipeline parallel =
        TextToVideoPipeline.builder()
            .checkpoint(MiniModel.folder())
            .scheduler(MiniModel.SCHEDULER)
            .threads(threads)
            .build()) {
      assertNearlyEqual(parallel.generate(request).rgb(), pipeline.generate(request).rgb());
    }
  }

  private static void assertNearlyEqual(byte[] frames, byte[] expected) {
    assertThat(frames).hasSameSizeAs(expected);
    int equal = 0;
    int worst = 0;
    for (int i = 0; i < frames.length; i++) {
      int difference = Math.abs((frames[i] & 255) - (expected[i] & 255));
      worst = Math.max(worst, difference);
      equal += difference == 0 ? 1 : 0;
    }
    assertThat(worst).as("largest difference of a pixel").isLessThanOrEqualTo(1);
    assertThat((double) equal / frames.length).isGreaterThanOrEqualTo(LEAST_EQUAL_SHARE);
  }

  @ParameterizedTest
  @CsvSource({
    "0, red, circle, moving right, black",
    "1, blue, square, moving up, gray",
    "2, green, triangle, moving left, navy",
    "3, yellow, circle, moving down, black",
    "4, white, square, growing, navy",
    "5, orange, circle, shrinking, gray",
    "6, purple, triangle, moving right, black",
    "7, cyan, square, moving left, black",
    "8, red, triangle, growing, black",
    "9, green, circle, moving up, gray",
    "10, blue, circle, shrinking, black",
    "11, yellow, square, moving right, navy"
  })
  void videoShowsWhatTheCaptionSays(
      long seed, String color, String shape, String motion, String background) throws IOException {
    String article = color.equals("orange") ? "an" : "a";
    String caption =
        "%s %s %s %s on a %s background".formatted(article, color, shape, motion, background);

    Video video = pipeline.generate(MiniModel.request(caption).seed(seed).build());

    Measured measured = Measured.of(video, background);
    assertThat(measured.color()).as("%s: %s", caption, measured).isEqualTo(color);
    assertThat(measured.shape()).as("%s: %s", caption, measured).isEqualTo(shape);
    assertThat(measured.background()).as("%s: %s", caption, measured).isEqualTo(background);
    assertThat(measured.shows(motion)).as("%s: %s", caption, measured).isTrue();
    requirePrecision(video, caption);
  }

  /** The prompt's color at the beginning, and the later prompt's from its frame on. */
  @Test
  void aPromptThatTravelsChangesTheColorWhereItShould() {
    Video video =
        pipeline.generate(
            MiniModel.request("a red circle moving right on a black background")
                .promptAt(8, "a blue circle moving right on a black background")
                .frames(12)
                .window(FrameWindow.of(8).overlap(4))
                .steps(6)
                .seed(1)
                .build());
    assertThat(colorOf(video, 0, 3)).isEqualTo("red");
    assertThat(colorOf(video, 8, 12)).isEqualTo("blue");
  }

  private static String colorOf(Video video, int from, int to) {
    List<byte[]> frames = IntStream.range(from, to).mapToObj(video::rgb).toList();
    Video part = Video.of(video.width(), video.height(), 8, frames, Provenance.unknown());
    return Measured.of(part, "black").color();
  }

  /**
   * Of an MP4 file of default quality against the frames, in luma, which the file holds for each
   * pixel. It holds one pair of color differences for four pixels, which costs a sharp yellow edge
   * on navy more than the encoder does, before anything is encoded.
   */
  private static void requirePrecision(Video video, String caption) throws IOException {
    Path file = folder.resolve("clip.mp4");
    VideoWriter.mp4().write(video, file);
    byte[] written = video.rgb();
    byte[] read = VideoReader.create().read(file).rgb();
    assertThat(read).hasSameSizeAs(written);
    double sum = 0;
    for (int i = 0; i < read.length; i += 3) {
      double error = luma(read, i) - luma(written, i);
      sum += error * error / (read.length / 3);
    }
    assertThat(10 * Math.log10(255 * 255 / sum)).as("decibels of %s", caption).isGreaterThan(45);
  }

  /** BT.709. */
  private static double luma(byte[] rgb, int at) {
    return 0.2126 * (rgb[at] & 255) + 0.7152 * (rgb[at + 1] & 255) + 0.0722 * (rgb[at + 2] & 255);
  }

  /** Each step's prediction means clean frames: blurred at first, the video at the end. */
  @Test
  void previewsComeNearToTheVideo() {
    List<Video> previews = new ArrayList<>();
    Video video =
        pipeline
            .prepare(MiniModel.request("a red circle on a black background").seed(1).build())
            .previews(PreviewMode.DECODED)
            .onProgress(
                progress ->
                    progress.preview().ifPresent(shown -> previews.add(shown.videos().get(0))))
            .toVideo();

    assertThat(previews).hasSize(MiniModel.STEPS);
    double first = meanError(previews.get(0), video);
    double last = meanError(previews.get(MiniModel.STEPS - 1), video);
    assertThat(last).isLessThan(1).isLessThan(first / 2);
  }

  /** Between a preview and the means of the video's pixels that each of its pixels stands for. */
  private static double meanError(Video preview, Video video) {
    int factor = video.width() / preview.width();
    double sum = 0;
    for (int t = 0; t < video.frameCount(); t++) {
      byte[] small = preview.rgb(t);
      byte[] large = video.rgb(t);
      double[] means = new double[small.length];
      for (int i = 0; i < large.length; i++) {
        int x = i / 3 % video.width() / factor;
        int y = i / 3 / video.width() / factor;
        means[3 * (y * preview.width() + x) + i % 3] += (large[i] & 255) / (double) factor / factor;
      }
      for (int i = 0; i < small.length; i++) {
        sum += Math.abs((small[i] & 255) - means[i]) / small.length / video.frameCount();
      }
    }
    return sum;
  }

  private static Number number(Map<?, ?> golden, String key) {
    return (Number) golden.get(key);
  }

  private static Map<?, ?> golden(String name) throws IOException {
    try (InputStream in = resource("mini-model.json")) {
      List<?> cases = (List<?>) JSON.std.mapFrom(in).get("cases");
      return cases.stream()
          .map(item -> (Map<?, ?>) item)
          .filter(item -> name.equals(item.get("name")))
          .findFirst()
          .orElseThrow();
    }
  }

  private static byte[] goldenFrames(String name) throws IOException {
    try (InputStream in = resource("mini-model.safetensors")) {
      ByteBuffer file = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
      byte[] header = new byte[Math.toIntExact(file.getLong())];
      file.get(header);
      Map<String, Object> tensors = JSON.std.mapFrom(new String(header, StandardCharsets.UTF_8));
      Map<?, ?> tensor = (Map<?, ?>) tensors.get(name + ".frames");
      List<?> offsets = (List<?>) tensor.get("data_offsets");
      int begin = ((Number) offsets.get(0)).intValue();
      byte[] frames = new byte[((Number) offsets.get(1)).intValue() - begin];
      file.position(file.position() + begin).get(frames);
      return frames;
    }
  }

  private static InputStream resource(String name) {
    return Objects.requireNonNull(
        MiniModelVideosTest.class.getResourceAsStream("/golden/" + name), name);
  }
}
