package io.t2v.internal.unet3d;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.collect.ImmutableMap;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.files.JsonConfig;
import io.t2v.internal.nn.Activation;
import io.t2v.internal.nn.Conv2d.TradeOff;
import io.t2v.unet.LatentSize;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The options of a UNet: defaults, and values that cannot be. */
class UnetConfigTest {
  private static final Map<String, Object> TWO_LEVELS =
      ImmutableMap.of(
          "block_out_channels", List.of(16, 32),
          "norm_num_groups", 4,
          "attention_head_dim", 8,
          "down_block_types", List.of("CrossAttnDownBlock3D", "DownBlock3D"),
          "up_block_types", List.of("UpBlock3D", "CrossAttnUpBlock3D"));

  @Test
  void hasTheReferencesDefaults() {
    UnetConfig config = UnetConfig.read(JsonConfig.of("empty", Map.of()));
    assertThat(config.blockOutChannels()).containsExactly(320, 640, 1280, 1280);
    assertThat(config.headDims()).containsExactly(64, 64, 64, 64);
    assertThat(config.crossAttentionDim()).isEqualTo(1024);
    assertThat(config.layersPerBlock()).isEqualTo(2);
    assertThat(config.normGroups()).isEqualTo(32);
    assertThat(config.normEpsilon()).isEqualTo(1e-5);
    assertThat(config.activation()).isEqualTo(Activation.SILU);
    assertThat(config.sampleSize()).isEmpty();
    assertThat(config.timeCondProjDim()).isZero();
  }

  @Test
  void onlyTheInnermostOfSeveralLevelsSavesMemory() {
    UnetConfig four = UnetConfig.read(JsonConfig.of("empty", Map.of()));
    assertThat(IntStream.range(0, 4).mapToObj(four::tradeOff))
        .containsExactly(TradeOff.SPEED, TradeOff.SPEED, TradeOff.SPEED, TradeOff.MEMORY);
    Map<String, @Nullable Object> fields = with("block_out_channels", List.of(16));
    fields.put("down_block_types", List.of("CrossAttnDownBlock3D"));
    fields.put("up_block_types", List.of("CrossAttnUpBlock3D"));
    UnetConfig one = UnetConfig.read(JsonConfig.of("test", fields));
    assertThat(one.tradeOff(0)).isEqualTo(TradeOff.SPEED);
  }

  @Test
  void readsBothFormsOfASize() {
    assertThat(read("sample_size", 8).sampleSize()).contains(new LatentSize(8, 8));
    assertThat(read("sample_size", List.of(5, 7)).sampleSize()).contains(new LatentSize(5, 7));
    assertThat(read("sample_size", null).sampleSize()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "in_channels",
        "out_channels",
        "layers_per_block",
        "norm_num_groups",
        "cross_attention_dim",
        "attention_head_dim",
        "sample_size",
        "time_cond_proj_dim"
      })
  void refusesWhatIsNoPositiveInteger(String field) {
    for (Object value : List.of(0, -1, 1.5, "8", true, 1L << 40)) {
      assertRefused(field, value, "an integer of at least 1");
    }
  }

  @Test
  void refusesAGuidanceEmbeddingWithoutRoomForSines() {
    assertRefused("time_cond_proj_dim", 3, "at least 4, for the guidance scale's sines");
    assertThat(read("time_cond_proj_dim", 4).timeCondProjDim()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "in_channels",
        "out_channels",
        "layers_per_block",
        "norm_num_groups",
        "cross_attention_dim"
      })
  void refusesNullWhereANumberIsNeeded(String field) {
    assertRefused(field, null, "an integer of at least 1");
  }

  @Test
  void refusesNegativePadding() {
    assertRefused("downsample_padding", -1, "an integer of at least 0");
    assertThat(read("downsample_padding", 0).downsamplePadding()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mid_block_scale_factor", "norm_eps"})
  void refusesWhatIsNoNumber(String field) {
    for (Object value : List.of("1", true, List.of(), Double.NaN, Double.POSITIVE_INFINITY)) {
      assertRefused(field, value, "a number");
    }
  }

  @Test
  void refusesToDivideByZero() {
    assertRefused("mid_block_scale_factor", 0, "a number other than 0");
  }

  @Test
  void refusesANegativeEpsilon() {
    assertRefused("norm_eps", -1e-5, "a number of at least 0");
    assertThat(read("norm_eps", 0).normEpsilon()).isZero();
  }

  @Test
  void refusesAnUnknownActivation() {
    assertRefused("act_fn", "tanhshrink", "one of");
    assertRefused("act_fn", 3, "");
  }

  @Test
  void refusesListsThatAreNone() {
    for (Object value : List.of(16, "16", List.of(), List.of(16, 0), List.of(16, "32"))) {
      assertRefused("block_out_channels", value, "a list of integers of at least 1");
    }
    for (Object value : List.of("DownBlock3D", List.of(), List.of("DownBlock3D", 1))) {
      assertRefused("down_block_types", value, "a list of strings");
      assertRefused("up_block_types", value, "a list of strings");
    }
  }

  @Test
  void refusesBlocksOfAnotherKind() {
    assertRefused(
        "down_block_types",
        List.of("DownBlock2D", "DownBlock3D"),
        "only CrossAttnDownBlock3D and DownBlock3D");
    assertRefused(
        "up_block_types",
        List.of("UpBlock3D", "DownBlock3D"),
        "only CrossAttnUpBlock3D and UpBlock3D");
  }

  @Test
  void refusesListsOfAnotherLengthThanTheLevels() {
    String expected = "as many entries as block_out_channels has: 2";
    assertRefused("down_block_types", List.of("DownBlock3D"), expected);
    assertRefused("up_block_types", List.of("UpBlock3D", "UpBlock3D", "UpBlock3D"), expected);
    assertRefused("attention_head_dim", List.of(8), expected);
  }

  @Test
  void refusesChannelsThatDoNotFitTheGroups() {
    assertRefused("block_out_channels", List.of(16, 30), "multiples of norm_num_groups = 4");
    assertRefused("norm_num_groups", 5, "block_out_channels", "multiples of norm_num_groups = 5");
  }

  @Test
  void refusesAnOddNumberOfChannelsForTheTimestepsSines() {
    Map<String, @Nullable Object> fields = with("block_out_channels", List.of(15, 30));
    fields.put("norm_num_groups", 5);
    assertRefused(fields, "block_out_channels is [15, 30]", "an even first number");
  }

  @Test
  void refusesHeadsWiderThanTheirLevel() {
    assertRefused("attention_head_dim", 17, "at most the level's channels, 16");
    assertRefused("attention_head_dim", List.of(16, 33), "at most the level's channels, 32");
  }

  @Test
  void refusesSizesOfOneOrThreeNumbers() {
    assertRefused("sample_size", List.of(8), "one number, or height and width");
    assertRefused("sample_size", List.of(8, 8, 8), "one number, or height and width");
    assertRefused("sample_size", List.of(8, -8), "a list of integers of at least 1");
  }

  @Test
  void refusesTheOptionThatTheReferenceRefuses() {
    assertRefused("num_attention_heads", 8, "use attention_head_dim");
  }

  @Test
  void refusesUnknownOptionsByName() {
    Map<String, @Nullable Object> fields = with("use_linear_projection", true);
    fields.put("addition_embed_type", "text");
    assertRefused(
        fields,
        "test has options that this library does not know",
        "addition_embed_type = text",
        "use_linear_projection = true");
  }

  @Test
  void acceptsUnknownOptionsThatAreOff() {
    Map<String, @Nullable Object> fields = with("addition_embed_type", null);
    fields.put("use_linear_projection", false);
    fields.put("_name_or_path", "/somewhere");
    assertThat(UnetConfig.read(JsonConfig.of("test", fields)).levels()).isEqualTo(2);
  }

  private static UnetConfig read(String field, @Nullable Object value) {
    return UnetConfig.read(JsonConfig.of("test", with(field, value)));
  }

  private static Map<String, @Nullable Object> with(String field, @Nullable Object value) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>(TWO_LEVELS);
    fields.put(field, value);
    return fields;
  }

  private static void assertRefused(String field, @Nullable Object value, String... expected) {
    String found = field.equals("norm_num_groups") ? "test: " : "test: " + field + " is " + value;
    assertRefused(with(field, value), found);
    assertRefused(with(field, value), expected);
  }

  private static void assertRefused(Map<String, @Nullable Object> fields, String... parts) {
    assertThatExceptionOfType(CheckpointException.class)
        .as(Arrays.toString(parts))
        .isThrownBy(() -> UnetConfig.read(JsonConfig.of("test", fields)))
        .withMessageContainingAll(parts);
  }
}
