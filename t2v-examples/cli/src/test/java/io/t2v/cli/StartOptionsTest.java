package io.t2v.cli;

import static io.t2v.cli.Commands.t2v;
import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.Provenance;
import io.t2v.Video;
import io.t2v.ffmpeg.VideoReader;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Videos that start from files, with the bundled model. */
class StartOptionsTest {
  private static final String PROMPT = "a red circle moving right";

  @TempDir Path folder;

  private String in(String name) {
    return folder.resolve(name).toString();
  }

  private Video generate(String name, String... options) throws IOException {
    Commands.Outcome outcome =
        t2v(
            Stream.of(
                    new String[] {"generate", PROMPT, "-f", "2", "--seed", "1", "-q"},
                    new String[] {"-o", in(name)},
                    options)
                .flatMap(Stream::of)
                .toArray(String[]::new));
    assertThat(outcome.code()).as(outcome.err()).isZero();
    return VideoReader.create().read(folder.resolve(name));
  }

  private static double difference(Video a, Video b, int frame) {
    byte[] one = a.rgb(frame);
    byte[] other = b.rgb(frame);
    long sum = 0;
    for (int i = 0; i < one.length; i++) {
      sum += Math.abs((one[i] & 0xff) - (other[i] & 0xff));
    }
    return (double) sum / one.length;
  }

  @Test
  void aLowStrengthStaysNearerToTheVideo() throws IOException {
    Video first = generate("first.mp4", "-s", "4");
    Video near =
        generate("near.mp4", "-s", "4", "--init-video", in("first.mp4"), "--strength", "0");
    Video far = generate("far.mp4", "-s", "4", "--init-video", in("first.mp4"), "--strength", "1");

    assertThat(difference(near, first, 0)).isLessThan(difference(far, first, 0));
  }

  @Test
  void aStrengthWithoutAVideoIsRefused() {
    Commands.Outcome outcome = t2v("generate", PROMPT, "--strength", "0.5", "-o", in("a.mp4"));

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("strength = 0.5 is set without initVideo");
  }

  private String picture(String name, int rgb) throws IOException {
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 64 * 64; i++) {
      image.setRGB(i % 64, i / 64, i % 64 < 32 ? rgb : 0);
    }
    ImageIO.write(image, "png", folder.resolve(name).toFile());
    return in(name);
  }

  @Test
  void pictureWeightsAndMasksAreRecordedAndRepeated() throws IOException {
    String red = picture("red.png", 0xff0000);
    String mask = picture("mask.png", 0xffffff);
    Video first =
        generate(
            "first.mkv",
            "-s",
            "2",
            "--init-image",
            red,
            "--image-weights",
            "0:(t/max_i_f), \"max_i_f\":(0.5)");
    assertThat(RecordedStart.of(first.provenance().properties()).firstWeights())
        .containsExactly(0.0, 0.5);
    Video masked =
        generate(
            "masked.mkv", "-s", "2", "--key-frame", "1=" + red, "--key-frame-mask", "1=" + mask);
    assertThat(masked.provenance().properties().get(Provenance.KEY_FRAMES).toString())
        .contains("mask=");

    Commands.Outcome without = t2v("generate", "--like", in("first.mkv"), "-o", in("a.mkv"));
    assertThat(without.code()).isEqualTo(1);
    assertThat(without.err()).contains("give them with --init-image or --key-frame; frames [0, 1]");
    Commands.Outcome same =
        t2v("generate", "--like", in("first.mkv"), "--init-image", red, "-o", in("b.mkv"), "-q");
    assertThat(same.err()).isEmpty();
    Video again = VideoReader.create().read(folder.resolve("b.mkv"));
    assertThat(again.rgb()).isEqualTo(first.rgb());
    assertThat(again.provenance().properties()).isEqualTo(first.provenance().properties());
    Commands.Outcome other =
        t2v("generate", "--like", in("first.mkv"), "--init-image", mask, "-o", in("c.mkv"), "-q");
    assertThat(other.code()).isZero();
    assertThat(other.err())
        .containsOnlyOnce("--init-image is not what the file to repeat started from");
    Commands.Outcome first0 =
        t2v("generate", "--like", in("first.mkv"), "--key-frame", "0=" + red, "-o", in("d.mkv"));
    assertThat(first0.err())
        .contains("not given are free now: frames [1]; give their pictures with --key-frame");
  }

  @Test
  void aMaskIsComparedWithTheOneThatIsRecorded() throws IOException {
    String red = picture("red.png", 0xff0000);
    String mask = picture("mask.png", 0xffffff);
    Video masked =
        generate(
            "masked.mkv", "-s", "2", "--key-frame", "1=" + red, "--key-frame-mask", "1=" + mask);

    Commands.Outcome without = likeMasked("a.mkv", red);
    assertThat(without.code()).isEqualTo(1);
    assertThat(without.err()).contains("Frame 1 of the video has a mask", "--key-frame-mask");
    Commands.Outcome same = likeMasked("b.mkv", red, "--key-frame-mask", "1=" + mask);
    assertThat(same.err()).isEmpty();
    assertThat(VideoReader.create().read(folder.resolve("b.mkv")).rgb()).isEqualTo(masked.rgb());
    Commands.Outcome other = likeMasked("c.mkv", red, "--key-frame-mask", "1=" + red);
    assertThat(other.code()).isZero();
    assertThat(other.err())
        .containsOnlyOnce("--key-frame-mask 1 is not what the file to repeat started from");
    Commands.Outcome another = likeMasked("d.mkv", mask);
    assertThat(another.code()).as(another.err()).isZero();
    assertThat(another.err())
        .contains("--key-frame 1 is not what the file to repeat started from")
        .contains("the new picture has none; give one with --key-frame-mask 1=FILE");
  }

  private Commands.Outcome likeMasked(String name, String picture, String... options) {
    return t2v(
        Stream.of(
                new String[] {"generate", "--like", in("masked.mkv"), "-q", "-o", in(name)},
                new String[] {"--key-frame", "1=" + picture},
                options)
            .flatMap(Stream::of)
            .toArray(String[]::new));
  }

  @Test
  void aVideoToStartFromIsRepeatedWithItsStrength() throws IOException {
    generate("first.mkv", "-s", "2");
    Video next =
        generate("next.mkv", "-s", "4", "--init-video", in("first.mkv"), "--strength", "0.5");

    assertThat(t2v("generate", "--like", in("next.mkv"), "-o", in("a.mkv")).err())
        .contains("give it with --init-video");
    Commands.Outcome again =
        t2v(
            "generate",
            "--like",
            in("next.mkv"),
            "--init-video",
            in("first.mkv"),
            "-q",
            "-o",
            in("b.mkv"));
    assertThat(again.err()).isEmpty();
    assertThat(VideoReader.create().read(folder.resolve("b.mkv")).rgb()).isEqualTo(next.rgb());
  }

  @Test
  void theFrameRateIsInterpolatedAndReadingIsLimited() throws IOException {
    generate("first.mkv", "-s", "2");
    Commands.Outcome smooth =
        t2v("convert", in("first.mkv"), in("smooth.mkv"), "--interpolate", "24");
    assertThat(smooth.code()).as(smooth.err()).isZero();
    assertThat(VideoReader.create().read(folder.resolve("smooth.mkv")).frameCount()).isEqualTo(4);
    Commands.Outcome slower = t2v("convert", in("first.mkv"), in("slow.mkv"), "--interpolate", "2");
    assertThat(slower.err()).contains("Invalid value for option '--interpolate'");
    Commands.Outcome limited =
        t2v("convert", in("first.mkv"), in("a.mkv"), "--size", "4096x4096", "--read-limit", "50");
    assertThat(limited.err()).contains("the memory limit is 50").doesNotContain("VideoReader.");
  }
}
