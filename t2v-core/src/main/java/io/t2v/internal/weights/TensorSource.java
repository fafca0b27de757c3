package io.t2v.internal.weights;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.StagingMemory;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** Where a network finds its parameters by name. */
interface TensorSource {
  /** Names of the tensors that are there. */
  Set<String> names();

  /**
   * Returns a tensor in the shape that the network expects.
   *
   * @param name full name, as in the file
   * @param shape expected shape; the file's may have further dimensions of size 1 at its end
   * @return a tensor of the innermost open scope, which may be kept
   * @throws CheckpointException if it is missing, or has another shape
   */
  Tensor tensor(String name, long... shape);

  /**
   * Returns a tensor that is needed only while a layer is made. It may lie in staging memory.
   *
   * @param name full name, as in the file
   * @param shape as for {@link #tensor}
   * @return a tensor of the innermost open scope
   * @throws CheckpointException if it is missing, or has another shape
   */
  default Tensor temporary(String name, long... shape) {
    return tensor(name, shape);
  }

  /** The same tensors, where what is not kept lies in the memory. */
  default TensorSource stagedIn(StagingMemory memory) {
    return this;
  }

  /** How many numbers were taken so far, by a source that counts them. */
  default long elementsTaken() {
    return 0;
  }

  /** The same tensors, for a part of the network that has a pool of its own. */
  default TensorSource withPool(NativePool pool) {
    return this;
  }
}
