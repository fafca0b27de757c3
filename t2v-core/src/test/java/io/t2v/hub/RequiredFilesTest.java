package io.t2v.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequiredFilesTest {
  private static final Map<String, Object> UNET_ALONE =
      Map.of("unet", List.of("diffusers", "UNet3DConditionModel"));

  private static RequiredFiles unet(String variant, String... names) {
    List<String> files = new ArrayList<>(List.of("model_index.json", "unet/config.json"));
    Arrays.stream(names).map(name -> "unet/" + name).forEach(files::add);
    return RequiredFiles.of(files, "model_index.json", UNET_ALONE, variant);
  }

  @ParameterizedTest
  @CsvSource({
    ", diffusion_pytorch_model.safetensors",
    "fp16, diffusion_pytorch_model.fp16.safetensors",
    "bf16, diffusion_pytorch_model.bf16.bin"
  })
  void takesOneFileOfANetwork(String variant, String expected) {
    RequiredFiles choice =
        unet(
            variant,
            "diffusion_pytorch_model.safetensors",
            "diffusion_pytorch_model.bin",
            "diffusion_pytorch_model.fp16.safetensors",
            "diffusion_pytorch_model.fp16.bin",
            "diffusion_pytorch_model.bf16.bin",
            "diffusion_flax_model.msgpack");
    assertThat(choice.files())
        .containsExactly("model_index.json", "unet/config.json", "unet/" + expected);
    assertThat(choice.missing()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    // new names, and those before 2024
    "m.fp16-0000N-of-00002.safetensors, m.safetensors.index.fp16.json, fp16",
    "m-0000N-of-00002.fp16.safetensors, m.fp16.safetensors.index.json, fp16",
    "m-0000N-of-00002.safetensors, m.safetensors.index.json,",
    "m-0000N-of-00002.bin, m.bin.index.json,"
  })
  void takesAllShardsAndTheirIndex(String shard, String index, String variant) {
    String stem = "diffusion_pytorch_model";
    String indexName = index.replaceFirst("^m", stem);
    String first = shard.replaceFirst("^m", stem).replace("N", "1");
    String second = shard.replaceFirst("^m", stem).replace("N", "2");
    assertThat(unet(variant, indexName, first, second, "other-00001-of-00001.bin").files())
        .contains("unet/" + indexName, "unet/" + first, "unet/" + second)
        .hasSize(5);
    String[] incomplete = {indexName, first};
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> unet(variant, incomplete))
        .withMessageContaining("or not all shards of them");
  }

  @Test
  void saysWhichWeightsThereAre() {
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> unet(null, "diffusion_pytorch_model.fp16.safetensors"))
        .withMessageContaining("no plain weights in unet/")
        .withMessageContaining("found [diffusion_pytorch_model.fp16.safetensors]")
        .withMessageContaining("a variant, to be asked for");
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> unet("fp16", "diffusion_pytorch_model.safetensors"))
        .withMessageContaining("no fp16 weights in unet/");
  }

  @Test
  void takesPlainWeightsOfANetworkWithoutTheVariant() {
    List<String> files =
        List.of(
            "model_index.json",
            "unet/config.json",
            "unet/diffusion_pytorch_model.fp16.safetensors",
            "vae/config.json",
            "vae/diffusion_pytorch_model.bin");
    assertThat(RequiredFiles.of(files, "model_index.json", UNET_ALONE, "fp16").files())
        .containsExactlyInAnyOrderElementsOf(files);
  }

  @Test
  void leavesOutWhatTheIndexLeavesOut() {
    Map<String, Object> index =
        Map.of(
            "_class_name", "TextToVideoSDPipeline",
            "vae", Arrays.asList(null, null),
            "tokenizer", Arrays.asList("transformers", "CLIPTokenizer"),
            "scheduler", Arrays.asList("diffusers", "DDIMScheduler"));
    RequiredFiles choice =
        RequiredFiles.of(
            List.of(
                "model_index.json",
                "README.md",
                "sample.mp4",
                "tokenizer/vocab.json",
                "tokenizer/merges.txt",
                "tokenizer/picture.png"),
            "model_index.json",
            index,
            null);
    assertThat(choice.files())
        .containsExactly(
            "model_index.json", "README.md", "tokenizer/merges.txt", "tokenizer/vocab.json");
    assertThat(choice.missing()).containsExactly("scheduler/scheduler_config.json");
  }

  @Test
  void takesTheThreeFilesOfModelScopesLayout() {
    List<String> files =
        List.of(
            "configuration.json",
            "my_unet.pth",
            "open_clip_pytorch_model.bin",
            "VQGAN_autoencoder.pth",
            "other.pth");
    Map<String, Object> content =
        Map.of("model", Map.of("model_args", Map.of("ckpt_unet", "my_unet.pth")));
    assertThat(RequiredFiles.index(files)).contains("configuration.json");
    RequiredFiles choice = RequiredFiles.of(files, "configuration.json", content, null);
    assertThat(choice.files())
        .containsExactlyInAnyOrder(
            "configuration.json",
            "my_unet.pth",
            "open_clip_pytorch_model.bin",
            "VQGAN_autoencoder.pth");
    assertThat(choice.missing()).isEmpty();
    assertThat(RequiredFiles.of(files, "configuration.json", Map.of(), null).missing())
        .containsExactly("text2video_pytorch_model.pth");
  }

  @Test
  void prefersDiffusersLayout() {
    assertThat(RequiredFiles.index(List.of("configuration.json", "model_index.json")))
        .contains("model_index.json");
    assertThat(RequiredFiles.index(List.of("config.json"))).isEmpty();
  }
}
