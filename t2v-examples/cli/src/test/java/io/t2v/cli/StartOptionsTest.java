package io.t2v.cli;

import static io.t2v.cli.Commands.t2v;
import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.Video;
import io.t2v.ffmpeg.VideoReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
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
}
