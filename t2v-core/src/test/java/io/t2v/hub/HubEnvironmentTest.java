package io.t2v.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The variables that Python's libraries read, in their order. */
class HubEnvironmentTest {
  @TempDir Path home;

  private HubEnvironment with(String... namesAndValues) {
    Map<String, String> variables = new java.util.HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      variables.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return new HubEnvironment(variables, home);
  }

  @Test
  void findsHuggingFacesCache() {
    assertThat(with().huggingFaceCache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
    assertThat(with("XDG_CACHE_HOME", "/xdg").huggingFaceCache())
        .isEqualTo(Path.of("/xdg/huggingface/hub"));
    assertThat(with("HF_HOME", "/hf", "XDG_CACHE_HOME", "/xdg").huggingFaceCache())
        .isEqualTo(Path.of("/hf/hub"));
    assertThat(with("HUGGINGFACE_HUB_CACHE", "/old", "HF_HOME", "/hf").huggingFaceCache())
        .isEqualTo(Path.of("/old"));
    assertThat(with("HF_HUB_CACHE", "/hub", "HUGGINGFACE_HUB_CACHE", "/old").huggingFaceCache())
        .isEqualTo(Path.of("/hub"));
    assertThat(with("HF_HUB_CACHE", "~/models").huggingFaceCache())
        .isEqualTo(home.resolve("models"));
    assertThat(with("HF_HUB_CACHE", " ", "HF_HOME", "").huggingFaceCache())
        .isEqualTo(home.resolve(".cache/huggingface/hub"));
  }

  @Test
  void findsTheToken() throws IOException {
    assertThat(with().huggingFaceToken()).isEmpty();
    Path file = home.resolve(".cache/huggingface/token");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "from-file\n");
    assertThat(with().huggingFaceToken()).contains("from-file");
    Path other = Files.writeString(home.resolve("other"), "from-other");
    assertThat(with("HF_TOKEN_PATH", other.toString()).huggingFaceToken()).contains("from-other");
    assertThat(with("HUGGING_FACE_HUB_TOKEN", "old").huggingFaceToken()).contains("old");
    assertThat(with("HF_TOKEN", " new\n", "HUGGING_FACE_HUB_TOKEN", "old").huggingFaceToken())
        .contains("new");
    assertThat(with("HF_TOKEN", "new", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1").huggingFaceToken())
        .isEmpty();
  }

  @Test
  void findsEndpoints() {
    assertThat(with().huggingFaceEndpoint()).hasToString("https://huggingface.co");
    assertThat(with("HF_ENDPOINT", "https://mirror.example/hf/").huggingFaceEndpoint())
        .hasToString("https://mirror.example/hf");
    assertThat(with().modelScopeEndpoint()).hasToString("https://www.modelscope.cn");
    assertThat(with("MODELSCOPE_DOMAIN", "www.modelscope.ai").modelScopeEndpoint())
        .hasToString("https://www.modelscope.ai");
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> with("HF_ENDPOINT", "mirror.example").huggingFaceEndpoint())
        .withMessageContaining("HF_ENDPOINT")
        .withMessageContaining("mirror.example");
  }

  @Test
  void knowsOfflineMode() {
    assertThat(with().huggingFaceOffline()).isFalse();
    assertThat(with("HF_HUB_OFFLINE", "0").huggingFaceOffline()).isFalse();
    assertThat(with("HF_HUB_OFFLINE", "yes").huggingFaceOffline()).isTrue();
    assertThat(with("TRANSFORMERS_OFFLINE", "True").huggingFaceOffline()).isTrue();
  }

  @Test
  void findsModelScopesCacheAndToken() {
    assertThat(with().modelScopeCache()).isEqualTo(home.resolve(".cache/modelscope"));
    assertThat(with("MODELSCOPE_CACHE", "/ms").modelScopeCache()).isEqualTo(Path.of("/ms"));
    assertThat(with("MODELSCOPE_API_TOKEN", "ms-1").modelScopeToken()).contains("ms-1");
  }
}
