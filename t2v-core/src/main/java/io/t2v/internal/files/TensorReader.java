package io.t2v.internal.files;

import static java.util.Objects.requireNonNull;

import com.google.common.primitives.Longs;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.torch.StagingMemory;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongFunction;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Tensor;

/**
 * The open files of a network's weights, and of the patches that are added to them. Tensors are
 * read into memory of their own; the files are not mapped, so that nobody who shortens one of them
 * takes the process down.
 *
 * <p>Safe for use by many threads; closed when nobody reads any more.
 */
public final class TensorReader implements AutoCloseable {
  private final TensorFiles tensors;
  private final Map<TensorFile, OpenFile> files = new IdentityHashMap<>();
  private final Map<TensorFiles, TensorReader> patchSources = new IdentityHashMap<>();
  private boolean closed;

  private TensorReader(TensorFiles tensors) {
    this.tensors = tensors;
  }

  /**
   * Opens the files of tensors.
   *
   * @param tensors whose headers were read
   * @return to be closed
   * @throws CheckpointException if a file was changed since, or cannot be opened
   */
  public static TensorReader open(TensorFiles tensors) {
    return open(tensors, Map.of());
  }

  /**
   * Opens the files of other tensors, but shares those that are open here: a file that was deleted
   * or replaced meanwhile is read as it was. Either reader may be closed first.
   *
   * @param others whose headers were read
   * @return to be closed
   * @throws CheckpointException if a file was changed since, or cannot be opened
   */
  public TensorReader reopen(TensorFiles others) {
    return open(others, files);
  }

  private static TensorReader open(TensorFiles tensors, Map<TensorFile, OpenFile> known) {
    TensorReader reader = new TensorReader(tensors);
    try {
      for (TensorFile file : tensors.files()) {
        OpenFile open = known.get(file);
        reader.files.put(file, open == null ? OpenFile.open(file.identity()) : open.share());
      }
      for (TensorFiles source : tensors.patchSources()) {
        reader.patchSources.put(source, open(source));
      }
      return reader;
    } catch (RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  /** What is read. */
  public TensorFiles tensors() {
    return tensors;
  }

  /** Names of the tensors, as the network knows them. */
  public Set<String> names() {
    return tensors.names();
  }

  /**
   * Reads a tensor, and adds its patches.
   *
   * @param name as the network knows it
   * @param shape expected; the file's may have further dimensions of size 1 at its end
   * @return float32 on the CPU, row by row, in memory of its own, of the innermost open scope
   * @throws CheckpointException if the tensor is missing or has another shape, or its file was
   *     changed or cannot be read
   */
  public Tensor read(String name, long... shape) {
    return read(name, StagingMemory::fresh, StagingMemory::fresh, shape);
  }

  /**
   * Reads a tensor, and adds its patches.
   *
   * @param name as the network knows it
   * @param scratch returns [bytes] for as many bytes, for numbers before they are converted
   * @param result returns [bytes] for as many bytes, for the tensor that is returned
   * @param shape expected; the file's may have further dimensions of size 1 at its end
   * @return float32 on the CPU, row by row, of the innermost open scope
   * @throws CheckpointException if the tensor is missing or has another shape, or its file was
   *     changed or cannot be read
   */
  public Tensor read(
      String name, LongFunction<Tensor> scratch, LongFunction<Tensor> result, long... shape) {
    TensorEntry entry = tensors.checkedEntry(name, shape);
    Tensor tensor = entry.read(file(name), scratch, result, shape);
    for (TensorPatch patch : tensors.patches(name)) {
      patch.addTo(tensor, requireNonNull(patchSources.get(patch.source())));
    }
    return tensor;
  }

  /** Reads the beginning of a tensor's numbers, as they lie in the file. */
  byte[] firstBytes(String name, int atMost) {
    TensorEntry entry = tensors.checkedEntry(name, Longs.toArray(tensors.shape(name)));
    byte[] bytes = new byte[(int) Math.min(atMost, entry.bytes())];
    if (bytes.length > 0) {
      try (BytePointer target = new BytePointer(bytes.length)) {
        file(name).read(entry.offset(), target, bytes.length);
        target.position(0).get(bytes);
      }
    }
    return bytes;
  }

  private OpenFile file(String name) {
    OpenFile file = files.get(tensors.file(name));
    if (file == null) {
      throw new IllegalStateException(tensors + " is closed");
    }
    return file;
  }

  /** Closing twice is harmless: the files may have other owners. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      files.values().forEach(OpenFile::close);
      patchSources.values().forEach(TensorReader::close);
    }
  }
}
