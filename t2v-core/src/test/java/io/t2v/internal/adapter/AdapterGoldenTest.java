package io.t2v.internal.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Lists;
import io.t2v.adapter.Adapter;
import io.t2v.internal.adapter.AdapterTargets.Patches;
import io.t2v.internal.clip.ClipTextEncoder;
import io.t2v.internal.clip.ClipTokenizer;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.unet3d.UnetDenoiser;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenAdapters;
import io.t2v.testing.GoldenModel;
import io.t2v.unet.BlockListener;
import io.t2v.unet.BoundDenoiser;
import io.t2v.unet.Conditioning;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both networks with adapters of every format, against weights merged in double precision. */
class AdapterGoldenTest {
  private static final double TOLERANCE = 1e-5;
  private static final Map<String, Object> RESULTS = Golden.json("adapters/results");
  private static final Golden GOLDEN = Golden.tensors("adapters/results");

  @TempDir static Path folder;
  private static CheckpointFiles checkpoint;

  @BeforeAll
  static void writeModel() {
    checkpoint = CheckpointFiles.open(GoldenModel.write((String) RESULTS.get("model"), folder));
  }

  @Test
  void everyFormatDoesWhatItsLibraryDoes() {
    int compared = 0;
    for (Map<String, Object> test : Golden.cases(RESULTS, "cases")) {
      String name = (String) test.get("name");
      List<Adapter> adapters = GoldenAdapters.of(test);
      Golden.assertClose(name, prediction(adapters), GOLDEN.floats(name + ".unet"), TOLERANCE);
      Golden.assertClose(
          name, embeddings(adapters), GOLDEN.floats(name + ".embeddings"), TOLERANCE);
      compared++;
    }
    assertThat(compared).isGreaterThanOrEqualTo(17);
  }

  @Test
  void theOrderOfAdaptersChangesNoBit() {
    List<Adapter> adapters =
        List.of(
            GoldenAdapters.load("peft").scale(0.6),
            GoldenAdapters.load("rslora"),
            GoldenAdapters.load("list-temporal.pt").scale(-0.3),
            GoldenAdapters.load("peft").scale(0.1));
    assertThat(prediction(Lists.reverse(adapters))).isEqualTo(prediction(adapters));
  }

  @Test
  void atScaleZeroNoBitIsChanged() {
    List<Adapter> none =
        List.of(
            GoldenAdapters.load("diffusers.safetensors").scale(0),
            GoldenAdapters.load("peft").spatialScale(0).temporalScale(0));
    assertThat(prediction(none)).isEqualTo(prediction(List.of()));
    assertThat(embeddings(none)).isEqualTo(embeddings(List.of()));
  }

  private static Patches patches(List<Adapter> adapters) {
    return AdapterTargets.find(
        adapters.stream().map(ScaledAdapter.class::cast).toList(),
        checkpoint.unetWeights(),
        checkpoint.textEncoderWeights());
  }

  private static float[] prediction(List<Adapter> adapters) {
    try (UnetDenoiser denoiser =
            UnetDenoiser.open(
                checkpoint.unetConfig(),
                checkpoint.unetWeights().patched(patches(adapters).unet()));
        ComputeScope scope = ComputeScope.open(1);
        BoundDenoiser bound = denoiser.bind(Conditioning.onText(tensor("text")))) {
      return HostTensors.toFloats(
          bound.predict(
              tensor("sample"),
              ((Number) RESULTS.get("timestep")).doubleValue(),
              BlockListener.none()));
    }
  }

  private static float[] embeddings(List<Adapter> adapters) {
    try (ClipTextEncoder encoder =
            ClipTextEncoder.open(
                checkpoint.textEncoderConfig(),
                checkpoint.textEncoderWeights().patched(patches(adapters).textEncoder()),
                ClipTokenizer.load(checkpoint.tokenizerFolder().orElseThrow()));
        ComputeScope scope = ComputeScope.open(1)) {
      return HostTensors.toFloats(
          encoder.encode(List.of((String) RESULTS.get("prompt")), 0, 16).embeddings());
    }
  }

  private static Tensor tensor(String name) {
    return HostTensors.of(GOLDEN.floats(name), GOLDEN.shape(name));
  }
}
