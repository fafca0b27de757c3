package io.t2v.cli;

import static io.t2v.cli.Commands.t2v;
import static org.assertj.core.api.Assertions.assertThat;

import io.t2v.Provenance;
import io.t2v.VideoInfo;
import io.t2v.ffmpeg.VideoReader;
import io.t2v.ffmpeg.VideoSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Long videos are repeated from what their files record. */
class LikeLongVideoTest {
  @TempDir Path folder;

  private Map<String, Object> generate(String name, String... options) throws IOException {
    String[] all = new String[options.length + 4];
    all[0] = "generate";
    System.arraycopy(options, 0, all, 1, options.length);
    all[options.length + 1] = "-q";
    all[options.length + 2] = "-o";
    all[options.length + 3] = folder.resolve(name).toString();
    Commands.Outcome outcome = t2v(all);
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.err()).doesNotContain("not repeated");
    VideoInfo info = VideoSettings.read(folder.resolve(name)).orElseThrow();
    return info.provenance().properties();
  }

  @Test
  void windowsAndTextsAreRepeated() throws IOException {
    Map<String, Object> first =
        generate(
            "a.mkv",
            "a red circle",
            "--seed",
            "1",
            "-s",
            "2",
            "-f",
            "6",
            "--window",
            "4",
            "--overlap",
            "2",
            "--window-weights",
            "flat",
            "--shift-windows",
            "--correlated-noise",
            "--prompt-at",
            "5=a blue square",
            "-n",
            "gray",
            "--negative-prompt-at",
            "3=red");
    String file = folder.resolve("a.mkv").toString();

    Map<String, Object> again = generate("b.mkv", "--like", file);
    assertThat(again).isEqualTo(first).containsKey(Provenance.WINDOW);
    assertThat(VideoReader.create().read(folder.resolve("b.mkv")).rgb())
        .isEqualTo(VideoReader.create().read(folder.resolve("a.mkv")).rgb());

    Map<String, Object> other = generate("c.mkv", "a green triangle", "--like", file);
    assertThat(other)
        .containsEntry(Provenance.WINDOW, first.get(Provenance.WINDOW))
        .doesNotContainKeys(Provenance.PROMPT_AT, Provenance.NEGATIVE_PROMPT_AT);
  }
}
