package io.t2v.internal.files;

import static io.t2v.testing.RawSafetensors.header;
import static io.t2v.testing.RawSafetensors.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.weights.RandomWeights;
import io.t2v.testing.RawSafetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers that are JSON, but lie about the tensors. */
class SafetensorsEntryTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("weights.safetensors");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"shape\":[1],\"data_offsets\":[0,4]}",
        "{\"dtype\":\"F32\",\"data_offsets\":[0,4]}",
        "{\"dtype\":\"F32\",\"shape\":[1]}",
        "{\"dtype\":5,\"shape\":[1],\"data_offsets\":[0,4]}",
        "{\"dtype\":null,\"shape\":[1],\"data_offsets\":[0,4]}",
        "{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}",
        "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":4}",
        "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}",
        "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}",
        "[]",
        "null",
        "\"F32\""
      })
  void refusesAnEntryThatLacksAField(String entry) {
    RawSafetensors.write(file, "{\"conv.weight\":" + entry + "}", 4);
    assertRefused("tensor conv.weight lacks dtype, shape or data_offsets");
  }

  @ParameterizedTest
  @ValueSource(strings = {"F128", "f32", "", "FLOAT"})
  void refusesAnUnknownNumberType(String dtype) {
    RawSafetensors.write(file, header(tensor("a", dtype, "[1]", 0, 4)), 4);
    assertRefused("tensor a has the unknown number type " + dtype);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"-1", "1.0", "\"1\"", "null", "[1]", "true", "9223372036854775808", "1e0"})
  void refusesADimensionThatIsNoSize(String dimension) {
    RawSafetensors.write(file, header(tensor("a", "F32", "[1," + dimension + "]", 0, 4)), 4);
    assertRefused("tensor a has ", " where a size is expected");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "0.0", "\"0\"", "null", "18446744073709551615"})
  void refusesAnOffsetThatIsNoSize(String offset) {
    String entry = "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[" + offset + ",4]}";
    RawSafetensors.write(file, header(entry), 4);
    assertRefused("tensor a has ", " where a size is expected");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[9223372036854775807]",
        "[4294967296,4294967296]",
        "[4611686018427387904]",
        "[3037000500,3037000500,1]"
      })
  void refusesAShapeWhoseProductOverflows(String shape) {
    RawSafetensors.write(file, header(tensor("a", "F32", shape, 0, 4)), 4);
    assertRefused("tensor a has the impossible shape", shape.replace(",", ", "));
  }

  @Test
  void acceptsNoElementsHoweverLargeTheOtherDimensions() {
    RawSafetensors.write(file, header(tensor("a", "F32", "[0,9223372036854775807,3]", 0, 0)), 0);
    assertThat(SafetensorsFile.open(file).entries()).containsOnlyKeys("a");
  }

  @Test
  void refusesOffsetsInReverse() {
    RawSafetensors.write(file, header(tensor("a", "F32", "[1]", 4, 0)), 4);
    assertRefused("tensor a lies at bytes 4 to 0, but there are 4 bytes of data");
  }

  @ParameterizedTest
  @CsvSource({"0, 8", "4, 8", "0, 9223372036854775807", "9223372036854775803, 9223372036854775807"})
  void refusesATensorBeyondTheEnd(long begin, long end) {
    RawSafetensors.write(file, header(tensor("a", "F32", "[1]", begin, end)), 4);
    assertRefused(
        "tensor a lies at bytes " + begin + " to " + end + ", but there are 4 bytes of data",
        "If the file was downloaded, it may have been cut off");
  }

  @ParameterizedTest
  @CsvSource({"F32, '[3]', 12, 8", "F16, '[2,2]', 8, 16", "F32, '[]', 4, 8", "I64, '[1]', 8, 4"})
  void refusesASizeThatContradictsTheShape(String dtype, String shape, int needed, int has) {
    RawSafetensors.write(file, header(tensor("a", dtype, shape, 0, has)), has);
    assertRefused(
        "tensor a of shape " + shape.replace(",", ", ") + " and type " + dtype,
        "needs " + needed + " bytes, but has " + has);
  }

  @Test
  void refusesTensorsThatOverlap() {
    RawSafetensors.write(
        file, header(tensor("a", "F32", "[2]", 0, 8), tensor("b", "F32", "[2]", 4, 12)), 12);
    assertRefused("tensor b begins at byte", "tensors overlap, or leave a hole");
  }

  @Test
  void refusesTwoTensorsInOnePlace() {
    RawSafetensors.write(
        file, header(tensor("a", "F32", "[2]", 0, 8), tensor("b", "F32", "[2]", 0, 8)), 8);
    assertRefused("tensors overlap, or leave a hole");
  }

  @Test
  void refusesAHoleBetweenTensors() {
    RawSafetensors.write(
        file, header(tensor("a", "F32", "[1]", 0, 4), tensor("b", "F32", "[1]", 8, 12)), 12);
    assertRefused("tensor b begins at byte", "tensors overlap, or leave a hole");
  }

  @Test
  void refusesAHoleBeforeTheFirstTensor() {
    RawSafetensors.write(file, header(tensor("a", "F32", "[1]", 4, 8)), 8);
    assertRefused("tensor a begins at byte", "tensors overlap, or leave a hole");
  }

  @Test
  void refusesBytesAfterTheLastTensor() {
    String header = header(tensor("a", "F32", "[1]", 0, 4));
    RawSafetensors.write(file, header, 5);
    int end = 8 + header.length() + 4;
    assertRefused("its tensors end at byte " + end + ", but the file has " + (end + 1) + " bytes");
  }

  @Test
  void acceptsTensorsInAnyOrderOfTheHeader() {
    RawSafetensors.write(
        file,
        header(
            tensor("c", "F32", "[0]", 4, 4),
            tensor("b", "F32", "[1]", 4, 8),
            tensor("a", "F32", "[]", 0, 4)),
        8);
    Map<String, TensorEntry> entries = SafetensorsFile.open(file).entries();
    assertThat(entries).containsOnlyKeys("a", "b", "c");
    assertThat(entries.get("a").shape()).isEmpty();
    assertThat(entries.get("c").shape()).containsExactly(0L);
  }

  static IntStream twentieths() {
    return IntStream.range(0, 20);
  }

  @ParameterizedTest
  @MethodSource("twentieths")
  void refusesARealFileThatWasCutOff(int twentieth) throws IOException {
    RandomWeights.write(
        file, Map.of("a.weight", new long[] {40, 7}, "b.bias", new long[] {40}), 1, "F32");
    byte[] whole = Files.readAllBytes(file);
    SafetensorsFile.open(file);
    RawSafetensors.bytes(file, Arrays.copyOf(whole, whole.length * twentieth / 20));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> SafetensorsFile.open(file))
        .withMessageStartingWith(file + " is no intact safetensors file: ")
        .satisfies(
            e ->
                assertThat(e.getMessage())
                    .containsAnyOf("not even the 8", "its header ends at byte", "cut off"));
  }

  @Test
  void refusesFlippedBitsInTheHeaderOrReadsAConsistentOne() throws IOException {
    RandomWeights.write(file, Map.of("a", new long[] {5}, "b", new long[] {3}), 1, "F32");
    byte[] whole = Files.readAllBytes(file);
    int headerEnd = whole.length - 8 * Float.BYTES;
    for (int bit = 0; bit < headerEnd * 8; bit++) {
      byte[] flipped = whole.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      RawSafetensors.bytes(file, flipped);
      assertReadsOrRefuses(bit);
    }
  }

  private void assertReadsOrRefuses(int bit) {
    try {
      SafetensorsFile.open(file)
          .entries()
          .values()
          .forEach(
              entry ->
                  assertThat(entry.offset() + entry.bytes()).isLessThanOrEqualTo(sizeOf(file)));
    } catch (CheckpointException e) {
      assertThat(e.getMessage()).as("bit %s", bit).contains(file.toString());
    }
  }

  private static long sizeOf(Path file) {
    return file.toFile().length();
  }

  private void assertRefused(String... parts) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> SafetensorsFile.open(file))
        .withMessageStartingWith(file + " is no intact safetensors file: ")
        .satisfies(e -> assertThat(e.getMessage()).contains(parts));
  }
}
