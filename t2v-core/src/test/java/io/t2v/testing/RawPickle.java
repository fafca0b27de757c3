package io.t2v.testing;

import com.google.common.primitives.Longs;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A pickle instruction by instruction, right and wrong ones. */
public final class RawPickle {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  public RawPickle() {
    op(0x80, 2);
  }

  /** Appends bytes as they are: instructions, and what belongs to them. */
  public RawPickle op(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  /** Appends instructions that are letters. */
  public RawPickle ops(String letters) {
    out.writeBytes(letters.getBytes(StandardCharsets.ISO_8859_1));
    return this;
  }

  public RawPickle global(String module, String name) {
    return ops("c" + module + "\n" + name + "\n");
  }

  public RawPickle text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return ops("X").int32(bytes.length).raw(bytes);
  }

  public RawPickle number(long value) {
    byte[] bytes = Longs.toByteArray(Long.reverseBytes(value));
    return op(0x8a, bytes.length).raw(bytes);
  }

  /** A tuple of integers. */
  public RawPickle numbers(long... values) {
    ops("(");
    for (long value : values) {
      number(value);
    }
    return ops("t");
  }

  /** A storage outside of the pickle. */
  public RawPickle storage(String type, String key, long elements) {
    return ops("(").storageTuple(type, key, elements).ops("tQ");
  }

  /** What names a storage, without the brackets. */
  public RawPickle storageTuple(String type, String key, long elements) {
    return text("storage").global("torch", type).text(key).text("cpu").number(elements);
  }

  /** A tensor on a storage of floats. */
  public RawPickle tensor(String key, long elements, long offset, long[] shape, long[] strides) {
    return global("torch._utils", "_rebuild_tensor_v2")
        .ops("(")
        .storage("FloatStorage", key, elements)
        .number(offset)
        .numbers(shape)
        .numbers(strides)
        .op(0x89)
        .ops("}tR");
  }

  private RawPickle int32(int value) {
    return raw(
        ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  private RawPickle raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  /** Appends what another pickle does. */
  public RawPickle then(RawPickle other) {
    byte[] bytes = other.bytes();
    return raw(Arrays.copyOfRange(bytes, 2, bytes.length));
  }

  /** Ends the pickle. */
  public byte[] stop() {
    return ops(".").bytes();
  }

  /** What there is so far. */
  public byte[] bytes() {
    return out.toByteArray();
  }
}
