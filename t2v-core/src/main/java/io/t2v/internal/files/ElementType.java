package io.t2v.internal.files;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** Number types of tensors in files, by the names that safetensors gives them. */
enum ElementType {
  BOOL(1),
  U8(1),
  I8(1),
  F8_E5M2(1),
  F8_E4M3(1),
  I16(2),
  U16(2),
  F16(2, ScalarType.Half),
  BF16(2, ScalarType.BFloat16),
  I32(4),
  U32(4),
  F32(4, ScalarType.Float),
  F64(8),
  I64(8),
  U64(8);

  private final int bytes;
  private final @Nullable ScalarType scalarType;

  ElementType(int bytes) {
    this(bytes, null);
  }

  ElementType(int bytes, @Nullable ScalarType scalarType) {
    this.bytes = bytes;
    this.scalarType = scalarType;
  }

  /** Bytes of one number. */
  int bytes() {
    return bytes;
  }

  /** libtorch's name, or null if networks do not compute with such numbers. */
  @Nullable ScalarType scalarType() {
    return scalarType;
  }

  /** The type of this name, or null if there is none. */
  static @Nullable ElementType named(String name) {
    return Arrays.stream(values()).filter(type -> type.name().equals(name)).findAny().orElse(null);
  }

  /** The types that networks compute with. */
  static ImmutableList<ElementType> computable() {
    return Arrays.stream(values())
        .filter(type -> type.scalarType != null)
        .collect(ImmutableList.toImmutableList());
  }
}
