package io.t2v.ffmpeg;

import static java.awt.image.BufferedImage.TYPE_BYTE_BINARY;
import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.Provenance;
import io.t2v.Video;
import io.t2v.VideoInfo;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Results that do not fit on the Java heap are refused with the cure. */
class SmallHeapTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "sheet, IllegalArgumentException: a contact sheet of",
    "sheetFile, IllegalArgumentException: a contact sheet of",
    "sideBySide, IllegalArgumentException: a video of 3 frames of",
    "difference, IllegalArgumentException: the difference of",
    "gif, VideoWriteException: cannot write",
    "bytes, VideoWriteException: cannot encode the video: ",
    "picture, /file: reading 1 or more frames of 4000×4000 takes",
    "frames, or more frames of 500×500 takes"
  })
  void whatDoesNotFitIsNamedWithTheCure(String what, String expected) throws Exception {
    ChildJvm.Result result =
        ChildJvm.run(
            Large.class,
            List.of("-Xmx88m", "-XX:+UseSerialGC", "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0"),
            what,
            folder.resolve("file").toString());

    assertThat(result.output()).contains(expected).contains("-Xmx").doesNotContain("\tat ");
    assertThat(result.exitCode()).isZero();
    assertThat(folder).isEmptyDirectory();
  }

  /** Three frames of 12 MB of noise, of which 36 MB of the heap are used already. */
  static final class Large {
    private static final int SIDE = 2000;

    public static void main(String[] arguments) throws Exception {
      byte[] noise = new byte[3 * SIDE * SIDE];
      new Random(1).nextBytes(noise);
      Video video = Video.of(SIDE, SIDE, 8, List.of(noise, noise, noise), Provenance.unknown());
      Path file = Path.of(arguments[1]);
      try {
        switch (arguments[0]) {
          case "sheet" -> ContactSheet.draw(video);
          case "sheetFile" -> ContactSheet.write(video, file);
          case "sideBySide" ->
              SideBySide.of(
                  List.of(
                      new SideBySide.Captioned("", video), new SideBySide.Captioned("", video)));
          case "difference" -> Difference.between(video, video);
          case "gif" -> VideoWriter.gif().write(video, file);
          case "bytes" -> VideoWriter.mkv().toBytes(video);
          case "picture" -> {
            ImageIO.write(new BufferedImage(4000, 4000, TYPE_BYTE_BINARY), "png", file.toFile());
            read(file);
          }
          case "frames" -> {
            VideoInfo clip = new VideoInfo(500, 500, 60, 8, Provenance.unknown());
            byte[] black = new byte[3 * clip.width() * clip.height()];
            try (VideoStream stream = VideoWriter.mkv().open(file)) {
              stream.begin(clip);
              for (int i = 0; i < clip.frames(); i++) {
                stream.frame(black);
              }
              stream.end();
            }
            read(file);
          }
          default -> throw new AssertionError(arguments[0]);
        }
        System.out.println("it fits");
      } catch (IllegalArgumentException | VideoWriteException | VideoReadException e) {
        System.out.println(e);
      }
    }

    private static void read(Path file) throws IOException {
      try {
        VideoReader.create().read(file);
      } finally {
        Files.delete(file);
      }
    }
  }
}
