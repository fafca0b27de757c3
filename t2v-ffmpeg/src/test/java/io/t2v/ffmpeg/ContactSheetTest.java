package io.t2v.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.Video;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContactSheetTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "16, 64, 64, 4, 4",
    "8, 64, 64, 3, 3",
    "1, 64, 64, 1, 1",
    "2, 10, 10, 1, 2",
    "12, 160, 40, 2, 6",
    "3, 10, 1000, 3, 1",
    "3, 1000, 10, 1, 3"
  })
  void gridIsNearToASquare(int frames, int width, int height, int columns, int rows) {
    BufferedImage sheet = ContactSheet.draw(Clips.gradients(width, height, frames, 8));

    assertThat(sheet.getWidth()).isEqualTo(columns * width);
    assertThat(sheet.getHeight()).isEqualTo(rows * height);
  }

  @Test
  void showsEveryFrameInItsCell() throws Exception {
    Video video = Clips.gradients(20, 12, 7, 8);
    Path file = folder.resolve("sheet.png");

    ContactSheet.write(video, file);

    BufferedImage sheet = ImageIO.read(file.toFile());
    int columns = sheet.getWidth() / 20;
    for (int t = 0; t < 7; t++) {
      for (int y = 0; y < 12; y++) {
        for (int x = 0; x < 20; x++) {
          assertThat(sheet.getRGB(t % columns * 20 + x, t / columns * 12 + y))
              .isEqualTo(video.image(t).getRGB(x, y));
        }
      }
    }
    assertThat(folder.toFile().list()).containsExactly("sheet.png");
  }

  /** ImageIO says no more than that there was an error. */
  @Test
  void failsWithTheReasonOfTheDisk() {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    BufferedImage sheet = ContactSheet.draw(Clips.noisy(400, 400, 1));

    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> ContactSheet.save(sheet, full))
        .withMessage("No space left on device");
  }

  @Test
  void missingFolderIsNamed() {
    assertThatExceptionOfType(VideoWriteException.class)
        .isThrownBy(
            () ->
                ContactSheet.write(
                    Clips.gradients(8, 8, 1, 8), folder.resolve("missing").resolve("a.png")))
        .withMessageContaining("does not exist; create it first");
  }
}
