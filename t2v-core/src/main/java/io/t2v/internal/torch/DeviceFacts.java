package io.t2v.internal.torch;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What this process has to compute on devices with.
 *
 * @param platform as JavaCPP names it, such as {@code linux-x86_64}
 * @param gpuNatives whether libtorch's natives for GPUs are on the class path
 * @param loadFailure why libtorch did not load at all, if so
 * @param cudaLoaded whether the libtorch that loaded computes on CUDA; one for GPUs whose libraries
 *     are missing may load without
 * @param runtime the version of CUDA that libtorch was built with
 * @param cudaClasses whether the API jar of the CUDA presets is on the class path
 * @param cudaFailure why these presets' natives did not load, if so
 * @param driver the latest version of CUDA that the driver runs
 * @param driverFailure why the driver did not start, if so
 * @param cards in the order in which CUDA counts them
 * @param mps whether libtorch computes on Apple's GPU
 */
record DeviceFacts(
    String platform,
    boolean gpuNatives,
    @Nullable String loadFailure,
    boolean cudaLoaded,
    CudaVersion runtime,
    boolean cudaClasses,
    @Nullable String cudaFailure,
    CudaVersion driver,
    @Nullable String driverFailure,
    List<CudaCard> cards,
    boolean mps) {
  DeviceFacts {
    cards = ImmutableList.copyOf(cards);
  }
}
