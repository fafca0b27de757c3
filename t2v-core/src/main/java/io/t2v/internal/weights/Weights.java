package io.t2v.internal.weights;

import io.t2v.checkpoint.CheckpointException;
import io.t2v.internal.files.TensorFiles;
import io.t2v.internal.files.TensorReader;
import io.t2v.internal.torch.ComputeConfig;
import io.t2v.internal.torch.ComputeScope;
import io.t2v.internal.torch.HostSlabs;
import io.t2v.internal.torch.NativePool;
import io.t2v.internal.torch.StagingMemory;
import io.t2v.internal.torch.TorchRuntime;
import java.util.Set;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The parameters of a network, seen from one of its layers: names are relative to the layer.
 *
 * <p>Layers take their parameters from it when they are made. A parameter is used as it was read,
 * re-ordered once for fast kernels ({@link #packed()}), or converted to the dtype and copied to the
 * device of the computation ({@link #compute()}).
 */
public final class Weights {
  private final TensorSource source;
  private final String prefix;
  private final NativePool pool;
  private final ComputeConfig compute;
  private final boolean packed;
  private final StagingMemory staging;

  private Weights(
      TensorSource source, String prefix, NativePool pool, ComputeConfig compute, boolean packed) {
    this(source, prefix, pool, compute, packed, StagingMemory.none());
  }

  private Weights(
      TensorSource source,
      String prefix,
      NativePool pool,
      ComputeConfig compute,
      boolean packed,
      StagingMemory staging) {
    this.source = source;
    this.prefix = prefix;
    this.pool = pool;
    this.compute = compute;
    this.packed = packed;
    this.staging = staging;
  }

  /** In which form the layers of a network keep their parameters on a CPU. */
  public enum Form {
    /** As they are in the file. For networks that run seldom. */
    IN_PLACE,
    /** Re-ordered for the fastest kernels, in memory of their own. */
    PACKED
  }

  /**
   * Parameters for a given device and precision.
   *
   * @param files the files
   * @param form in which layers keep them on a CPU; what lies on another device is a copy
   * @param compute where the network computes, and in which numbers
   * @param pool keeps them
   * @return the parameters of the whole network
   */
  public static Weights of(TensorReader files, Form form, ComputeConfig compute, NativePool pool) {
    TensorSource source;
    if (compute.isCompact()) {
      source = StoredTensorSource.ofEachPart(files, compute, pool);
    } else if (!compute.device().isCpu() || compute.type() != ScalarType.Float) {
      source = new ConvertedSource(files, compute, StagingMemory.none());
    } else {
      source = FileSource.of(files, packs(form, compute), pool);
    }
    return new Weights(source, "", pool, compute, packs(form, compute));
  }

  /**
   * Parameters of a network whose parts are streamed to the device: those of parts are stored in
   * host memory, converted once, from where the device copies them while it computes.
   *
   * @param files the files
   * @param form in which layers keep them on a CPU
   * @param compute where the network computes, and in which numbers
   * @param pool keeps what stays on the device, and what is stored in host memory
   * @return the parameters of the whole network
   */
  public static Weights streamed(
      TensorReader files, Form form, ComputeConfig compute, NativePool pool) {
    Weights staying = of(files, form, compute, pool);
    HostSlabs slabs = new HostSlabs(pool, !compute.device().isCpu());
    return new Weights(
        new StreamedSource(staying.source, StoredTensorSource.onHost(files, compute, slabs)),
        "",
        pool,
        compute,
        staying.packed);
  }

  /**
   * Parameters that are stored in a {@linkplain ComputeConfig#isCompact compact} precision, and
   * widened for each part of the network that is made of them.
   *
   * @param files the files, of which each tensor is read once
   * @param form in which layers keep them while they are used
   * @param compute where the network computes, and in which numbers
   * @param pool keeps them
   * @return the parameters of the whole network
   */
  public static Weights stored(
      TensorReader files, Form form, ComputeConfig compute, NativePool pool) {
    // In slabs: thousands of small pieces between blocks that are freed would fragment the heap.
    TensorSource source =
        compute.device().isCpu()
            ? StoredTensorSource.onHost(files, compute, new HostSlabs(pool, false))
            : StoredTensorSource.inPlace(files, compute, pool);
    return new Weights(source, "", pool, compute, packs(form, compute));
  }

  private static boolean packs(Form form, ComputeConfig compute) {
    return form == Form.PACKED && compute.device().isCpu() && TorchRuntime.hasOneDnn();
  }

  /**
   * Parameters without content, which know how large they would be. A network that was made of them
   * cannot compute.
   *
   * @param files the files, of which only the headers are read
   * @param form in which layers keep them
   * @param compute where the network would compute, and in which numbers
   * @param pool keeps them
   * @return the parameters of the whole network
   */
  public static Weights meta(TensorFiles files, Form form, ComputeConfig compute, NativePool pool) {
    boolean packs = packs(form, compute);
    return new Weights(new MetaTensorSource(files, compute.type()), "", pool, compute, packs);
  }

  /**
   * Returns what the parameters that a network took would take while they are stored.
   *
   * @return bytes; 0 unless this is a sketch
   */
  public long storedBytes() {
    return source.elementsTaken() * compute.precision().bytes();
  }

  /**
   * Builds a network without reading its parameters, to see whether the files hold what it needs,
   * and nothing else.
   *
   * @param files the files
   * @param ignored names that may be there although they are no parameters
   * @param network makes the network
   * @throws CheckpointException if a tensor is missing, has another shape or type, or is left over
   */
  public static void check(TensorFiles files, Set<String> ignored, Consumer<Weights> network) {
    MetaTensorSource source = new MetaTensorSource(files, ScalarType.Float);
    withoutContent(source, network);
    source.requireAllUsed(ignored);
  }

  /**
   * Builds a network on nothing, to see which parameters it has.
   *
   * @param network makes the network
   * @param parameter told the name and shape of each parameter, in the order of their use
   */
  public static void list(Consumer<Weights> network, ParameterListener parameter) {
    withoutContent(new ListingSource(parameter), network);
  }

  private static void withoutContent(TensorSource source, Consumer<Weights> network) {
    try (ComputeScope scope = ComputeScope.open();
        NativePool pool = new NativePool()) {
      network.accept(new Weights(source, "", pool, ComputeConfig.cpu(), false));
    }
  }

  /**
   * Returns the view of a layer inside this one.
   *
   * @param name relative, such as {@code conv1} or {@code resnets.0}
   * @return its parameters
   */
  public Weights at(String name) {
    return new Weights(source, prefix + name + ".", pool, compute, packed, staging);
  }

  /**
   * Returns the view of a numbered layer inside this one.
   *
   * @param list name of the list
   * @param index from 0
   * @return its parameters
   */
  public Weights at(String list, int index) {
    return at(list + "." + index);
  }

  /**
   * Returns the same view for a part of the network that is loaded and released by itself.
   *
   * @param partsPool keeps what the part is made of
   * @return its parameters
   */
  public Weights withPool(NativePool partsPool) {
    return new Weights(source.withPool(partsPool), prefix, partsPool, compute, packed, staging);
  }

  /**
   * Returns the same view, which reads into memory that is used again what is not kept.
   *
   * @param memory may be closed when the network is made
   * @return the parameters
   */
  public Weights stagedIn(StagingMemory memory) {
    return new Weights(source.stagedIn(memory), prefix, pool, compute, packed, memory);
  }

  /**
   * Returns which layer this is the view of.
   *
   * @return its name in the files, such as {@code mid_block.resnets.0}; "" for the whole network
   */
  public String name() {
    return prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1);
  }

  /**
   * Tells whether there is a parameter.
   *
   * @param name relative
   * @return true if the files hold it
   */
  public boolean has(String name) {
    return source.names().contains(prefix + name);
  }

  /**
   * Returns a parameter that the layer keeps as it is.
   *
   * @param name relative
   * @param shape expected
   * @return in the numbers of {@link #compute}, alive as long as the network
   * @throws CheckpointException if it is missing or has another shape
   */
  public Tensor parameter(String name, long... shape) {
    return pool.adopt(source.tensor(prefix + name, shape));
  }

  /**
   * Returns a parameter that the layer packs; unless this is {@link #packed}, it keeps it as it is.
   *
   * @param name relative
   * @param shape expected; further dimensions of size 1 at the end are dropped
   * @return in the numbers of {@link #compute}, of the innermost open scope; not to be kept if this
   *     is {@link #packed}
   * @throws CheckpointException if it is missing or has another shape
   */
  public Tensor packable(String name, long... shape) {
    return packed ? raw(name, shape) : source.tensor(prefix + name, shape);
  }

  /**
   * Returns a parameter that is needed only while the layer is made.
   *
   * @param name relative
   * @param shape expected; further dimensions of size 1 at the end are dropped
   * @return in the numbers of {@link #compute}, of the innermost open scope; not to be kept
   * @throws CheckpointException if it is missing or has another shape
   */
  public Tensor raw(String name, long... shape) {
    return source.temporary(prefix + name, shape);
  }

  /**
   * Returns memory for intermediate results that are needed only while the layer is made.
   *
   * @return memory whose tensors are not to be kept if this is {@link #packed}
   */
  public StagingMemory staging() {
    return packed ? staging : StagingMemory.none();
  }

  /**
   * Tells whether layers should re-order their parameters for fast kernels.
   *
   * @return true for yes; false if parameters are to be used as they are
   */
  public boolean packed() {
    return packed;
  }

  /**
   * Returns where the network computes, and in which numbers.
   *
   * @return the same for all layers
   */
  public ComputeConfig compute() {
    return compute;
  }

  /**
   * Returns where to keep what is derived from parameters.
   *
   * @return the network's pool
   */
  public NativePool pool() {
    return pool;
  }

  /** Told of each parameter of a network. */
  @FunctionalInterface
  public interface ParameterListener {
    /**
     * Takes note of a parameter.
     *
     * @param name full name
     * @param shape dimensions
     */
    void parameter(String name, long... shape);
  }
}
