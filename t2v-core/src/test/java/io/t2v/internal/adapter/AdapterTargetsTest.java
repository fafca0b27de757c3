package io.t2v.internal.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.adapter.Adapter;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.files.WeightsDigest;
import io.t2v.testing.GoldenAdapters;
import io.t2v.testing.GoldenModel;
import io.t2v.testing.RawTorchFile;
import io.t2v.testing.StoredTensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which weights an adapter changes, and adapters that do not fit the checkpoint. */
class AdapterTargetsTest {
  @TempDir static Path folder;
  private static CheckpointFiles checkpoint;

  @BeforeAll
  static void writeModel() {
    checkpoint = CheckpointFiles.open(GoldenModel.write("two-levels", folder.resolve("model")));
  }

  @Test
  void namesTheKeysThatMatchNothing() {
    List<StoredTensor> tensors = new ArrayList<>(pair("unet.conv_in", 36, 12));
    for (int i = 0; i < 30; i++) {
      tensors.addAll(pair("unet.down_blocks.0.attentions." + (i + 10) + ".proj_in", 4, 4));
    }
    assertRefused(
        tensors,
        "30 of 31 layers are none of this checkpoint",
        "unet.down_blocks.0.attentions.10.proj_in",
        "and 22 more",
        "trained for a model with more layers");
    assertRefused(
        pair("unet.down_blocks.0.motion_modules.0.proj_in", 4, 4),
        "1 of 1 layers",
        "motion_modules",
        "trained for another model");
  }

  @Test
  void namesTheLayerWhoseShapeIsAnother() {
    assertRefused(
        pair("unet.conv_in", 36, 320),
        "'unet.conv_in'",
        "[320, 2] and [2, 36]",
        "[12, 4, 3, 3]",
        "trained for another model");
  }

  @Test
  void refusesTwoFactorsOfOneLayer() {
    List<StoredTensor> tensors = new ArrayList<>(pair("unet.conv_in", 36, 12));
    tensors.addAll(pair("diffusion_model.input_blocks.0.0", 36, 12));
    assertRefused(tensors, "conv_in twice", "'unet.conv_in'", "'diffusion_model.input_blocks.0.0'");
  }

  @Test
  void refusesATextEncodersLayersWhereThatIsAPlugIn() {
    Adapter adapter = GoldenAdapters.load("diffusers.safetensors");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(
            () ->
                AdapterTargets.find(
                    List.of((ScaledAdapter) adapter), checkpoint.unetWeights(), null))
        .withMessageContainingAll(
            "3 of 19 layers", "text_encoder.text_model", "component of one's own");
  }

  /** Two places of a list exchanged, or one left out: nothing says which layers it is for. */
  @Test
  void refusesListsWhoseShapesDoNotFit() {
    List<StoredTensor> list = new ArrayList<>();
    for (int layer = 0; layer < 2; layer++) {
      for (int i = 0; i < 4; i++) {
        list.addAll(factors(list.size(), 24, 24));
      }
      list.addAll(factors(list.size(), 24, 96));
      list.addAll(factors(list.size(), 96, 24));
    }
    assertThat(find(RawTorchFile.zip(folder.resolve("list.pt"), list)).textEncoder().keySet())
        .hasSize(12)
        .contains("text_model.encoder.layers.1.mlp.fc2.weight");
    List<StoredTensor> shuffled = new ArrayList<>(list);
    shuffled.set(8, list.get(10).named("8"));
    shuffled.set(9, list.get(11).named("9"));
    shuffled.set(10, list.get(8).named("10"));
    shuffled.set(11, list.get(9).named("11"));
    for (List<StoredTensor> wrong : List.of(shuffled, list.subList(0, list.size() - 2))) {
      Path file = RawTorchFile.zip(folder.resolve("list.pt"), wrong);
      assertThatExceptionOfType(CheckpointException.class)
          .isThrownBy(() -> find(file))
          .withMessageContainingAll(
              wrong.size() / 2 + " layers without names",
              "12 in the text encoder",
              "301 in the whole UNet");
    }
  }

  /** A transformer's feed-forward layer between its attentions, as diffusers once had it. */
  @Test
  void knowsTheOldOrderOfTransformers() {
    NetworkLayers unet = NetworkLayers.ofUnet(checkpoint.unetWeights());
    List<NetworkLayers.Layer> old =
        unet.named(
            unet.names().stream()
                .filter(name -> name.contains("transformer_blocks"))
                .filter(name -> name.contains("temp_att") || name.startsWith("transformer_in"))
                .sorted(LayerOrder.OLD)
                .toList());
    List<StoredTensor> list = new ArrayList<>();
    for (NetworkLayers.Layer layer : old) {
      list.addAll(factors(list.size(), layer.elements() / layer.outputs(), layer.outputs()));
    }
    assertThat(find(RawTorchFile.legacy(folder.resolve("old.pt"), list)).unet().keySet())
        .containsExactlyElementsOf(old.stream().map(NetworkLayers.Layer::weight).toList());
  }

  /** The most that is there at a time: the largest weight, and the factors of its patch. */
  @Test
  void countsTheFactorsThatAreReadWithAWeight() {
    TensorFiles plain = checkpoint.unetWeights();
    TensorFiles patched = plain.patched(find(GoldenAdapters.file("list-unet.pt")).unet());
    assertThat(plain.largestPatch()).isZero();
    // ff.net.0.proj of transformer_in: [384, 48], rank 1, as stored and widened.
    assertThat(patched.largestPatch()).isEqualTo(2 * Float.BYTES * (384 + 48));
    assertThat(patched.largestTensorWidened() - plain.largestTensorWidened())
        .isEqualTo(2 * Float.BYTES * (384 + 48));
  }

  /** Else a saved run would go on with other adapters, and nobody would notice. */
  @Test
  void theDigestOfWeightsTellsAdaptersApart() {
    TensorFiles plain = checkpoint.unetWeights();
    Adapter adapter = GoldenAdapters.load("peft");
    assertThat(
            Stream.of(List.<Adapter>of(), List.of(adapter), List.of(adapter.scale(0.9)))
                .map(adapters -> adapters.stream().map(ScaledAdapter.class::cast).toList())
                .map(adapters -> AdapterTargets.find(adapters, plain, null).unet())
                .map(patches -> WeightsDigest.of(List.of(plain.patched(patches)))))
        .doesNotHaveDuplicates();
  }

  private static AdapterTargets.Patches find(Path file) {
    return AdapterTargets.find(
        List.of((ScaledAdapter) Adapter.load(file)),
        checkpoint.unetWeights(),
        checkpoint.textEncoderWeights());
  }

  private static void assertRefused(List<StoredTensor> tensors, String... message) {
    Path file = StoredTensor.write(folder.resolve("lora.safetensors"), tensors);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> find(file))
        .withMessageContainingAll(message)
        .withMessageContaining(file.toString());
  }

  private static List<StoredTensor> pair(String layer, long in, long out) {
    return List.of(
        tensor(layer + ".lora_A.weight", 2, in), tensor(layer + ".lora_B.weight", out, 2));
  }

  private static List<StoredTensor> factors(int place, long in, long out) {
    return List.of(tensor(String.valueOf(place), out, 1), tensor(String.valueOf(place + 1), 1, in));
  }

  private static StoredTensor tensor(String name, long... shape) {
    int elements = Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b));
    byte[] data = new byte[elements * Float.BYTES];
    IntStream.range(0, elements).forEach(i -> data[i * Float.BYTES + 2] = (byte) i);
    return new StoredTensor(name, "F32", shape, data);
  }
}
