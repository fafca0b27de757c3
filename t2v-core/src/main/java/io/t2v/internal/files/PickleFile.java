package io.t2v.internal.files;

import com.google.common.collect.ImmutableMap;
import io.t2v.checkpoint.CheckpointException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A file of PyTorch's {@code torch.save}: {@code .bin}, {@code .pth}, {@code .pt}. The pickle of
 * names and shapes is read; tensors stay where they lie.
 *
 * <p>Two formats are known: a zip file with an entry for each storage, and the one of before
 * PyTorch 1.6, five pickles and then the storages.
 */
final class PickleFile {
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
  private static final long FORMAT = 1001;
  private static final String PICKLE = "/data.pkl";
  private static final int MAX_ENDIANNESS_BYTES = 16;

  private PickleFile() {}

  /**
   * Reads a zip file.
   *
   * @throws CheckpointException if it is damaged, or holds what no state dict needs
   * @throws IOException if it cannot be read
   */
  static TensorFile openZip(Path path) throws IOException {
    FileIdentity identity = FileIdentity.of(path);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      StoredZip zip = StoredZip.open(path, channel);
      String root = root(zip, path);
      FileRange pickle = zip.range(root + PICKLE);
      PickleInput in = new PickleInput(path, channel, pickle);
      requireLittleEndian(zip, root, channel, in);
      Unpickler.Result content = Unpickler.read(in);
      Map<String, FileRange> storages = new HashMap<>();
      for (PickledStorage storage : content.storages().values()) {
        FileRange range = zip.range(root + "/data/" + storage.key());
        requireLength(storage, range.bytes(), in);
        storages.put(storage.key(), range);
      }
      return new TensorFile(identity, entries(content, storages, in, path), ImmutableMap.of());
    }
  }

  private static String root(StoredZip zip, Path path) {
    List<String> pickles = zip.names().stream().filter(name -> name.endsWith(PICKLE)).toList();
    if (pickles.size() != 1 || pickles.get(0).indexOf('/') != pickles.get(0).lastIndexOf('/')) {
      throw new CheckpointException(
          path + " is a zip file, but not one that torch.save wrote: expected one data.pkl.");
    }
    String root = pickles.get(0).substring(0, pickles.get(0).length() - PICKLE.length());
    if (zip.names().contains(root + "/constants.pkl")) {
      throw new CheckpointException(
          path + " is a TorchScript program. Expected weights alone, as torch.save writes them.");
    }
    return root;
  }

  private static void requireLittleEndian(
      StoredZip zip, String root, FileChannel channel, PickleInput in) throws IOException {
    if (zip.names().contains(root + "/byteorder")) {
      FileRange range = zip.range(root + "/byteorder");
      int bytes = (int) Math.min(range.bytes(), MAX_ENDIANNESS_BYTES);
      String order =
          StandardCharsets.US_ASCII
              .decode(FileBytes.read(channel, range.offset(), bytes))
              .toString();
      if (!order.equals("little")) {
        throw in.damaged("its byte order is " + order + ", expected little");
      }
    }
  }

  /**
   * Reads a file of the format before zip.
   *
   * @throws CheckpointException if it is damaged, or holds what no state dict needs
   * @throws IOException if it cannot be read
   */
  static TensorFile openLegacy(Path path) throws IOException {
    FileIdentity identity = FileIdentity.of(path);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      PickleInput in = new PickleInput(path, channel, new FileRange(0, size));
      if (!MAGIC.equals(Unpickler.read(in).value())
          || !Long.valueOf(FORMAT).equals(Unpickler.read(in).value())) {
        throw in.damaged("it is a pickle, but not one that torch.save wrote");
      }
      if (!(Unpickler.read(in).value() instanceof Map<?, ?> system)
          || !Boolean.TRUE.equals(system.get("little_endian"))) {
        throw in.damaged("its byte order is not little-endian");
      }
      Unpickler.Result content = Unpickler.read(in);
      Map<String, FileRange> storages = legacyStorages(content, in, size);
      return new TensorFile(identity, entries(content, storages, in, path), ImmutableMap.of());
    }
  }

  /** A list of keys, and then for each the number of its elements, and these. */
  private static Map<String, FileRange> legacyStorages(
      Unpickler.Result content, PickleInput in, long size) throws IOException {
    if (!(Unpickler.read(in).value() instanceof List<?> keys)) {
      throw in.damaged("its list of storages is missing");
    }
    Map<String, FileRange> storages = new HashMap<>();
    long position = in.position();
    for (Object key : keys) {
      PickledStorage storage = key instanceof String name ? content.storages().get(name) : null;
      if (storage == null || storages.containsKey(storage.key())) {
        throw in.damaged("its list of storages has one that no tensor uses, or one twice");
      }
      requireElements(storage, in.from(position).longInteger(), in);
      long bytes = bytes(storage, in);
      position += Long.BYTES;
      if (bytes > size - position) {
        throw in.damaged(
            "its storage "
                + storage.key()
                + " of "
                + bytes
                + " bytes begins at byte "
                + position
                + ", but the file has "
                + size
                + " bytes. If it was downloaded, it may have been cut off");
      }
      storages.put(storage.key(), new FileRange(position, bytes));
      position += bytes;
    }
    return storages;
  }

  private static void requireElements(PickledStorage storage, long elements, PickleInput in) {
    if (elements != storage.elements()) {
      throw in.damaged(
          "its storage "
              + storage.key()
              + " has "
              + elements
              + " numbers, expected "
              + storage.elements());
    }
  }

  private static void requireLength(PickledStorage storage, long found, PickleInput in) {
    if (bytes(storage, in) != found) {
      throw in.damaged(
          "its storage "
              + storage.key()
              + " has "
              + found
              + " bytes, but is to hold "
              + storage.elements()
              + " numbers of type "
              + storage.type());
    }
  }

  private static long bytes(PickledStorage storage, PickleInput in) {
    try {
      return Math.multiplyExact(storage.elements(), storage.type().bytes());
    } catch (ArithmeticException e) {
      throw in.damaged(
          "its storage " + storage.key() + " is to hold " + storage.elements() + " numbers");
    }
  }

  private static ImmutableMap<String, TensorEntry> entries(
      Unpickler.Result content, Map<String, FileRange> storages, PickleInput in, Path path) {
    ImmutableMap.Builder<String, TensorEntry> entries = ImmutableMap.builder();
    StateDict.tensors(content.value(), in)
        .forEach(
            (name, tensor) -> {
              String flaw = tensor.flaw();
              if (flaw != null) {
                throw in.damaged("tensor " + name + " " + flaw);
              }
              PickledStorage storage = tensor.storage();
              FileRange range = storages.get(storage.key());
              if (range == null) {
                throw in.damaged("the storage of tensor " + name + " is missing");
              }
              long first = storage.viewOffset() + tensor.offset();
              boolean empty = tensor.shape().contains(0L);
              entries.put(
                  name,
                  new TensorEntry(
                      path.toString(),
                      name,
                      storage.type(),
                      tensor.shape(),
                      tensor.strides(),
                      range.offset() + (empty ? 0 : first * storage.type().bytes())));
            });
    return entries.buildOrThrow();
  }
}
