package io.t2v.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PictureFolderTest {
  @TempDir Path folder;

  private List<String> list(String... names) throws IOException {
    for (String name : names) {
      Files.createFile(folder.resolve(name));
    }
    return PictureFolder.list(folder).stream().map(file -> file.getFileName().toString()).toList();
  }

  @Test
  void numbersCountAsNumbersWhateverTheCase() throws IOException {
    assertThat(list("img_2.png", "IMG_10.PNG", "IMG_1.JPG", "img_003.png"))
        .containsExactly("IMG_1.JPG", "img_2.png", "img_003.png", "IMG_10.PNG");
  }

  @Test
  void picturesOfAllSupportedKindsAreListed() throws IOException {
    assertThat(list("1.jfif", "2.avif", "3.jpe", "4.webp", "notes.txt", ".5.png"))
        .containsExactly("1.jfif", "2.avif", "3.jpe", "4.webp");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.heic", "2.HEIF", "2.jxl", "2.dng"})
  void picturesThatWouldBeMissedAreNamed(String name) {
    assertThatExceptionOfType(VideoReadException.class)
        .isThrownBy(() -> list("1.png", name))
        .withMessageContaining(name + " is a picture of a kind that is not read")
        .withMessageContaining("PNG or JPEG");
  }
}
