package io.t2v.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.agent.tool.ToolSpecifications;
import io.t2v.TextToVideoPipeline;
import io.t2v.ffmpeg.VideoReader;
import io.t2v.ffmpeg.VideoSettings;
import io.t2v.minimodel.MiniModel;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VideoToolTest {
  private static final String PROMPT = "a red circle growing";

  @TempDir Path folder;

  @Test
  void generatesAFileAndTellsItsAddress() throws IOException {
    try (TextToVideoPipeline pipeline = MiniModel.pipeline().build()) {
      TextToVideoModel model =
          new TextToVideoModel(
              pipeline, folder, request -> request.steps(1).frames(2).guidanceScale(1).seed(3));

      Path file = Path.of(URI.create(new VideoTool(model).generateVideo(PROMPT)));

      assertThat(file).hasParent(folder);
      assertThat(VideoReader.create().read(file).frameCount()).isEqualTo(2);
      assertThat(VideoSettings.read(file).orElseThrow().provenance().prompt()).hasValue(PROMPT);
      assertThat(model.generate(PROMPT).mimeType()).isEqualTo("video/mp4");
    }
  }

  @Test
  void describesItselfToALanguageModel() {
    List<ToolSpecification> tools = ToolSpecifications.toolSpecificationsFrom(VideoTool.class);

    assertThat(tools).hasSize(1);
    assertThat(tools.get(0).name()).isEqualTo("generateVideo");
    assertThat(tools.get(0).parameters().required()).containsExactly("prompt");
  }
}
