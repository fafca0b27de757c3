package io.t2v.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.t2v.Video;
import io.t2v.ffmpeg.SideBySide.Captioned;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeeingTest {
  @Test
  void videosLieSideBySide() {
    Video red = Clips.flat(0xff0000, 32, 16, 2);
    Video blue = Clips.flat(0x0000ff, 16, 16, 5);

    Video both =
        SideBySide.of(
            List.of(new Captioned("", red), new Captioned("", blue), new Captioned(" ", red)));

    assertThat(both.frameCount()).isEqualTo(5);
    assertThat(both.width()).isEqualTo(2 * 32 + 4);
    assertThat(both.height()).isEqualTo(2 * 16 + 4);
    assertThat(both.image(4).getRGB(0, 0) & 0xffffff).isEqualTo(0xff0000);
    assertThat(both.image(4).getRGB(36 + 16, 8) & 0xffffff).isEqualTo(0x0000ff);
    assertThat(both.image(4).getRGB(36, 8) & 0xffffff).isZero();
    assertThat(both.image(4).getRGB(67, 35) & 0xffffff).isZero();
  }

  @Test
  void captionsStandAbove() {
    Video green = Clips.flat(0x00ff00, 64, 32, 1);

    Video captioned = SideBySide.of(List.of(new Captioned("a very long caption indeed", green)));

    assertThat(captioned.height()).isEqualTo(32 + 20);
    int white = 0;
    for (int x = 0; x < 64; x++) {
      for (int y = 0; y < 20; y++) {
        white += (captioned.image(0).getRGB(x, y) & 0xff) > 128 ? 1 : 0;
      }
    }
    assertThat(white).isPositive();
    assertThatIllegalArgumentException().isThrownBy(() -> SideBySide.of(List.of()));
  }

  @Test
  void differencesAreFoundWhereTheyAre() {
    Video one = Clips.flat(0x102030, 8, 8, 2);
    Video other =
        Clips.paint(8, 8, 2, 8, (x, y, t) -> x == 3 && y == 5 && t == 1 ? 0x104030 : 0x102030);

    Difference difference = Difference.between(one, other);

    assertThat(difference.most()).isEqualTo(32);
    assertThat(difference.mean()).isEqualTo(32.0 / (2 * 64 * 3));
    assertThat(difference.psnr()).isEqualTo(10 * Math.log10(255 * 255 / (1024.0 / (2 * 64 * 3))));
    assertThat(difference.map().image(1).getRGB(3, 5) & 0xffffff).isEqualTo(0xffffff);
    assertThat(difference.map().image(0).getRGB(3, 5) & 0xffffff).isZero();
    assertThat(Difference.between(one, one).psnr()).isInfinite();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Difference.between(one, Clips.flat(0, 8, 8, 3)))
        .withMessageContaining("cannot be compared");
  }
}
