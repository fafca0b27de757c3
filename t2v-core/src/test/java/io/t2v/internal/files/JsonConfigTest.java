package io.t2v.internal.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.Warnings;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options of networks: files with limits, numbers with bounds, options that nobody knows. */
class JsonConfigTest {
  @TempDir Path folder;

  @Test
  void refusesFilesThatAreNoText() throws Exception {
    Path pipe = folder.resolve("pipe.json");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Path endless = Files.createSymbolicLink(folder.resolve("zero.json"), Path.of("/dev/zero"));
    Path large = folder.resolve("large.json");
    try (RandomAccessFile file = new RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(3L << 30);
    }
    for (Path file : List.of(pipe, endless, large, folder)) {
      assertRefused(() -> JsonConfig.read(file), file.toString(), "expected");
    }
    assertRefused(() -> JsonConfig.read(large), "3,221,225,472 bytes");
    assertRefused(
        () -> JsonConfig.read(folder.resolve("none.json")),
        "There is no file " + folder.resolve("none.json"));
  }

  @ParameterizedTest
  @CsvSource({
    "layers_per_block, 64",
    "num_hidden_layers, 512",
    "unet_res_blocks, 64",
    "vocab_size, 16777216",
    "in_channels, 65536"
  })
  void boundsEveryNumber(String name, int most) {
    assertThat(config(name, most).positive(name, 1)).isEqualTo(most);
    assertThat(config(name, most).nonNegative(name, 1)).isEqualTo(most);
    for (int tooMuch : new int[] {most + 1, Integer.MAX_VALUE}) {
      String message = name + " is " + tooMuch + ", expected at most " + most + ".";
      assertRefused(() -> config(name, tooMuch).positive(name, 1), message);
      assertRefused(() -> config(name, tooMuch).nonNegative(name, 1), message);
      assertRefused(() -> config(name, List.of(1, tooMuch)).positives(name, List.of()), "at most");
    }
    assertRefused(() -> config(name, 0).positive(name, 1), "an integer of at least 1");
    assertRefused(() -> config(name, -1).nonNegative(name, 1), "an integer of at least 0");
    assertThat(config(name, 0).nonNegative(name, 1)).isZero();
  }

  @Test
  void boundsEveryList() {
    List<Integer> levels = Collections.nCopies(16, 8);
    assertThat(config("a", levels).positives("a", List.of())).isEqualTo(levels);
    assertRefused(
        () -> config("a", Collections.nCopies(17, 8)).positives("a", List.of()),
        "a is [8, 8",
        "at most 16 entries");
    assertThat(config("a", Collections.nCopies(16, "x")).texts("a", List.of())).hasSize(16);
    assertRefused(
        () -> config("a", Collections.nCopies(17, "x")).texts("a", List.of()),
        "at most 16 entries");
  }

  @Test
  void readsNumbersAsPythonWritesThem() throws IOException {
    Path file = folder.resolve("config.json");
    Files.writeString(file, "{\"a\": -Infinity, \"b\": NaN, \"c\": Infinity, \"d\": 1e-5}");
    JsonConfig config = JsonConfig.read(file);
    assertThat(config.raw("a")).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(config.number("d", 0)).isEqualTo(1e-5);
    assertRefused(
        () -> config.number("a", 0), file + ": a is -Infinity, expected a number that is finite");
    assertRefused(() -> config.number("b", 0), "b is NaN");
    assertRefused(() -> config.positive("c", 1), "c is Infinity, expected an integer");
  }

  @Test
  void warnsOfUnknownOptionsThatChangeNothing() {
    JsonConfig config =
        JsonConfig.of(
            "unet/config.json",
            Map.of(
                "resnet_time_scale_shift",
                "default",
                "conv_in_kernel",
                3.0,
                "new_switch",
                false,
                "_note",
                "x"));
    try (Warnings warnings = Warnings.of(JsonConfig.class)) {
      config.requireAllRead();
      assertThat(warnings.messages())
          .singleElement()
          .asString()
          .startsWith("unet/config.json has options that this library does not know")
          .contains("conv_in_kernel = 3.0, resnet_time_scale_shift = default")
          .doesNotContain("_note", "new_switch");
    }
    assertRefused(
        () -> config.unread(true).requireAllRead(),
        "options that this library does not know: [conv_in_kernel = 3.0, new_switch = false,");
  }

  @ParameterizedTest
  @CsvSource({"resnet_time_scale_shift, scale_shift", "conv_in_kernel, 5", "anything, 1"})
  void refusesUnknownOptionsThatChangeSomething(String name, String value) {
    assertRefused(
        () -> config(name, value.matches("\\d") ? Integer.valueOf(value) : value).requireAllRead(),
        "does not know: [" + name + " = " + value + "]");
  }

  @Test
  void saysNothingOfWhatWasReadOrIsAbsent() {
    JsonConfig config = config("a", 5);
    assertThat(config.positive("a", 1)).isEqualTo(5);
    try (Warnings warnings = Warnings.of(JsonConfig.class)) {
      config.requireAllRead();
      JsonConfig.of("x", Collections.singletonMap("b", null)).unread(true).requireAllRead();
      assertThat(warnings.messages()).isEmpty();
    }
    assertThatCode(() -> config.unread(false).positive("a", 1)).doesNotThrowAnyException();
    assertRefused(() -> config.unread(false).requireAllRead(), "a = 5");
  }

  @Test
  void namesSomeOfManyUnknownOptions() {
    Map<String, Object> options = new HashMap<>();
    for (int i = 0; i < 500_000; i++) {
      options.put("option-" + i, 1);
    }
    options.put("a" + "x".repeat(1_000), 1);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> JsonConfig.of("config", options).requireAllRead())
        .extracting(Throwable::getMessage, InstanceOfAssertFactories.STRING)
        .contains("option-10 = 1", "] and 499,981 more")
        .hasSizeLessThan(1_000);
  }

  private static JsonConfig config(String name, Object value) {
    return JsonConfig.of("config", Map.of(name, value));
  }

  private static void assertRefused(ThrowingCallable reading, String... parts) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(reading)
        .withMessageContainingAll(parts);
  }
}
