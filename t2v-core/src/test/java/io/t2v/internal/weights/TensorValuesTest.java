package io.t2v.internal.weights;

import static io.t2v.testing.RawSafetensors.header;
import static io.t2v.testing.RawSafetensors.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.files.TensorReader;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.StagingMemory;
import io.t2v.testing.RawSafetensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The numbers that come out of a file. */
class TensorValuesTest {
  @TempDir Path folder;

  @Test
  void readsFloat32() {
    write(tensor("a", "F32", "[2,2]", 0, 16), floats(1, -2.5f, Float.MIN_VALUE, 3e38f));
    assertThat(read("a", 2, 2)).containsExactly(1, -2.5f, Float.MIN_VALUE, 3e38f);
  }

  @Test
  void convertsFloat16() {
    write(tensor("a", "F16", "[4]", 0, 8), shorts(0x3c00, 0xc100, 0x7bff, 0x0001));
    assertThat(read("a", 4)).containsExactly(1, -2.5f, 65504, 0x1p-24f);
  }

  @Test
  void convertsBfloat16() {
    write(tensor("a", "BF16", "[3]", 0, 6), shorts(0x3f80, 0xc020, 0x7f7f));
    assertThat(read("a", 3)).containsExactly(1, -2.5f, Float.intBitsToFloat(0x7f7f0000));
  }

  @Test
  void readsTensorsThatAreNotAligned() {
    String entries = tensor("b", "U8", "[1]", 0, 1) + "," + tensor("a", "F32", "[3]", 1, 13);
    ByteBuffer data = ByteBuffer.allocate(13).put((byte) 9).put(floats(1.5f, -2, 3));
    write(entries, data.array());
    assertThat(read("a", 3)).containsExactly(1.5f, -2, 3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "  ", "   "})
  void readsTensorsBehindAHeaderOfAnyLength(String blanks) {
    RawSafetensors.write(
        file(), header(tensor("a", "F16", "[2]", 0, 4)) + blanks, shorts(0x3c00, 0x4000));
    assertThat(read("a", 2)).containsExactly(1, 2);
  }

  @Test
  void readsScalars() {
    write(tensor("a", "F32", "[]", 0, 4), floats(7));
    assertThat(read("a")).containsExactly(7);
  }

  @Test
  void readsTensorsWithoutElements() {
    String entries = tensor("a", "F32", "[0,3]", 4, 4) + "," + tensor("b", "F32", "[1]", 0, 4);
    write(entries, floats(7));
    assertThat(read("a", 0, 3)).isEmpty();
  }

  @Test
  void dropsDimensionsOfOneAtTheEnd() {
    write(tensor("a", "F32", "[2,1,1]", 0, 8), floats(3, 4));
    assertThat(read("a", 2)).containsExactly(3, 4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"I64", "F64", "U64"})
  void refusesNumbersThatNetworksDoNotComputeWith(String dtype) {
    write(tensor("position", dtype, "[1]", 0, 8), new byte[8]);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> read("position", 1))
        .withMessageContainingAll(
            "Tensor position in " + file(), "number type " + dtype, "F32", "F16", "BF16");
  }

  @Test
  void namesAMissingTensor() {
    write(tensor("a", "F32", "[1]", 0, 4), floats(1));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> read("b", 3, 4))
        .withMessageContainingAll("Tensor b of shape [3, 4] is missing in", file().toString());
  }

  @Test
  void namesExpectedAndFoundShape() {
    write(tensor("a", "F32", "[2,3]", 0, 24), new byte[24]);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> read("a", 3, 2))
        .withMessageContainingAll(
            "Tensor a in " + file(), "has the shape [2, 3]", "expected [3, 2]");
  }

  private Path file() {
    return folder.resolve("model.safetensors");
  }

  private void write(String entries, byte[] data) {
    RawSafetensors.write(file(), header(entries), data);
  }

  /** What is read for the CPU, and what is copied to a device (here the CPU as well), agree. */
  private float[] read(String name, long... shape) {
    try (ComputeScope scope = ComputeScope.open(1);
        NativePool pool = new NativePool();
        TensorReader files = TensorReader.open(TensorFiles.ofFile(file()))) {
      Tensor read = FileSource.of(files, false, pool).tensor(name, shape);
      Tensor copied =
          new ConvertedSource(files, ComputeConfig.cpu(), StagingMemory.none()).tensor(name, shape);
      assertThat(HostTensors.toFloats(copied)).isEqualTo(HostTensors.toFloats(read));
      return HostTensors.toFloats(read);
    }
  }

  private static byte[] floats(float... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      buffer.putFloat(value);
    }
    return buffer.array();
  }

  private static byte[] shorts(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      buffer.putShort((short) value);
    }
    return buffer.array();
  }
}
