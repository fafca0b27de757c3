package io.t2v.internal.files;

import com.google.common.collect.ImmutableMap;
import java.nio.file.Path;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A file of tensors whose bytes lie in it as they are, of any format. Immutable. */
public interface TensorFile {
  /** Where the file is. */
  Path path();

  /** Its length in bytes. */
  long size();

  /** Its tensors by name, in the order of the file, checked: none reaches beyond the file. */
  ImmutableMap<String, TensorEntry> entries();

  /**
   * Maps the whole file: private, lazy, copy-on-write.
   *
   * @return bytes; whatever is cut from them keeps the mapping alive
   */
  default Tensor map() {
    return torch.from_file(
        path().toString(),
        new BoolOptional(false),
        new LongOptional(size()),
        new TensorOptions(ScalarType.Byte));
  }
}
