package io.t2v.internal.torch;

import static com.google.common.base.Preconditions.checkState;

import io.t2v.device.ComputeDevice;
import java.lang.ref.Reference;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.cuda.CUDAAllocator;
import org.bytedeco.pytorch.cuda.CUDAEvent;
import org.bytedeco.pytorch.cuda.CUDAStream;
import org.bytedeco.pytorch.cuda.CUDAStreamGuard;
import org.bytedeco.pytorch.cuda.DeviceAssertionsDataVectorCUDAKernelLaunchInfoVectorPair;
import org.bytedeco.pytorch.cuda.StreamFilter;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * A CUDA graph, recorded on a stream of its own, and replayed on the thread's current one.
 *
 * <p>libtorch's own class for it is not mapped: this does the same by CUDA's calls and those of the
 * allocator. While a graph is recorded, the allocator serves its stream from a pool of the graph's
 * own, so that no tensor of anybody else comes to lie in memory that a replay writes.
 */
public final class CudaGraph implements DeviceGraph {
  /** Far from the numbers that libtorch itself gives to pools, which begin at 1. */
  private static final AtomicLong NEXT_POOL = new AtomicLong(1L << 40);

  private final byte device;
  private final long pool;
  private final long poolBytes;
  private final CUgraphExec_st executable;
  private boolean closed;

  private CudaGraph(byte device, long pool, long poolBytes, CUgraphExec_st executable) {
    this.device = device;
    this.pool = pool;
    this.poolBytes = poolBytes;
    this.executable = executable;
  }

  /**
   * Returns what records on a device.
   *
   * @param device of CUDA
   * @return for any thread whose current stream is on this device
   */
  public static DeviceGraph.Recorder on(ComputeDevice device) {
    byte index = (byte) device.index();
    return work -> record(index, work);
  }

  private static DeviceGraph record(byte device, Runnable work) {
    try (TensorScope scope = TensorScope.open()) {
      CUDAStream users = torch_cuda.getCurrentCUDAStream(device);
      // Other threads queue work on the device's stream, which must not be recorded.
      CUDAStream own = torch_cuda.getStreamFromPool(false, device);
      follow(own, users);
      try (CUDAStreamGuard guard = new CUDAStreamGuard(own.unwrap())) {
        return recordOn(own, device, work);
      } finally {
        follow(users, own);
      }
    }
  }

  private static DeviceGraph recordOn(CUDAStream stream, byte device, Runnable work) {
    // cuBLAS takes its workspace at a stream's first use: recorded, it would be a replay's alone.
    work.run();
    CUDAAllocator allocator = torch_cuda.getAllocator();
    // The graph's pool takes as much as the work took so far, which nobody needs meanwhile.
    stream.synchronize();
    allocator.emptyCache();
    long reserved = CudaMemory.reserved(device);
    long pool = NEXT_POOL.getAndIncrement();
    CUgraph_st graph = new CUgraph_st();
    // The allocator asks the filter until the end, and does not keep it alive.
    StreamFilter filter = new OnlyStream(stream.stream());
    allocator.beginAllocateToPool(device, poolId(pool), filter);
    try {
      try {
        capture(stream.stream(), graph, work);
      } finally {
        allocator.endAllocateToPool(device, poolId(pool));
        Reference.reachabilityFence(filter);
      }
      // Whatever other threads took meanwhile counts as well, which errs on the safe side.
      long poolBytes = Math.max(0, CudaMemory.reserved(device) - reserved);
      CUgraphExec_st executable = instantiate(graph);
      GraphMemory.take(device, poolBytes);
      return new CudaGraph(device, pool, poolBytes, executable);
    } catch (RuntimeException | Error e) {
      allocator.releasePool(device, poolId(pool));
      throw e;
    } finally {
      destroy(graph);
    }
  }

  /** What is queued on a stream from now on comes after all that another has so far. */
  private static void follow(CUDAStream stream, CUDAStream other) {
    CUDAEvent done = new CUDAEvent();
    done.record(other);
    done.block(stream);
  }

  /** The capture ends in any case: a stream that is left in it is of no use to anybody. */
  private static void capture(CUstream_st stream, CUgraph_st graph, Runnable work) {
    // Of this thread alone: others may go on to allocate memory and to wait for the device.
    check(
        cudart.cudaStreamBeginCapture(stream, cudart.cudaStreamCaptureModeThreadLocal),
        "cudaStreamBeginCapture");
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      cudart.cudaStreamEndCapture(stream, graph);
      forgetError();
      throw e;
    }
    check(cudart.cudaStreamEndCapture(stream, graph), "cudaStreamEndCapture");
  }

  private static CUgraphExec_st instantiate(CUgraph_st graph) {
    CUgraphExec_st executable = new CUgraphExec_st();
    check(
        cudart.cudaGraphInstantiateWithFlags(
            executable, graph, cudart.cudaGraphInstantiateFlagAutoFreeOnLaunch),
        "cudaGraphInstantiate");
    return executable;
  }

  private static void destroy(CUgraph_st graph) {
    if (!graph.isNull()) {
      cudart.cudaGraphDestroy(graph);
    }
  }

  @Override
  public void replay() {
    checkState(!closed, "this graph is closed");
    try (TensorScope scope = TensorScope.open()) {
      check(
          cudart.cudaGraphLaunch(executable, torch_cuda.getCurrentCUDAStream(device).stream()),
          "cudaGraphLaunch");
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (TensorScope scope = TensorScope.open()) {
      try {
        // Not this thread's current stream: any thread may close a pipeline.
        CudaStreams.stream(ComputeDevice.cuda(device)).synchronize();
      } finally {
        int error = cudart.cudaGraphExecDestroy(executable);
        torch_cuda.getAllocator().releasePool(device, poolId(pool));
        GraphMemory.giveBack(device, poolBytes);
        check(error, "cudaGraphExecDestroy");
      }
    }
  }

  /**
   * A pair of numbers, of which libtorch gives (n, 0) to graphs. It is mapped to a class of another
   * pair, so it is made of bare memory here: that class's own constructor and destructor would
   * treat it as something else.
   */
  private static DeviceAssertionsDataVectorCUDAKernelLaunchInfoVectorPair poolId(long number) {
    return new DeviceAssertionsDataVectorCUDAKernelLaunchInfoVectorPair(
        new LongPointer(2).put(0, number).put(1, 0));
  }

  /**
   * libtorch asks CUDA for the last error after each kernel: one that is known is not to be met.
   */
  private static void forgetError() {
    cudart.cudaGetLastError();
  }

  private static void check(int error, String call) {
    if (error != cudart.cudaSuccess) {
      forgetError();
      throw new IllegalStateException(
          call + " failed: " + cudart.cudaGetErrorString(error).getString());
    }
  }

  /**
   * Tells the allocator which memory is the graph's. Called for every allocation of every thread,
   * within the allocator's lock: it compares two numbers, and does nothing else.
   */
  private static final class OnlyStream extends StreamFilter {
    private final long recorded;

    OnlyStream(Pointer stream) {
      recorded = stream.address();
    }

    @Override
    public boolean call(Pointer stream) {
      return stream != null && stream.address() == recorded;
    }
  }
}
