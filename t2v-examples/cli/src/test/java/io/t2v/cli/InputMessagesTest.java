package io.t2v.cli;

import static io.t2v.cli.Commands.t2v;
import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of input that is wrong, or surely not meant. */
class InputMessagesTest {
  @TempDir Path folder;

  private String in(String name) {
    return folder.resolve(name).toString();
  }

  private static void assertMisused(String reason, String... arguments) {
    Commands.Outcome outcome = t2v(arguments);
    assertThat(outcome.err()).contains(reason).hasLineCount(1);
    assertThat(outcome.code()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"--init-image, ''", "--key-frame, 0="})
  void namesThePictureWhoseSizeDoesNotFit(String option, String frame) throws IOException {
    BufferedImage odd = new BufferedImage(65, 63, BufferedImage.TYPE_INT_RGB);
    ImageIO.write(odd, "png", folder.resolve("odd.png").toFile());

    assertMisused(
        "option '%s': %s is 65x63, expected multiples of 8: add --size 64x64"
            .formatted(option, in("odd.png")),
        "generate",
        "a red circle",
        option,
        frame + in("odd.png"),
        "-o",
        in("a.mp4"));
    assertMisused(
        "Invalid value for option '--size': width is 65",
        "generate",
        "a red circle",
        option,
        frame + in("odd.png"),
        "--size",
        "65x63",
        "-o",
        in("a.mp4"));
  }

  @ParameterizedTest
  @CsvSource({
    "--key-frame, 0=a.png, 0=b.png, a.png, b.png",
    "--key-frame-mask, 1=a.png, 01=b.png, a.png, b.png",
    "--prompt-at, 5=x=y, 5=z, x=y, z",
    "--negative-prompt-at, 5=x, 5=x, x, x"
  })
  void refusesTwoValuesOfAFrame(
      String option, String first, String second, String one, String other) {
    assertMisused(
        "as '%s' and as '%s', expected once".formatted(one, other),
        "generate",
        "x",
        option,
        first,
        option,
        second);
  }

  @Test
  void aFrameIsANumber() {
    assertMisused("'x' names no frame", "generate", "a", "--prompt-at", "x");
    assertMisused("'a=b' names no frame", "generate", "a", "--key-frame", "a=b");
  }

  /** A lone surrogate has no bytes in any locale, as ö has none in C. */
  @ParameterizedTest
  @CsvSource({"generate, -o", "inspect, --cache"})
  void saysWhichLocaleHasTheLettersOfAName(String command, String option) {
    Commands.Outcome outcome = t2v(command, "x", option, "z-\uD800.mp4");

    assertThat(outcome.err())
        .contains("cannot be the name of a file here", "LC_ALL=C.UTF-8")
        .doesNotContain("java.nio", "Exception")
        .hasLineCount(1);
    assertThat(t2v("inspect", "z-\uD800.mp4").err()).contains("LC_ALL=C.UTF-8").hasLineCount(1);
  }

  @Test
  void warnsOfLettersThatTheLocaleLost() {
    Commands.Outcome outcome =
        t2v("generate", "ein W\uFFFDrfel", "-s", "1", "-f", "1", "-q", "-o", in("a.mp4"));

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("letters of a prompt were lost", "LC_ALL=C.UTF-8");
  }

  @Test
  void quotesTheBeginningOfALongText() {
    String prompt = "a red circle" + " on a black background".repeat(1000);
    Commands.Outcome outcome =
        t2v("generate", prompt, "-s", "1", "-f", "1", "-q", "-o", in("a.mp4"));

    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err()).contains("left out: ").containsPattern("\\d{5} more characters");
    assertThat(outcome.err().length()).isLessThan(400);
  }

  @ParameterizedTest
  @CsvSource({"-g, 1e38", "'--freeu=1e38,1e38,1e38,1e38', -q"})
  void numbersThatOverflowAreNamedAsACause(String first, String second) {
    String[] arguments = {
      "generate", "a red circle", "-s", "1", "-f", "1", "-o", in("a.mp4"), first, second
    };
    assertThat(t2v(arguments).err())
        .contains("holds NaN or infinity", "extreme guidance scale, FreeU factor or adapter scale");
  }
}
