package io.t2v.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Files as {@code torch.save} writes them since version 1.6: a zip of a pickle and of storages. */
public final class TorchZip {
  private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();
  private final List<byte[]> storages = new ArrayList<>();

  private TorchZip() {}

  /**
   * A tensor.
   *
   * @param storage class of the storage, such as {@code FloatStorage}
   * @param shape dimensions
   * @param bytes row by row, little endian
   */
  public record Tensor(String storage, List<Long> shape, byte[] bytes) {}

  /** Writes a dict of tensors, strings, integers and further dicts. */
  public static void write(Path file, Map<String, ?> dict) {
    TorchZip zip = new TorchZip();
    zip.op(0x80, 2);
    zip.value(dict);
    zip.op('.');
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
      out.setMethod(ZipOutputStream.STORED);
      store(out, "archive/data.pkl", zip.pickle.toByteArray());
      for (int i = 0; i < zip.storages.size(); i++) {
        store(out, "archive/data/" + i, zip.storages.get(i));
      }
      store(out, "archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void store(ZipOutputStream out, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    out.putNextEntry(entry);
    out.write(content);
    out.closeEntry();
  }

  private void value(Object value) {
    if (value instanceof Map<?, ?> map) {
      orderedDict();
      op('(');
      map.forEach(
          (key, item) -> {
            string((String) key);
            value(item);
          });
      op('u');
    } else if (value instanceof Tensor tensor) {
      tensor(tensor);
    } else if (value instanceof String text) {
      string(text);
    } else {
      integer(((Number) value).intValue());
    }
  }

  private void tensor(Tensor tensor) {
    global("torch._utils", "_rebuild_tensor_v2");
    op('(', '(');
    string("storage");
    global("torch", tensor.storage());
    string(String.valueOf(storages.size()));
    string("cpu");
    int count = tensor.shape().stream().mapToInt(Long::intValue).reduce(1, (a, b) -> a * b);
    integer(count);
    op('t', 'Q');
    integer(0);
    op('(');
    tensor.shape().forEach(size -> integer(size.intValue()));
    op('t', '(');
    int stride = count;
    for (long size : tensor.shape()) {
      stride /= (int) size;
      integer(stride);
    }
    op('t', 0x89);
    orderedDict();
    op('t', 'R');
    storages.add(tensor.bytes());
  }

  private void orderedDict() {
    global("collections", "OrderedDict");
    op(')', 'R');
  }

  private void global(String module, String name) {
    op('c');
    pickle.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  private void string(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    op('X');
    int32(bytes.length);
    pickle.writeBytes(bytes);
  }

  private void integer(int value) {
    op('J');
    int32(value);
  }

  private void int32(int value) {
    pickle.writeBytes(
        ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
  }

  private void op(int... codes) {
    for (int code : codes) {
      pickle.write(code);
    }
  }
}
