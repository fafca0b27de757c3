package io.t2v.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.management.ThreadMXBean;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.GoldenAdapters;
import io.t2v.testing.RawPickle;
import io.t2v.testing.RawSafetensors;
import io.t2v.testing.RawTorchFile;
import io.t2v.testing.StoredTensor;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Reading adapters: what they are, and what is refused before anything is computed. */
class AdapterTest {
  private static final long FEW_BYTES = 256L << 20;
  private static final String LAYER = "unet.conv_in";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "peft, PEFT, 16, 16, 0, 2, 4",
    "diffusers.safetensors, PEFT, 19, 16, 3, 2, 4",
    "diffusers-old.safetensors, diffusers, 19, 16, 3, 2, 4",
    "processors.bin, diffusers, 4, 4, 0, 2, 2",
    "kohya.safetensors, kohya, 19, 16, 3, 2, 4",
    "stable.safetensors, stable_lora, 20, 16, 4, 1, 6",
    "webui_stable.safetensors, stable_lora, 19, 16, 3, 2, 6",
    "list-unet.pt, cloneofsimo, 301, -1, -1, 1, 1",
    "list.safetensors, cloneofsimo, 12, 0, 12, 1, 1"
  })
  void saysWhatItIs(
      String file, String format, int layers, int unet, int text, long smallest, long largest) {
    AdapterSummary summary = GoldenAdapters.load(file).summary();
    assertThat(summary.format()).isEqualTo(format);
    assertThat(summary.layers()).isEqualTo(layers);
    assertThat(summary.unetLayers())
        .isEqualTo(unet < 0 ? OptionalInt.empty() : OptionalInt.of(unet));
    assertThat(summary.textEncoderLayers())
        .isEqualTo(text < 0 ? OptionalInt.empty() : OptionalInt.of(text));
    assertThat(summary.smallestRank()).isEqualTo(smallest);
    assertThat(summary.largestRank()).isEqualTo(largest);
  }

  @Test
  void saysWhatTheTrainerWrote() {
    assertThat(GoldenAdapters.load("kohya.safetensors").summary().notes())
        .containsEntry("ss_base_model_version", "modelscope");
    assertThat(GoldenAdapters.load("peft").summary().notes()).containsEntry("peft_type", "LORA");
  }

  @Test
  void scalesOfPartsGoBeforeThatOfAll() {
    Adapter adapter = GoldenAdapters.load("kohya.safetensors");
    assertThat(adapter.scale(0.5).temporalScale()).isEqualTo(0.5);
    Adapter parts = adapter.temporalScale(0).scale(0.5);
    assertThat(parts.temporalScale()).isZero();
    assertThat(parts.spatialScale()).isEqualTo(0.5);
    assertThat(parts.scale()).isEqualTo(0.5);
    assertThat(parts).isEqualTo(adapter.scale(0.5).temporalScale(0));
    assertThat(parts).hasToString(adapter.path() + " at 0.5 (spatial 0.5, temporal 0.0)");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void refusesScalesThatAreNotFinite(double scale) {
    Adapter adapter = GoldenAdapters.load("kohya.safetensors");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> adapter.temporalScale(scale))
        .withMessage("temporalScale is " + scale + ", expected a finite number");
  }

  @ParameterizedTest
  @CsvSource({
    "conv_in.lora_magnitude_vector, magnitudes of DoRA",
    "lora_unet_conv_in.dora_scale, magnitudes of DoRA",
    "lora_unet_conv_in.hada_w1_a, factors of LoHa",
    "lora_unet_conv_in.lokr_w1, factors of LoKr",
    "lora_unet_conv_in.lora_mid.weight, third factors of LoCon",
    "base_model.model.conv_in.modules_to_save.default.weight, whole layers (modules_to_save)",
    "unet.conv_in.lora_B.bias, biases",
    "lora_unet_conv_in.diff, differences of whole weights"
  })
  void refusesOtherKindsByName(String name, String kind) {
    Path file =
        write(
            tensor(LAYER + ".lora_A.weight", 2, 36),
            tensor(LAYER + ".lora_B.weight", 4, 2),
            tensor(name, 4));
    assertRefused(file, kind, name, "leaves nothing out");
  }

  @Test
  void refusesWhatIsNoAdapter() {
    Path file = write(tensor("conv_in.weight", 4, 4));
    assertRefused(file, "no factors of a LoRA: conv_in.weight", "It is no adapter.");
  }

  @ParameterizedTest
  @CsvSource({
    "'2,36', '4,3', expected [out; rank] and [rank; in]",
    "'2,36', '4', expected [out; rank]",
    "'0,36', '4,0', expected [out; rank]",
    "'64,36', '4,64', expected [out; rank]"
  })
  void refusesRanksThatLie(String down, String up, String message) {
    Path file =
        write(
            tensor(LAYER + ".lora_A.weight", longs(down)),
            tensor(LAYER + ".lora_B.weight", longs(up)));
    assertRefused(file, "'" + LAYER + "'", message.replace(';', ','));
  }

  private static long[] longs(String numbers) {
    return Arrays.stream(numbers.split(",", -1)).mapToLong(Long::parseLong).toArray();
  }

  @Test
  void refusesHalfALayer() {
    Path file = write(tensor(LAYER + ".lora_A.weight", 2, 36));
    assertRefused(file, LAYER + ".lora_A.weight alone", "expected both factors");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.NEGATIVE_INFINITY})
  void refusesNumbersThatAreNotFinite(float value) {
    StoredTensor down = tensor(LAYER + ".lora_A.weight", 2, 36);
    ByteBuffer.wrap(down.data()).order(ByteOrder.LITTLE_ENDIAN).putFloat(40, value);
    assertRefused(
        write(down, tensor(LAYER + ".lora_B.weight", 4, 2)),
        LAYER + ".lora_A.weight",
        "not finite");
    Path alpha =
        write(
            tensor("lora_unet_conv_in.lora_down.weight", 2, 36),
            tensor("lora_unet_conv_in.lora_up.weight", 4, 2),
            new StoredTensor("lora_unet_conv_in.alpha", "F32", new long[0], bytes(value)));
    assertRefused(alpha, "lora_unet_conv_in.alpha' is " + value);
  }

  @Test
  void readsAlphaInEveryNumberType() {
    for (String type : List.of("F16", "BF16", "F32")) {
      byte[] one =
          switch (type) {
            case "F16" -> new byte[] {0, 0x3c};
            case "BF16" -> new byte[] {(byte) 0x80, 0x3f};
            default -> bytes(1);
          };
      Path file =
          write(
              tensor("lora_unet_conv_in.lora_down.weight", 2, 36),
              tensor("lora_unet_conv_in.lora_up.weight", 4, 2),
              new StoredTensor("lora_unet_conv_in.alpha", type, new long[0], one));
      assertThat(((LoadedAdapter) Adapter.load(file)).file().layers().values())
          .as(type)
          .allSatisfy(layers -> assertThat(layers.get(0).strength()).isEqualTo(0.5));
    }
  }

  @Test
  void refusesAListOfOddLength() {
    Path file = RawTorchFile.zip(folder.resolve("list.pt"), List.of(tensor("0", 2, 2)));
    assertRefused(file, "list of 1 tensors");
  }

  @Test
  void refusesPeftsFactorsWithoutTheirConfiguration() {
    String layer = "base_model.model.conv_in";
    Path file =
        write(tensor(layer + ".lora_A.weight", 2, 36), tensor(layer + ".lora_B.weight", 4, 2));
    assertRefused(file, layer, "no alpha", "adapter_config.json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"use_dora\": true | use_dora is true",
        "\"bias\": \"all\" | bias is all, expected none",
        "\"peft_type\": \"LOHA\" | peft_type is LOHA, expected LORA",
        "\"modules_to_save\": [\"conv_in\"] | modules_to_save is [conv_in]",
        "\"init_lora_weights\": \"pissa\" | init_lora_weights is pissa",
        "\"lora_alpha\": 1e999 | lora_alpha is Infinity",
        "\"r\": 8 | the rank of base_model.model.conv_in is 8",
        "\"alpha_pattern\": {\"conv.*\": 3} | alpha_pattern is conv.*",
        "\"of_tomorrow\": 1 | of_tomorrow is 1"
      })
  void refusesOptionsThatItDoesNotApply(String option, String message) throws IOException {
    Path peft = Files.createDirectory(folder.resolve("peft"));
    String layer = "base_model.model.conv_in";
    StoredTensor.write(
        peft.resolve("adapter_model.safetensors"),
        List.of(tensor(layer + ".lora_A.weight", 2, 36), tensor(layer + ".lora_B.weight", 4, 2)));
    List<String> options = new ArrayList<>(List.of("\"r\": 2", "\"lora_alpha\": 2"));
    options.removeIf(known -> option.startsWith(known.split(":", -1)[0]));
    options.add(option);
    Files.writeString(peft.resolve("adapter_config.json"), "{" + String.join(", ", options) + "}");
    assertRefused(peft, message);
  }

  @Test
  void refusesAMillionKeysInLittleMemory() {
    StringBuilder header = new StringBuilder("{");
    for (int i = 0; i < 1_000_000; i++) {
      header.append("\"unet.l").append(i).append(".lora_A.weight\":{\"dtype\":\"F32\",");
      header.append("\"shape\":[0],\"data_offsets\":[0,0]},");
    }
    header.setCharAt(header.length() - 1, '}');
    Path file = RawSafetensors.write(folder.resolve("million.safetensors"), header.toString(), 0);
    assertRefused(file, "more than the 33554432");
    StoredTensor[] many =
        IntStream.range(0, 20_000)
            .mapToObj(i -> tensor("unet.l" + i + ".lora_A.weight", 1, 1))
            .toArray(StoredTensor[]::new);
    assertRefused(write(many), "20000 tensors", "expected those of an adapter");
  }

  /** One number that claims to be a billion of them. */
  @Test
  void refusesRepeatedNumbersInLittleMemory() {
    long rank = 1L << 40;
    byte[] pickle =
        new RawPickle()
            .ops("](")
            .then(new RawPickle().tensor("0", 4, 0, new long[] {4, rank}, new long[] {1, 0}))
            .then(new RawPickle().tensor("0", 4, 0, new long[] {rank, 4}, new long[] {0, 1}))
            .ops("e")
            .stop();
    Path file =
        RawSafetensors.bytes(folder.resolve("list.pt"), RawTorchFile.zip(pickle, new byte[16]));
    assertRefused(file, "pair 0", String.valueOf(rank));
  }

  @ParameterizedTest
  @ValueSource(strings = {"kohya.safetensors", "list-text.pt", "processors.bin"})
  void refusesFilesThatAreCutOff(String name) throws IOException {
    byte[] whole = Files.readAllBytes(GoldenAdapters.file(name));
    for (int length : new int[] {0, 7, whole.length / 3, whole.length - 1}) {
      Path file = Files.write(folder.resolve(name), Arrays.copyOf(whole, length));
      assertRefused(file, file.toString());
    }
  }

  @Test
  void executesNothing() {
    byte[] pickle = new RawPickle().global("os", "system").text("true").op(0x85, 'R').stop();
    Path file =
        RawSafetensors.bytes(folder.resolve("lora.pt"), RawTorchFile.zip(pickle, new byte[16]));
    assertRefused(file, "refers to Python's os.system", "executes nothing");
  }

  @Test
  void saysWhatAFolderShouldHold() {
    assertRefused(folder, "There is no adapter in " + folder, "adapter_model.safetensors");
  }

  private void assertRefused(Path path, String... message) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> Adapter.load(path))
        .withMessageContainingAll(message)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1500));
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(FEW_BYTES);
  }

  private Path write(StoredTensor... tensors) {
    return StoredTensor.write(folder.resolve("lora.safetensors"), List.of(tensors));
  }

  private static StoredTensor tensor(String name, long... shape) {
    long elements = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return new StoredTensor(name, "F32", shape, new byte[Math.toIntExact(elements * Float.BYTES)]);
  }

  private static byte[] bytes(float value) {
    return ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array();
  }
}
