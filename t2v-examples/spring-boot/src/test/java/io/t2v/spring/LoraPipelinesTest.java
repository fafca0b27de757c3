package io.t2v.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.t2v.GenerationRequest;
import io.t2v.TextToVideoPipeline;
import io.t2v.minimodel.MiniModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Which pipelines with LoRAs are made, kept and closed; nothing is generated. */
final class LoraPipelinesTest {
  private static final GenerationRequest REQUEST = MiniModel.request("a red circle").build();
  private static final List<LoraChoice> STYLE = List.of(LoraChoice.of("style"));
  private static final List<LoraChoice> HALF = List.of(new LoraChoice("style", 0.5));

  @TempDir private Path folder;
  private ApplicationContextRunner runner;

  /** A file of the first convolution's factors, all 0. */
  @BeforeEach
  void configureALora() throws IOException {
    byte[] header =
        """
        {"lora_unet_conv_in.lora_down.weight":{"dtype":"F32","shape":[1,4,3,3],"data_offsets":[0,144]},
        "lora_unet_conv_in.lora_up.weight":{"dtype":"F32","shape":[48,1,1,1],"data_offsets":[144,336]}}"""
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(Long.BYTES + header.length + 336);
    file.order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).put(header);
    Path style = Files.write(folder.resolve("style.safetensors"), file.array());
    runner =
        new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(T2vAutoConfiguration.class))
            .withPropertyValues(
                "t2v.checkpoint=" + MiniModel.folder(),
                "t2v.threads=1",
                "t2v.load=lazy",
                "t2v.loras.style.path=" + style,
                "t2v.loras.style.scale=0.8",
                "t2v.loras.style.temporal-scale=0.4");
  }

  @Test
  void keepsAsManyPipelinesAsItMayAndClosesNoneInUse() {
    TextToVideoPipeline[] last = new TextToVideoPipeline[1];
    runner.run(
        context -> {
          LoraPipelines pipelines = context.getBean(LoraPipelines.class);
          LoraPipelines.Lease style = pipelines.lease(STYLE);
          LoraPipelines.Lease half = pipelines.lease(HALF);
          assertThat(half.pipeline().adapters())
              .singleElement()
              .satisfies(
                  adapter -> {
                    assertThat(adapter.spatialScale()).isEqualTo(0.4);
                    assertThat(adapter.temporalScale()).isEqualTo(0.2);
                  });
          style.pipeline().plan(REQUEST);
          half.pipeline().plan(REQUEST);
          style.close();
          assertClosed(style.pipeline());
          half.close();
          try (LoraPipelines.Lease again = pipelines.lease(HALF)) {
            assertThat(again.pipeline()).isSameAs(half.pipeline());
          }
          try (LoraPipelines.Lease plain = pipelines.lease(List.of())) {
            assertThat(plain.pipeline()).isSameAs(context.getBean(TextToVideoPipeline.class));
          }
          last[0] = half.pipeline();
          last[0].plan(REQUEST);
        });
    assertClosed(last[0]);
  }

  private static void assertClosed(TextToVideoPipeline pipeline) {
    assertThatThrownBy(() -> pipeline.plan(REQUEST))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void namesTheLoraThatIsWrong() {
    runner
        .withPropertyValues("t2v.loras.motion.path=" + folder.resolve("none.pt"))
        .run(
            context ->
                assertThat(context.getStartupFailure())
                    .hasStackTraceContaining("t2v.loras.motion: ")
                    .hasStackTraceContaining("none.pt"));
    runner.run(
        context ->
            assertThatThrownBy(
                    () ->
                        context
                            .getBean(VideoGenerator.class)
                            .generate(REQUEST, List.of(LoraChoice.of("other"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no LoRA \"other\"")
                .hasMessageContaining("style"));
  }
}
