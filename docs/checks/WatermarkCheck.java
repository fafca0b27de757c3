import io.t2v.FrameResize;
import io.t2v.Provenance;
import io.t2v.ResizeFilter;
import io.t2v.TextToVideoPipeline;
import io.t2v.Video;
import io.t2v.Watermark;
import io.t2v.ffmpeg.VideoReader;
import io.t2v.ffmpeg.VideoWriter;
import io.t2v.minimodel.MiniModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Marks 20 clips, and reads the marks after what files and platforms do to videos; looks for marks
 * in 200 clips that have none. Fails if a marked clip is below 42 dB, if a mark is lost by H.264 at
 * the default quality, by GIF, or by scaling to half and back, or if one is found where there is
 * none. Other treatments are reported alone.
 *
 * <pre>
 * java -cp t2v-examples/cli/target/t2v.jar docs/checks/WatermarkCheck.java
 * </pre>
 */
public final class WatermarkCheck {
  private static final long PAYLOAD = 0x0123456789abcdefL;
  private static final double LEAST_PSNR = 42;
  private static final int UNMARKED = 200;
  private static final List<String> PROMPTS =
      List.of(
          "a red circle moving right on a gray background",
          "a blue square moving up on a navy background",
          "a white triangle growing on a black background",
          "a yellow circle moving left on a gray background",
          "a green square moving down on a gray background",
          "a purple triangle shrinking on a navy background",
          "an orange square growing on a navy background",
          "a cyan circle shrinking on a black background",
          "a white square moving right on a gray background",
          "a red triangle moving up on a black background");

  private interface Treatment {
    Video apply(Video video, Path folder) throws IOException;
  }

  /** Those that the check asks for, then others. */
  private static final Map<String, Treatment> REQUIRED = new LinkedHashMap<>();

  private static final Map<String, Treatment> REPORTED = new LinkedHashMap<>();

  static {
    REQUIRED.put("nothing", (video, folder) -> video);
    REQUIRED.put("H.264, default quality", file(VideoWriter.mp4(), "a.mp4"));
    REQUIRED.put("GIF", file(VideoWriter.gif(), "a.gif"));
    REQUIRED.put("half and back, bicubic", half(ResizeFilter.BICUBIC));
    for (int quality : new int[] {74, 64, 49}) {
      REPORTED.put("H.264, quality " + quality, file(VideoWriter.mp4().withQuality(quality), "a.mp4"));
    }
    REPORTED.put("VP9, default quality", file(VideoWriter.webm(), "a.webm"));
    REPORTED.put("half and back, Lanczos", half(ResizeFilter.LANCZOS));
    REPORTED.put("half and back, bilinear", half(ResizeFilter.BILINEAR));
    REPORTED.put("half and back, box", half(ResizeFilter.BOX));
    REPORTED.put(
        "half, and not back",
        (video, folder) -> FrameResize.to(video.width() / 2, video.height() / 2).apply(video));
    REPORTED.put("three times as large", (video, folder) ->
        FrameResize.to(3 * video.width(), 3 * video.height()).apply(video));
    REPORTED.put("H.264 at half size", (video, folder) ->
        file(VideoWriter.mp4().withSize(video.width() / 2, video.height() / 2), "a.mp4")
            .apply(video, folder));
    REPORTED.put("the first frame alone", (video, folder) ->
        Video.of(video.width(), video.height(), 8, List.of(video.rgb(0)), Provenance.unknown()));
    REPORTED.put("lightness + 10", (video, folder) -> levels(video, 1, 10));
    REPORTED.put("contrast × 0.97", (video, folder) -> levels(video, 0.97, 4));
    REPORTED.put("contrast × 0.9", (video, folder) -> levels(video, 0.9, 13));
    REPORTED.put("8 pixels cut off", (video, folder) -> cut(video));
  }

  private WatermarkCheck() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createTempDirectory("t2v-watermark-");
    boolean passed;
    try {
      passed = check(folder);
    } finally {
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
    System.exit(passed ? 0 : 1);
  }

  private static boolean check(Path folder) throws IOException {
    Map<String, Video> clips = clips();
    Map<String, Integer> read = new LinkedHashMap<>();
    List<String> failures = new ArrayList<>();
    for (Map.Entry<String, Video> clip : clips.entrySet()) {
      Video marked = Watermark.write(clip.getValue(), PAYLOAD);
      double psnr = psnr(clip.getValue(), marked);
      System.out.printf(Locale.ROOT, "%-55s %.1f dB%n", clip.getKey(), psnr);
      if (psnr < LEAST_PSNR) {
        failures.add(clip.getKey() + " is at " + psnr + " dB");
      }
      for (Map<String, Treatment> treatments : List.of(REQUIRED, REPORTED)) {
        for (Map.Entry<String, Treatment> treatment : treatments.entrySet()) {
          Video treated = treatment.getValue().apply(marked, folder);
          boolean found = Watermark.read(treated).stream().anyMatch(payload -> payload == PAYLOAD);
          read.merge(treatment.getKey(), found ? 1 : 0, Integer::sum);
          if (!found && treatments == REQUIRED) {
            failures.add(clip.getKey() + " is not read after: " + treatment.getKey());
          }
        }
      }
    }
    read.forEach((treatment, count) ->
        System.out.printf("%-30s %d of %d%n", treatment, count, clips.size()));
    int found = 0;
    for (int i = 0; i < UNMARKED; i++) {
      found += Watermark.read(unmarked(i, clips)).isPresent() ? 1 : 0;
    }
    System.out.printf("%d marks in %d clips without one%n", found, UNMARKED);
    if (found > 0) {
      failures.add(found + " marks were found where there is none");
    }
    failures.forEach(System.out::println);
    return failures.isEmpty();
  }

  /** Ten of the bundled model, five that are like noise, five of one color. */
  private static Map<String, Video> clips() {
    Map<String, Video> clips = new LinkedHashMap<>();
    try (TextToVideoPipeline pipeline = MiniModel.pipeline().build()) {
      for (String prompt : PROMPTS) {
        clips.put(prompt, pipeline.generate(MiniModel.request(prompt).seed(1).build()));
      }
    }
    Random random = new Random(1);
    clips.put("noise", paint(64, 16, (at, t) -> random.nextInt(1 << 24)));
    clips.put("grain, small", paint(64, 16, (at, t) -> grain(at, 64, random)));
    clips.put("grain, large", paint(256, 16, (at, t) -> grain(at, 256, random)));
    clips.put("moving texture, small", paint(64, 16, (at, t) -> texture(at % 64 + t, at / 64)));
    clips.put("moving texture, large", paint(256, 16, (at, t) -> texture(at % 256 + t, at / 256)));
    clips.put("gray, small", paint(64, 16, (at, t) -> 0x808080));
    clips.put("white, small", paint(64, 16, (at, t) -> 0xffffff));
    clips.put("red, small", paint(64, 16, (at, t) -> 0xff0000));
    clips.put("black, large", paint(256, 16, (at, t) -> 0));
    clips.put("blue, large", paint(256, 16, (at, t) -> 0x2040a0));
    return clips;
  }

  private static int grain(int at, int side, Random random) {
    int red = 64 + 128 * (at % side) / side + random.nextInt(32);
    int green = 64 + 128 * (at / side) / side + random.nextInt(32);
    return red << 16 | green << 8 | 80 + random.nextInt(32);
  }

  /** The same random color for the same place. */
  private static int texture(int x, int y) {
    return new Random(31L * x + 1009L * y).nextInt(1 << 24) & 0x3f3f3f | 0x404040;
  }

  private interface Painter {
    int paint(int at, int frame);
  }

  private static Video paint(int side, int frames, Painter painter) {
    List<byte[]> pictures = new ArrayList<>();
    for (int t = 0; t < frames; t++) {
      byte[] picture = new byte[3 * side * side];
      for (int at = 0; at < side * side; at++) {
        int color = painter.paint(at, t);
        picture[3 * at] = (byte) (color >> 16);
        picture[3 * at + 1] = (byte) (color >> 8);
        picture[3 * at + 2] = (byte) color;
      }
      pictures.add(picture);
    }
    return Video.of(side, side, 8, pictures, Provenance.unknown());
  }

  /** The clips of the check as they are, and random ones of many kinds and sizes. */
  private static Video unmarked(int index, Map<String, Video> clips) {
    if (index < clips.size()) {
      return List.copyOf(clips.values()).get(index);
    }
    Random random = new Random(index);
    int side = 64 + random.nextInt(100);
    int range = 1 + random.nextInt(256);
    int color = random.nextInt(1 << 24);
    double wave = 3 + random.nextInt(40);
    return switch (index % 3) {
      case 0 -> paint(side, 4, (at, t) -> random.nextInt(range) * 0x010101);
      case 1 -> paint(side, 4, (at, t) -> color);
      default -> paint(side, 4, (at, t) -> (int) (127 + 120 * Math.sin(at % side / wave + t)) << 8);
    };
  }

  private static Treatment file(VideoWriter writer, String name) {
    return (video, folder) -> {
      writer.write(video, folder.resolve(name));
      return VideoReader.create().read(folder.resolve(name));
    };
  }

  private static Treatment half(ResizeFilter filter) {
    return (video, folder) -> {
      FrameResize half = FrameResize.to(video.width() / 2, video.height() / 2).filter(filter);
      return FrameResize.to(video.width(), video.height()).filter(filter).apply(half.apply(video));
    };
  }

  private static Video levels(Video video, double factor, double offset) {
    List<byte[]> frames = new ArrayList<>();
    for (int t = 0; t < video.frameCount(); t++) {
      byte[] rgb = video.rgb(t);
      for (int i = 0; i < rgb.length; i++) {
        double level = Math.rint(factor * (rgb[i] & 0xff) + offset);
        rgb[i] = (byte) Math.max(0, Math.min(255, level));
      }
      frames.add(rgb);
    }
    return Video.of(video.width(), video.height(), 8, frames, Provenance.unknown());
  }

  private static Video cut(Video video) {
    int width = video.width() - 8;
    List<byte[]> frames = new ArrayList<>();
    for (int t = 0; t < video.frameCount(); t++) {
      byte[] rgb = video.rgb(t);
      byte[] rest = new byte[3 * width * video.height()];
      for (int y = 0; y < video.height(); y++) {
        System.arraycopy(rgb, 3 * y * video.width(), rest, 3 * y * width, 3 * width);
      }
      frames.add(rest);
    }
    return Video.of(width, video.height(), 8, frames, Provenance.unknown());
  }

  private static double psnr(Video expected, Video actual) {
    double squares = 0;
    long count = 0;
    for (int t = 0; t < expected.frameCount(); t++) {
      byte[] a = expected.rgb(t);
      byte[] b = actual.rgb(t);
      for (int i = 0; i < a.length; i++) {
        double difference = (a[i] & 0xff) - (b[i] & 0xff);
        squares += difference * difference;
        count++;
      }
    }
    return 10 * Math.log10(255.0 * 255.0 * count / squares);
  }
}
