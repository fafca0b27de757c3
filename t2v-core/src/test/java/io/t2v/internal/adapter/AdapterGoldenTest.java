package io.t2v.internal.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Lists;
import com.google.common.primitives.Longs;
import io.t2v.adapter.Adapter;
import io.t2v.device.ComputeDevice;
import io.t2v.device.Precision;
import io.t2v.internal.adapter.AdapterTargets.Patches;
import io.t2v.internal.clip.ClipTextEncoder;
import io.t2v.internal.clip.ClipTokenizer;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.files.TensorReader;
import io.t2v.internal.memory.Placement;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.unet3d.UnetDenoiser;
import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenAdapters;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.StoredTensor;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Both networks with adapters of every format, against weights merged in double precision. */
class AdapterGoldenTest {
  private static final double TOLERANCE = 1e-5;
  private static final double TOLERANCE_OF_EIGHT_BITS = 0.04;
  private static final Map<String, Object> RESULTS = Golden.json("adapters/results");
  private static final Golden GOLDEN = Golden.tensors("adapters/results");

  @TempDir static Path folder;
  private static CheckpointFiles checkpoint;

  @BeforeAll
  static void writeModel() {
    checkpoint = CheckpointFiles.open(GoldenModel.write((String) RESULTS.get("model"), folder));
  }

  static List<Map<String, Object>> cases() {
    return Golden.cases(RESULTS, "cases");
  }

  static List<Path> files() {
    return GoldenAdapters.files(RESULTS);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyFormatDoesWhatItsLibraryDoes(Map<String, Object> test) {
    List<Adapter> adapters = GoldenAdapters.of(test);
    Golden.assertClose(
        "UNet", prediction(adapters), GOLDEN.floats((String) test.get("unet")), TOLERANCE);
    Golden.assertClose(
        "text encoder",
        embeddings(adapters),
        GOLDEN.floats((String) test.get("embeddings")),
        TOLERANCE);
  }

  /** The goldens are of every file, and of several at once. */
  @Test
  void everyFileIsComparedAtBothScales() {
    assertThat(files()).hasSize(14);
    assertThat(cases()).hasSize(2 * 14 + 2);
  }

  /**
   * The sums are rounded to eight bits, as those of a checkpoint with merged weights are: so the
   * error is that of any model with such weights.
   */
  @ParameterizedTest
  @MethodSource("cases")
  void eightBitsAreThoseOfMergedWeights(Map<String, Object> test, @TempDir Path own) {
    TensorFiles adapted = adaptedUnet(GoldenAdapters.of(test));
    Path merged = StoredTensor.write(own.resolve("merged.safetensors"), values(adapted));
    assertThat(prediction(adapted, Precision.INT8))
        .isEqualTo(prediction(TensorFiles.ofFile(merged), Precision.INT8));
  }

  private static List<StoredTensor> values(TensorFiles files) {
    try (ComputeScope scope = ComputeScope.open(1);
        TensorReader reader = TensorReader.open(files)) {
      return files.names().stream()
          .map(
              name -> {
                long[] shape = Longs.toArray(files.shape(name));
                return StoredTensor.of(name, HostTensors.toFloats(reader.read(name, shape)), shape);
              })
          .toList();
    }
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

  @ParameterizedTest
  @MethodSource("files")
  void atScaleZeroNoBitIsChanged(Path file) {
    List<Adapter> none = List.of(Adapter.load(file).scale(0));
    assertThat(prediction(none)).isEqualTo(prediction(List.of()));
    assertThat(embeddings(none)).isEqualTo(embeddings(List.of()));
  }

  @Test
  void atScalesZeroOfBothPartsNoBitIsChanged() {
    List<Adapter> none = List.of(GoldenAdapters.load("peft").spatialScale(0).temporalScale(0));
    assertThat(prediction(none)).isEqualTo(prediction(List.of()));
  }

  @Test
  void withoutAdaptersItIsThePlainModel() {
    Golden.assertClose("UNet", prediction(List.of()), GOLDEN.floats("plain.unet"), TOLERANCE);
    Golden.assertClose(
        "text encoder", embeddings(List.of()), GOLDEN.floats("plain.embeddings"), TOLERANCE);
    Golden.assertClose(
        "UNet in eight bits",
        prediction(adaptedUnet(List.of()), Precision.INT8),
        GOLDEN.floats("plain.unet"),
        TOLERANCE_OF_EIGHT_BITS);
  }

  private static Patches patches(List<Adapter> adapters) {
    return AdapterTargets.find(
        adapters.stream().map(ScaledAdapter.class::cast).toList(),
        checkpoint.unetWeights(),
        checkpoint.textEncoderWeights());
  }

  private static TensorFiles adaptedUnet(List<Adapter> adapters) {
    return checkpoint.unetWeights().patched(patches(adapters).unet());
  }

  private static float[] prediction(List<Adapter> adapters) {
    return prediction(adaptedUnet(adapters), Precision.FLOAT32);
  }

  private static float[] prediction(TensorFiles weights, Precision precision) {
    try (UnetDenoiser denoiser =
            UnetDenoiser.open(
                checkpoint.unetConfig(),
                weights,
                new Placement(
                    Component.DENOISER,
                    OffloadPolicy.none(),
                    ComputeConfig.on(ComputeDevice.cpu(), precision)));
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
