package io.t2v.springai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.t2v.Provenance;
import io.t2v.TextToVideoPipeline;
import io.t2v.ffmpeg.VideoReader;
import io.t2v.minimodel.MiniModel;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.ai.model.Model;

class TextToVideoModelTest {
  @TempDir Path folder;

  @Test
  void generatesAFileWithTheSettingsOfModelAndPrompt() throws IOException {
    try (TextToVideoPipeline pipeline = MiniModel.pipeline().build()) {
      Model<VideoPrompt, VideoResponse> model =
          new TextToVideoModel(
              pipeline,
              folder.resolve("videos"),
              new VideoOptions(request -> request.steps(1).frames(3).guidanceScale(1)));
      VideoResponse response =
          model.call(
              new VideoPrompt(
                  "a red circle growing", new VideoOptions(request -> request.frames(2).seed(5))));

      Path file = response.getResult().getOutput().getFile().toPath();
      assertThat(VideoReader.create().read(file).frameCount()).isEqualTo(2);
      assertThat(file).hasParent(folder.resolve("videos"));
      assertThat(response.getMetadata().<Object>get(Provenance.SEED)).isEqualTo(5L);
      assertThat(response.getMetadata().<Object>get(Provenance.STEPS)).isEqualTo(1);
      assertThat(response.getResult().getMetadata().info().width()).isEqualTo(64);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> model.call(new VideoPrompt(" ")))
          .withMessageContaining("prompt is blank");
    }
  }
}
