package io.t2v.internal.autoencoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.device.GpuOptimization;
import io.t2v.internal.files.CheckpointFiles;
import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.memory.Placement;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.weights.RandomWeights;
import io.t2v.offload.Component;
import io.t2v.offload.OffloadPolicy;
import io.t2v.testing.Golden;
import io.t2v.testing.GoldenModel;
import io.t2v.vae.LatentDistribution;
import io.t2v.vae.VaeTiling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AutoencoderKlTest {
  private static final double TOLERANCE = 1e-5;
  private static final String WEIGHTS = "vae/diffusion_pytorch_model.safetensors";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"four-levels", "odd-latents", "two-levels", "one-level"})
  void decodesWhatTheReferenceDecodes(String model) {
    Golden golden = Golden.tensors("vae/" + model);
    float[] expected = golden.floats("decode.images");
    try (AutoencoderKl vae = open(model, null);
        ComputeScope scope = ComputeScope.open(1)) {
      // The golden data holds what the autoencoder itself is given: unscaled latents.
      Tensor images = vae.decode(scaled(vae, tensor(golden, "decode.latents")));
      assertThat(HostTensors.shape(images)).isEqualTo(golden.shape("decode.images"));
      Golden.assertClose(model, HostTensors.toFloats(images), expected, TOLERANCE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"four-levels", "odd-latents", "two-levels", "one-level"})
  void encodesWhatTheReferenceEncodes(String model) {
    Golden golden = Golden.tensors("vae/" + model);
    try (AutoencoderKl vae = open(model, null);
        ComputeScope scope = ComputeScope.open(1)) {
      LatentDistribution posterior = vae.encode(tensor(golden, "encode.images"));
      assertThat(HostTensors.shape(posterior.mean())).isEqualTo(golden.shape("encode.mean"));
      assertLike(golden, "encode.mean", posterior.mean());
      assertLike(golden, "encode.logvar", posterior.logvar());
      assertLike(golden, "encode.mode", posterior.mode());
      LatentDistribution odd = vae.encode(tensor(golden, "encode-odd.images"));
      assertLike(golden, "encode-odd.mean", odd.mean());
    }
  }

  /** Frames that are otherwise decoded one by one, in the normalisation of a GPU. */
  @Test
  void decodesTheSameWithTheOptimizationsOfAGpu() {
    ComputeConfig optimized =
        ComputeConfig.cpu().withOptimizations(EnumSet.allOf(GpuOptimization.class));
    CheckpointFiles files = CheckpointFiles.open(GoldenModel.write("two-levels", folder));
    Placement placement = new Placement(Component.VAE_DECODER, OffloadPolicy.none(), optimized);
    try (AutoencoderKl plain = AutoencoderKl.open(files.vaeConfig(), files.vaeWeights());
        AutoencoderKl vae =
            AutoencoderKl.open(files.vaeConfig(), files.vaeWeights(), null, placement);
        ComputeScope scope = ComputeScope.open(1)) {
      int side = 136 / plain.scaleFactor();
      Tensor latents = torch.randn(3, plain.latentChannels(), side, side);
      Golden.assertClose(
          "together",
          HostTensors.toFloats(vae.decode(latents)),
          HostTensors.toFloats(plain.decode(latents)),
          TOLERANCE);
    }
  }

  @Test
  void samplesByTheStandardDeviation() {
    try (ComputeScope scope = ComputeScope.open(1)) {
      Tensor mean = HostTensors.of(new float[] {1, -2}, 1, 2, 1, 1);
      Tensor logvar = HostTensors.of(new float[] {0, (float) Math.log(9)}, 1, 2, 1, 1);
      Tensor noise = HostTensors.of(new float[] {0.5f, -1}, 1, 2, 1, 1);
      Tensor sample = new LatentDistribution(mean, logvar).sample(noise);
      Golden.assertClose("sample", HostTensors.toFloats(sample), new float[] {1.5f, -5}, 1e-6);
      assertThat(HostTensors.toFloats(mean)).containsExactly(1, -2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"four-levels", "odd-latents", "two-levels", "one-level"})
  void tilesAsTheReferenceDoes(String model) {
    Golden golden = Golden.tensors("vae/" + model);
    int tile = ((Number) Golden.json("vae/" + model).get("tile_latent_min_size")).intValue();
    try (AutoencoderKl vae = open(model, new VaeTiling(tile, tile / 4));
        ComputeScope scope = ComputeScope.open(1)) {
      Tensor latents = tensor(golden, "tiled-decode.latents");
      Tensor images = vae.decode(scaled(vae, latents));
      assertLike(golden, "tiled-decode.images", images);
      assertLike(
          golden, "tiled-encode.mean", vae.encode(tensor(golden, "tiled-encode.images")).mean());
    }
  }

  @Test
  void tilesOfOneSizeChangeNothing() {
    Golden golden = Golden.tensors("vae/four-levels");
    try (AutoencoderKl vae = open("four-levels", new VaeTiling(5, 1));
        ComputeScope scope = ComputeScope.open(1)) {
      assertLike(
          golden, "decode.images", vae.decode(scaled(vae, tensor(golden, "decode.latents"))));
    }
  }

  @ParameterizedTest
  @CsvSource({"four-levels,64,2", "two-levels,8,2", "one-level,16,4"})
  void tilesBySampleSize(String model, int tile, int overlap) {
    CheckpointFiles checkpoint = checkpoint(model);
    VaeTiling tiling = AutoencoderKl.defaultTiling(checkpoint.vaeConfig());
    int expected = model.equals("four-levels") ? tile / 8 : tile;
    assertThat(tiling).isEqualTo(new VaeTiling(expected, overlap));
  }

  @ParameterizedTest
  @CsvSource({"0,0", "4,4", "4,-1"})
  void refusesImpossibleTiles(int tile, int overlap) {
    assertThatThrownBy(() -> new VaeTiling(tile, overlap))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected at least");
  }

  @Test
  void imagesDoNotDependOnTheirBatch() {
    // Two images of 128 × 136 pixels are more than what is computed together, ten of 40 × 24 less.
    for (long[] size : new long[][] {{2, 16, 17}, {10, 5, 3}}) {
      try (AutoencoderKl vae = open("four-levels", null);
          ComputeScope scope = ComputeScope.open(1)) {
        long[] shape = {size[0], 4, size[1], size[2]};
        Tensor latents =
            HostTensors.of(wave(Arrays.stream(shape).reduce(1, (a, b) -> a * b)), shape);
        Tensor together = vae.decode(latents);
        LatentDistribution encoded = vae.encode(together);
        for (long i = 0; i < size[0]; i++) {
          Tensor alone = vae.decode(latents.narrow(0, i, 1));
          assertSame("decode", alone, together.narrow(0, i, 1));
          LatentDistribution single = vae.encode(together.narrow(0, i, 1));
          assertSame("mean", single.mean(), encoded.mean().narrow(0, i, 1));
          assertSame("logvar", single.logvar(), encoded.logvar().narrow(0, i, 1));
        }
      }
    }
  }

  @Test
  void readsBothNamesAndShapesOfAttention() throws IOException {
    Map<String, float[]> results = new HashMap<>();
    for (boolean old : new boolean[] {false, true}) {
      for (boolean convolutions : new boolean[] {false, true}) {
        String name = old + "-" + convolutions;
        CheckpointFiles checkpoint =
            rewritten(
                name,
                shapes -> {
                  for (String half : List.of("encoder", "decoder")) {
                    String attention = half + ".mid_block.attentions.0.";
                    String[] names =
                        old
                            ? new String[] {"query", "key", "value", "proj_attn"}
                            : new String[] {"to_q", "to_k", "to_v", "to_out.0"};
                    for (String layer : List.of("to_q", "to_k", "to_v", "to_out.0")) {
                      shapes.remove(attention + layer + ".weight");
                      shapes.remove(attention + layer + ".bias");
                    }
                    for (String layer : names) {
                      shapes.put(
                          attention + layer + ".weight",
                          convolutions ? new long[] {16, 16, 1, 1} : new long[] {16, 16});
                      shapes.put(attention + layer + ".bias", new long[] {16});
                    }
                  }
                });
        try (AutoencoderKl vae =
                AutoencoderKl.open(checkpoint.vaeConfig(), checkpoint.vaeWeights());
            ComputeScope scope = ComputeScope.open(1)) {
          results.put(
              name, HostTensors.toFloats(vae.decode(HostTensors.of(wave(4 * 15), 1, 4, 5, 3))));
        }
      }
    }
    // The recipe makes weights from their names: the shape changes nothing, another name does.
    assertThat(results.get("false-false")).isEqualTo(results.get("false-true"));
    assertThat(results.get("true-false")).isEqualTo(results.get("true-true"));
    assertThat(results.get("true-false")).isNotEqualTo(results.get("false-false"));
  }

  @Test
  void namesAMissingTensor() throws IOException {
    assertRefused(
        shapes -> shapes.remove("decoder.up_blocks.1.resnets.0.conv1.weight"),
        "decoder.up_blocks.1.resnets.0.conv1.weight",
        "[16, 16, 3, 3]",
        "missing",
        WEIGHTS);
  }

  @Test
  void namesATensorOfAnotherShape() throws IOException {
    assertRefused(
        shapes -> shapes.put("encoder.conv_in.weight", new long[] {8, 4, 3, 3}),
        "encoder.conv_in.weight",
        "[8, 4, 3, 3]",
        "expected [8, 3, 3, 3]",
        WEIGHTS);
  }

  @Test
  void namesASurplusTensor() throws IOException {
    assertRefused(
        shapes -> shapes.put("decoder.extra.weight", new long[] {7, 2}),
        "1 tensors that this network does not have",
        "decoder.extra.weight",
        "[7, 2]",
        WEIGHTS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "down_block_types|AttnDownEncoderBlock2D|only DownEncoderBlock2D",
        "up_block_types|AttnUpDecoderBlock2D|only UpDecoderBlock2D",
      })
  void refusesOtherBlocks(String field, String type, String message) {
    assertConfigRefused(field, List.of(type, type, type, type), field, type, message);
  }

  @Test
  void refusesImpossibleOptions() {
    assertConfigRefused("down_block_types", List.of("DownEncoderBlock2D"), "down_block_types", "4");
    assertConfigRefused("norm_num_groups", 5, "block_out_channels", "multiples of", "5");
    assertConfigRefused("act_fn", "elu", "act_fn", "elu", "silu");
    assertConfigRefused("scaling_factor", 0, "scaling_factor", "other than 0");
    assertConfigRefused("scaling_factor", "much", "scaling_factor", "a number");
    assertConfigRefused("in_channels", 1, "in_channels", "3");
    assertConfigRefused("out_channels", 4, "out_channels", "3");
    assertConfigRefused("layers_per_block", 0, "layers_per_block", "at least 1");
    assertConfigRefused("latent_channels", -4, "latent_channels", "at least 1");
    assertConfigRefused("sample_size", "large", "sample_size", "at least 1");
    assertConfigRefused("use_quant_conv", "no", "use_quant_conv", "true or false");
    assertConfigRefused("double_z", true, "double_z = true", "does not know");
  }

  @Test
  void refusesOtherShapes() {
    try (AutoencoderKl vae = open("four-levels", new VaeTiling(4, 1));
        ComputeScope scope = ComputeScope.open(1)) {
      assertThatThrownBy(() -> vae.decode(HostTensors.of(new float[12], 1, 3, 2, 2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[1, 3, 2, 2]")
          .hasMessageContaining("[n, 4,");
      assertThatThrownBy(() -> vae.decode(HostTensors.of(new float[16], 4, 2, 2)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> vae.encode(HostTensors.of(new float[3 * 7 * 8], 1, 3, 7, 8)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at least 8");
      assertThatThrownBy(() -> vae.encode(HostTensors.of(new float[3 * 33 * 8], 1, 3, 33, 8)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("multiples of 8");
    }
  }

  @Test
  void listsTheParametersOfItsFile() {
    Map<String, List<Long>> listed = new TreeMap<>();
    AutoencoderKl.listParameters(
        checkpoint("four-levels").vaeConfig(),
        (name, shape) -> listed.put(name, Arrays.stream(shape).boxed().toList()));
    Map<String, List<Long>> expected = new TreeMap<>();
    shapes().forEach((name, shape) -> expected.put(name, Arrays.stream(shape).boxed().toList()));
    assertThat(listed).isEqualTo(expected);
  }

  @Test
  void leavesNoNativeObjectsBehind() {
    try (AutoencoderKl vae = open("four-levels", new VaeTiling(4, 1))) {
      float[] numbers = wave(3 * 4 * 5 * 3);
      long after = 0;
      for (int i = 0; i < 50; i++) {
        try (ComputeScope scope = ComputeScope.open(1)) {
          LatentDistribution posterior =
              vae.encode(vae.decode(HostTensors.of(numbers, 3, 4, 5, 3)));
          posterior.sample(posterior.mean());
        }
        if (i == 0) {
          after = Pointer.totalCount();
        }
      }
      assertThat(Pointer.totalCount()).isEqualTo(after);
    }
  }

  @Test
  void refusesToWorkWhenClosed() {
    AutoencoderKl vae = open("one-level", null);
    vae.close();
    try (ComputeScope scope = ComputeScope.open(1)) {
      assertThatThrownBy(() -> vae.decode(HostTensors.of(new float[16], 1, 4, 2, 2)))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  private void assertConfigRefused(String field, Object value, String... parts) {
    Map<String, @Nullable Object> fields =
        new LinkedHashMap<>(checkpoint("four-levels").vaeConfig().fields());
    fields.put(field, value);
    assertThatThrownBy(
            () -> AutoencoderKl.listParameters(JsonConfig.of("vae.json", fields), (n, s) -> {}))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(parts)
        .hasMessageContaining("vae.json");
  }

  private void assertRefused(Consumer<Map<String, long[]>> change, String... parts)
      throws IOException {
    CheckpointFiles checkpoint = rewritten("changed", change);
    assertThatThrownBy(() -> AutoencoderKl.open(checkpoint.vaeConfig(), checkpoint.vaeWeights()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContainingAll(parts);
  }

  /** The model four-levels with other tensors in the autoencoder's file. */
  private CheckpointFiles rewritten(String name, Consumer<Map<String, long[]>> change)
      throws IOException {
    Path target = GoldenModel.write("four-levels", folder.resolve(name));
    Map<String, long[]> shapes = shapes();
    change.accept(shapes);
    Files.delete(target.resolve(WEIGHTS));
    RandomWeights.write(target.resolve(WEIGHTS), shapes, 1, "F32");
    return CheckpointFiles.open(target);
  }

  private static Map<String, long[]> shapes() {
    Map<?, ?> components = (Map<?, ?>) Golden.json("models/four-levels/manifest").get("components");
    Map<String, long[]> shapes = new TreeMap<>();
    ((Map<?, ?>) components.get("vae"))
        .forEach(
            (name, shape) ->
                shapes.put(
                    (String) name,
                    ((List<?>) shape).stream().mapToLong(d -> ((Number) d).longValue()).toArray()));
    return shapes;
  }

  private AutoencoderKl open(String model, @Nullable VaeTiling tiling) {
    CheckpointFiles checkpoint = checkpoint(model);
    return AutoencoderKl.open(checkpoint.vaeConfig(), checkpoint.vaeWeights(), tiling);
  }

  private CheckpointFiles checkpoint(String model) {
    Path target = folder.resolve(model);
    return CheckpointFiles.open(Files.exists(target) ? target : GoldenModel.write(model, target));
  }

  /** The golden data holds what the autoencoder itself is given, not what the denoiser makes. */
  private static Tensor scaled(AutoencoderKl vae, Tensor latents) {
    return latents.mul(new Scalar(vae.scalingFactor()));
  }

  private static Tensor tensor(Golden golden, String name) {
    return HostTensors.of(golden.floats(name), golden.shape(name));
  }

  private static void assertLike(Golden golden, String name, Tensor actual) {
    assertThat(HostTensors.shape(actual)).isEqualTo(golden.shape(name));
    Golden.assertClose(name, HostTensors.toFloats(actual), golden.floats(name), TOLERANCE);
  }

  private static void assertSame(String what, Tensor actual, Tensor expected) {
    Golden.assertClose(
        what, HostTensors.toFloats(actual), HostTensors.toFloats(expected), TOLERANCE);
  }

  private static float[] wave(long count) {
    float[] values = new float[Math.toIntExact(count)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(0.7 * i);
    }
    return values;
  }
}
