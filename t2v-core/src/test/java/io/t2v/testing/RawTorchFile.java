package io.t2v.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Files as torch.save writes them, but for the alignment of tensors, which is left to chance: right
 * and wrong ones.
 */
public final class RawTorchFile {
  private static final Map<String, String> STORAGES =
      Map.of("F32", "FloatStorage", "F16", "HalfStorage", "BF16", "BFloat16Storage");

  private RawTorchFile() {}

  /** Writes tensors in the zip format. */
  public static Path zip(Path target, List<StoredTensor> tensors) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("archive/data.pkl", stateDict(tensors));
    entries.put("archive/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < tensors.size(); i++) {
      entries.put("archive/data/" + i, tensors.get(i).data());
    }
    return RawSafetensors.bytes(target, zip(entries));
  }

  /** Writes tensors in the format before zip. */
  public static Path legacy(Path target, List<StoredTensor> tensors) {
    RawPickle keys = new RawPickle().ops("](");
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (int i = 0; i < tensors.size(); i++) {
      keys.text(String.valueOf(i));
      data.writeBytes(storage(tensors.get(i).elements(), tensors.get(i).data()));
    }
    return RawSafetensors.bytes(
        target, legacy(stateDict(tensors), keys.ops("e").stop(), data.toByteArray()));
  }

  /** The bytes of one storage in the format before zip. */
  public static byte[] storage(long elements, byte[] data) {
    return ByteBuffer.allocate(Long.BYTES + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(elements)
        .put(data)
        .array();
  }

  /** A file of the format before zip. */
  public static byte[] legacy(byte[] content, byte[] keys, byte[] storages) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        new RawPickle()
            .op(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19)
            .stop());
    out.writeBytes(new RawPickle().number(1001).stop());
    out.writeBytes(new RawPickle().ops("}").text("little_endian").op(0x88).ops("s").stop());
    out.writeBytes(content);
    out.writeBytes(keys);
    out.writeBytes(storages);
    return out.toByteArray();
  }

  private static byte[] stateDict(List<StoredTensor> tensors) {
    RawPickle pickle = new RawPickle().global("collections", "OrderedDict").ops(")R");
    for (int i = 0; i < tensors.size(); i++) {
      StoredTensor tensor = tensors.get(i);
      pickle
          .text(tensor.name())
          .global("torch._utils", "_rebuild_tensor_v2")
          .ops("(")
          .storage(STORAGES.get(tensor.dtype()), String.valueOf(i), tensor.elements())
          .number(0)
          .numbers(tensor.shape())
          .numbers(strides(tensor.shape()))
          .op(0x89)
          .global("collections", "OrderedDict")
          .ops(")RtRs");
    }
    return pickle.stop();
  }

  private static long[] strides(long[] shape) {
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape[i];
    }
    return strides;
  }

  /** A zip file whose entries are stored as they are. */
  public static byte[] zip(Map<String, byte[]> entries) {
    return zip(entries, false);
  }

  /**
   * A zip file whose entries are stored as they are.
   *
   * @param large whether lengths and offsets stand where those above 4 GB do
   */
  public static byte[] zip(Map<String, byte[]> entries, boolean large) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream directory = new ByteArrayOutputStream();
    entries.forEach(
        (name, data) -> {
          byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
          int header = out.size();
          out.writeBytes(
              header(30 + nameBytes.length, 0x04034b50)
                  .putInt(18, data.length)
                  .putInt(22, data.length)
                  .putShort(26, (short) nameBytes.length)
                  .put(30, nameBytes)
                  .array());
          out.writeBytes(data);
          ByteBuffer entry =
              header(46 + nameBytes.length + (large ? 36 : 0), 0x02014b50)
                  .putInt(20, large ? -1 : data.length)
                  .putInt(24, large ? -1 : data.length)
                  .putShort(28, (short) nameBytes.length)
                  .putInt(42, large ? -1 : header)
                  .put(46, nameBytes);
          if (large) {
            // a field that nobody knows goes first
            int extra = 46 + nameBytes.length;
            entry.putShort(30, (short) 36).putShort(extra, (short) 0x4242);
            entry.putShort(extra + 2, (short) 4);
            entry.putShort(extra + 8, (short) 1).putShort(extra + 10, (short) 24);
            entry.putLong(extra + 12, data.length).putLong(extra + 20, data.length);
            entry.putLong(extra + 28, header);
          }
          directory.writeBytes(entry.array());
        });
    int start = out.size();
    out.writeBytes(directory.toByteArray());
    if (large) {
      int end64 = out.size();
      out.writeBytes(
          header(56, 0x06064b50).putLong(40, directory.size()).putLong(48, start).array());
      out.writeBytes(header(20, 0x07064b50).putLong(8, end64).array());
    }
    out.writeBytes(
        header(22, 0x06054b50)
            .putShort(8, (short) entries.size())
            .putShort(10, (short) entries.size())
            .putInt(12, large ? -1 : directory.size())
            .putInt(16, large ? -1 : start)
            .array());
    return out.toByteArray();
  }

  private static ByteBuffer header(int bytes, int signature) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(0, signature);
  }

  /** A zip file with a pickle and one storage, whose key is 0. */
  public static byte[] zip(byte[] pickle, byte[] storage) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("archive/data.pkl", pickle);
    entries.put("archive/data/0", storage);
    return zip(entries);
  }
}
