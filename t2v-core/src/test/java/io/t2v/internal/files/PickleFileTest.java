package io.t2v.internal.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.io.Resources;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostTensors;
import io.t2v.testing.Golden;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that torch.save wrote; docs/reference/make_pickle_files.py made them. */
class PickleFileTest {
  private static final Set<String> COMPUTABLE =
      Set.of(
          "state_dict.weight",
          "state_dict.bias",
          "plain",
          "half",
          "bfloat",
          "transposed",
          "steps",
          "first rows",
          "last row",
          "expanded",
          "scalar",
          "empty",
          "parameter",
          "größe");
  private static final Map<String, ElementType> OTHERS =
      Map.of(
          "positions", ElementType.I64,
          "int32", ElementType.I32,
          "int16", ElementType.I16,
          "int8", ElementType.I8,
          "uint8", ElementType.U8,
          "flags", ElementType.BOOL,
          "double", ElementType.F64);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "features.bin",
        "features-protocol-5.bin",
        "features-legacy.bin",
        "features-legacy-protocol-4.bin"
      })
  void readsEveryKindOfTensor(String file) {
    TensorFiles files = TensorFiles.ofFile(resource(file));
    Golden expected = Golden.tensors("pickles/features");
    assertThat(files.names()).containsAll(COMPUTABLE).containsAll(OTHERS.keySet());
    assertThat(files.names()).hasSize(COMPUTABLE.size() + OTHERS.size());
    for (String name : COMPUTABLE) {
      assertThat(read(files, name, expected.shape(name)))
          .as(name)
          .containsExactly(expected.floats(name));
    }
    OTHERS.forEach(
        (name, type) -> assertThat(files.file(name).entries().get(name).type()).isEqualTo(type));
  }

  @Test
  void sharesStoragesInTheFile() {
    Map<String, TensorEntry> entries = TensorFormat.open(resource("features.bin")).entries();
    TensorEntry first = entries.get("first rows");
    TensorEntry last = entries.get("last row");
    assertThat(last.offset() - first.offset()).isEqualTo(20 * Float.BYTES);
    assertThat(entries.get("transposed").strides()).containsExactly(1L, 6L);
    assertThat(entries.get("expanded").bytes()).isEqualTo(Float.BYTES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"double", "positions", "flags"})
  void refusesToComputeWithOtherNumbers(String name) {
    Path path = resource("features.bin");
    TensorFiles files = TensorFiles.ofFile(path);
    long[] shape = files.shape(name).stream().mapToLong(Long::longValue).toArray();
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> read(files, name, shape))
        .withMessageContainingAll(
            "Tensor " + name + " in " + path, "number type " + OTHERS.get(name));
  }

  @Test
  void namesTensorsOfAListByTheirPlaces() {
    assertThat(TensorFiles.ofFile(resource("list.bin")).names()).containsExactly("0");
  }

  /** As AUTOMATIC1111's web UI wrote words of textual inversion. */
  @Test
  void readsTheParametersOfAParameterDict() {
    TensorFiles files = TensorFiles.ofFile(resource("word.pt"));
    assertThat(files.names()).containsExactly("string_to_param.*");
    assertThat(read(files, "string_to_param.*", 2, 3)).containsExactly(0, 1, 2, 3, 4, 5);
  }

  @Test
  void refusesWhatIsNoStateDict() {
    Path path = resource("module.bin");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> TensorFiles.ofFile(path))
        .withMessageContainingAll(
            path + " refers to Python's torch.nn.modules.linear.Linear",
            "executes nothing",
            "torch.save(model.state_dict(), path)");
  }

  private static float[] read(TensorFiles files, String name, long... shape) {
    try (ComputeScope scope = ComputeScope.open(1);
        TensorReader reader = TensorReader.open(files)) {
      Tensor tensor = reader.read(name, shape);
      assertThat(tensor.is_contiguous()).isTrue();
      return HostTensors.toFloats(tensor);
    }
  }

  private static Path resource(String file) {
    try {
      return Path.of(Resources.getResource("golden/pickles/" + file).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
