package io.t2v.cli;

import static io.t2v.cli.Commands.t2v;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArgumentFilesTest {
  @TempDir Path folder;

  private String[] expand(String text) throws IOException {
    return ArgumentFiles.expand("@" + Files.writeString(folder.resolve("arguments"), text));
  }

  private static void assertRefused(String argument, String reason) {
    Commands.Outcome outcome = t2v("generate", argument);
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains(reason).hasLineCount(1);
  }

  @Test
  void readsQuotesCommentsAndFurtherFiles() throws IOException {
    Path further = Files.writeString(folder.resolve("further"), "--seed 1");

    assertThat(
            expand(
                """
                # a comment
                generate "a red circle" 'it\\'s \\"here\\"'  # another one
                \t--size="64x64" -n "" @@home a#b
                @%s @%s
                """
                    .formatted(further, further)))
        .containsExactly(
            "generate",
            "a red circle",
            "it's \"here\"",
            "--size=64x64",
            "-n",
            "",
            "@home",
            "a#b",
            "--seed",
            "1",
            "--seed",
            "1");
    assertThat(ArgumentFiles.expand("@", "@@home", "a@b")).containsExactly("@", "@home", "a@b");
  }

  @Test
  void readsUtf8WithOrWithoutAMark() throws IOException {
    assertThat(expand("\uFEFFgenerate Würfel")).containsExactly("generate", "Würfel");
    Path latin = folder.resolve("latin");
    Files.writeString(latin, "Würfel", StandardCharsets.ISO_8859_1);
    assertRefused("@" + latin, latin + ", line 1 is no UTF-8");
  }

  @Test
  void doesNotTakeANameForAPrompt() {
    assertRefused("@nofile", "There is no file nofile; write @@ for a prompt that begins with @.");
    assertRefused("@" + folder, folder + " is a folder, expected a file with arguments");
  }

  @Test
  void refusesWhatMayNotEnd() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    assertRefused("@" + pipe, pipe + " is a device or a pipe");
    assertRefused("@/dev/zero", "/dev/zero is a device or a pipe");
    Path large = folder.resolve("large");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(3L << 30);
    }
    assertRefused("@" + large, large + " holds more than 1 MiB");
    Path itself = folder.resolve("itself");
    assertRefused("@" + Files.writeString(itself, "-q @" + itself), itself + " names itself");
  }

  @Test
  void refusesAQuoteThatIsNotClosed() {
    assertThatExceptionOfType(FailureException.class)
        .isThrownBy(() -> expand("generate\n\"a red circle\n-o a.mp4"))
        .withMessageContaining("arguments, line 2 has a quote \" that is not closed");
  }
}
