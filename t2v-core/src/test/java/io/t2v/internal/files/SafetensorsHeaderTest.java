package io.t2v.internal.files;

import static io.t2v.testing.RawSafetensors.header;
import static io.t2v.testing.RawSafetensors.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.testing.RawSafetensors;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files whose header is missing, cut off, or no header at all. */
class SafetensorsHeaderTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameTheFile() {
    file = folder.resolve("weights.safetensors");
  }

  @Test
  void namesAMissingFile() {
    assertRefused("There is no file " + file);
  }

  @Test
  void refusesAFolder() throws IOException {
    Files.createDirectory(file);
    assertRefused(file + " is no regular file");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7})
  void refusesAFileShorterThanTheHeadersLength(int bytes) {
    RawSafetensors.bytes(file, new byte[bytes]);
    assertRefused("it has " + bytes + " bytes, not even the 8 of the header's length");
  }

  @Test
  void refusesAHeaderThatEndsAfterTheFile() {
    RawSafetensors.bytes(file, lengthAndBytes(93, 40));
    assertRefused("its header ends at byte 101, but the file has 48 bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "-1, 18446744073709551615",
    "-9223372036854775808, 9223372036854775808",
    "9223372036854775807, 9223372036854775807",
    "33554433, 33554433"
  })
  void refusesAHeaderOfImpossibleLength(long length, String unsigned) {
    RawSafetensors.bytes(file, lengthAndBytes(length, 40));
    assertRefused("its header claims " + unsigned + " bytes", "33554432 that this library accepts");
  }

  @Test
  void refusesAHeaderOfHundredMegabytesWithoutReadingIt() throws IOException {
    long length = 100L << 20;
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(Long.BYTES + length);
      sparse.write(lengthAndBytes(length, 0));
    }
    assertRefused("its header claims 104857600 bytes", "33554432 that this library accepts");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "    ", "no json", "{\"a\":", "{]", "{\"a\" 1}", "\u0000\u0000\u0000"})
  void refusesAHeaderThatIsNoJson(String header) {
    RawSafetensors.write(file, header, 0);
    assertRefused("its header is no JSON object");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "[{}]", "null", "1", "true", "\"text\""})
  void refusesAHeaderThatIsNoObject(String header) {
    RawSafetensors.write(file, header, 0);
    assertRefused("its header is no JSON object");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{} {}", "{}x", "{},", "{}\u0000"})
  void refusesTextAfterTheHeadersObject(String header) {
    RawSafetensors.write(file, header, 0);
    assertRefused("its header is no JSON object");
  }

  @Test
  void refusesATensorThatIsThereTwice() {
    String twice = header(tensor("a", "F32", "[1]", 0, 4), tensor("a", "F32", "[1]", 0, 4));
    RawSafetensors.write(file, twice, 4);
    assertRefused("its header is no JSON object", "the key \"a\" twice");
  }

  @Test
  void refusesAFieldThatIsThereTwice() {
    RawSafetensors.write(
        file,
        "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        4);
    assertRefused("its header is no JSON object", "the key \"dtype\" twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{\"a\":"})
  void refusesAHeaderOfTenThousandLevels(String level) {
    RawSafetensors.write(file, "{\"deep\":" + level.repeat(10_000), 0);
    assertRefused("its header is no JSON object", "nesting depth");
  }

  @Test
  void refusesAHeaderThatIsNoUtf8() {
    byte[] latin = header(tensor("é", "F32", "[1]", 0, 4)).getBytes(StandardCharsets.ISO_8859_1);
    RawSafetensors.write(file, latin, new byte[4]);
    assertRefused("its header is no JSON object", "UTF-8");
  }

  @Test
  void refusesAHeaderInUtf16() {
    byte[] wide = header(tensor("a", "F32", "[1]", 0, 4)).getBytes(StandardCharsets.UTF_16LE);
    RawSafetensors.write(file, wide, new byte[4]);
    assertRefused("its header is no JSON object");
  }

  @Test
  void acceptsAnEmptyObject() {
    RawSafetensors.write(file, "{}", 0);
    assertThat(SafetensorsFile.open(file).entries()).isEmpty();
  }

  @Test
  void acceptsMetadataAndBlanksAfterTheObject() {
    RawSafetensors.write(
        file,
        header("\"__metadata__\":{\"format\":\"pt\"}", tensor("a", "F32", "[1]", 0, 4)) + "     ",
        4);
    assertThat(SafetensorsFile.open(file).entries()).containsOnlyKeys("a");
  }

  @Test
  void acceptsNamesInAnyScript() {
    RawSafetensors.write(file, header(tensor("層.重み", "F32", "[1]", 0, 4)), 4);
    assertThat(SafetensorsFile.open(file).entries()).containsOnlyKeys("層.重み");
  }

  private static byte[] lengthAndBytes(long length, int bytes) {
    return ByteBuffer.allocate(Long.BYTES + bytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .array();
  }

  private void assertRefused(String... parts) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> SafetensorsFile.open(file))
        .withMessageContaining(file.toString())
        .satisfies(e -> assertThat(e.getMessage()).contains(parts));
  }
}
