package io.t2v.internal.weights;

import com.google.common.collect.Sets;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.files.TensorFiles;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Tensors without content, checked against what the files declare. A network built on this source
 * proves that the files hold what it needs, before anything is read.
 */
final class MetaTensorSource implements TensorSource {
  private final TensorFiles files;
  private final ScalarType type;
  private final Set<String> used = new HashSet<>();
  private long elements;

  MetaTensorSource(TensorFiles files, ScalarType type) {
    this.files = files;
    this.type = type;
  }

  @Override
  public Set<String> names() {
    return files.names();
  }

  @Override
  public Tensor tensor(String name, long... shape) {
    files.checkedEntry(name, shape).requireComputable();
    if (used.add(name)) {
      elements += files.checkedEntry(name, shape).elements();
    }
    return contentless(type, shape);
  }

  @Override
  public long elementsTaken() {
    return elements;
  }

  static Tensor contentless(ScalarType type, long... shape) {
    TensorOptions options =
        new TensorOptions()
            .device(new DeviceOptional(new Device(torch.DeviceType.Meta)))
            .dtype(new ScalarTypeOptional(type));
    return torch.empty(shape, options, new MemoryFormatOptional());
  }

  /**
   * Refuses files that hold more than the network took.
   *
   * @param ignored names that are no parameters
   */
  void requireAllUsed(Set<String> ignored) {
    Set<String> surplus =
        new TreeSet<>(Sets.difference(Sets.difference(files.names(), used), ignored));
    if (!surplus.isEmpty()) {
      String first = surplus.iterator().next();
      throw new CheckpointException(
          files
              + " holds "
              + surplus.size()
              + " tensors that this network does not have, the first being "
              + first
              + " of shape "
              + files.shape(first)
              + ". The configuration beside it may belong to other weights.");
    }
  }
}
