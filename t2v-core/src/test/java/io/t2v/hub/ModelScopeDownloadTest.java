package io.t2v.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.testing.FakeHub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Downloads from a hub that behaves like ModelScope's, into its cache. */
class ModelScopeDownloadTest {
  private static final String UNET = "text2video_pytorch_model.pth";

  @TempDir Path cache;

  private final Map<String, byte[]> files = new TreeMap<>();
  private FakeHub hub;

  @BeforeEach
  void start() {
    files.put(
        "configuration.json",
        FakeHub.text("{\"model\": {\"model_args\": {\"ckpt_unet\": \"" + UNET + "\"}}}"));
    files.put(UNET, FakeHub.noise(1, 300_000));
    files.put("open_clip_pytorch_model.bin", FakeHub.noise(2, 300_000));
    files.put("VQGAN_autoencoder.pth", FakeHub.noise(3, 300_000));
    files.put("samples/panda.gif", FakeHub.noise(4, 1000));
    hub = new FakeHub();
    hub.branch("master", files);
    hub.branch("v1.1.0", files);
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private HubModel.Builder model() {
    return HubModel.builder(FakeHub.MODEL)
        .hub(Hub.MODEL_SCOPE)
        .environment(
            new HubEnvironment(Map.of("MODELSCOPE_CACHE", cache.toString()), Path.of("/none")))
        .endpoint(hub.endpoint())
        .sleeper(time -> Thread.yield());
  }

  @Test
  void bringsWhatIsNeededIntoPythonsLayout() {
    HubSnapshot snapshot = model().token("ms-secret").revision("v1.1.0").build().download();
    Path folder = cache.resolve("models/org--tiny-model/snapshots/v1.1.0");
    assertThat(snapshot).isEqualTo(new HubSnapshot(FakeHub.MODEL, "v1.1.0", folder));
    assertThat(folder.resolve(UNET)).isRegularFile().hasBinaryContent(files.get(UNET));
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder(
            "configuration.json", UNET, "open_clip_pytorch_model.bin", "VQGAN_autoencoder.pth");
    assertThat(cache.resolve(".lock/model_org___tiny-model_" + UNET.replace('.', '_') + ".lock"))
        .exists();
    assertThat(hub.requests())
        .allSatisfy(
            request -> {
              assertThat(request.header("Authorization")).isEqualTo("Bearer ms-secret");
              assertThat(request.header("Cookie")).isEqualTo("m_session_id=ms-secret");
            });
  }

  @Test
  void resumesAndChecksDigests() {
    hub.cut("FilePath=" + UNET, 100_000);
    HubSnapshot snapshot = model().build().download();
    assertThat(snapshot.folder().resolve(UNET)).hasBinaryContent(files.get(UNET));
    hub.branch("master", Map.of("configuration.json", FakeHub.text("{}")));
    hub.damage("FilePath=configuration.json");
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> model().build().download())
        .withMessageContaining("configuration.json arrived damaged");
  }

  @Test
  void bringsWhatChangedOnTheBranch() {
    Path folder = model().build().download().folder();
    byte[] changed = FakeHub.noise(9, 300_000);
    files.put(UNET, changed);
    hub.branch("master", files);
    hub.requests().clear();
    model().build().download();
    assertThat(folder.resolve(UNET)).hasBinaryContent(changed);
    assertThat(hub.requests())
        .filteredOn(request -> request.path().contains("FilePath"))
        .hasSize(1);
  }

  @Test
  void offlineTakesTheCache() {
    Path folder = model().build().download().folder();
    hub.close();
    assertThat(model().offline(true).build().download().folder()).isEqualTo(folder);
    assertThat(model().build().download().folder()).isEqualTo(folder);
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> model().revision("v2").offline(true).build().download())
        .withMessageContaining("at revision v2 is not in the cache");
  }

  @Test
  void usesFoldersOfEarlierVersions() throws IOException {
    for (String earlier : new String[] {"models", "hub/models", "hub", ""}) {
      Path folder = cache.resolve(earlier).resolve("org/tiny-model");
      Files.createDirectories(folder);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        if (!file.getKey().contains("/")) {
          Files.write(folder.resolve(file.getKey()), file.getValue());
        }
      }
      Files.writeString(folder.resolve(".mv"), "Revision:v1.1.0,CreatedAt:1679385456");
      assertThat(model().revision("v1.1.0").build().cached(null))
          .contains(new HubSnapshot(FakeHub.MODEL, "v1.1.0", folder));
      assertThat(model().build().cached(null)).isEmpty();
      Files.delete(folder.resolve(".mv"));
      assertThat(model().build().cached(null)).isPresent();
      hub.requests().clear();
      model().build().download();
      assertThat(hub.requests()).hasSize(1);
      try (var walk = Files.walk(folder)) {
        walk.sorted(java.util.Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
      }
    }
  }

  @Test
  void saysWhenThereIsNoSuchModel() {
    assertThatExceptionOfType(HubException.class)
        .isThrownBy(() -> model().revision("v9").build().download())
        .withMessageContaining("lists no files of org/tiny-model at revision v9")
        .withMessageContaining("no such model");
  }

  @Test
  void verifyingReplacesWhatIsDamaged() throws IOException {
    Path folder = model().build().download().folder();
    Files.write(folder.resolve(UNET), new byte[300_000]);
    assertThat(model().build().verify(null).repaired()).containsExactly(UNET);
    assertThat(folder.resolve(UNET)).hasBinaryContent(files.get(UNET));
    assertThat(model().build().verify(null).repaired()).isEmpty();
  }
}
