package io.t2v.internal.pipeline;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.t2v.device.ComputeDevice;
import io.t2v.device.GpuOptimization;
import io.t2v.internal.adapter.ScaledAdapter;
import io.t2v.offload.OffloadPolicy;
import io.t2v.scheduler.SchedulerFactory;
import io.t2v.text.TextEncoder;
import io.t2v.unet.Unet3dDenoiser;
import io.t2v.vae.VaeDecoder;
import io.t2v.vae.VaeEncoder;
import io.t2v.vae.VaeTiling;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a pipeline is made from: a checkpoint, plug-ins, or both. Consistent: the builder has
 * checked it.
 *
 * @param folder of the checkpoint; null if every component is a plug-in
 * @param variant word in the names of the weight files; null for plain ones
 * @param vaeFrom where the autoencoder comes from; null for the checkpoint
 * @param unetWeights file of the UNet's weights; null for the checkpoint's
 * @param learnedWords files of textual inversion, for the checkpoint's text encoder
 * @param adapters of the checkpoint's UNet and text encoder
 * @param scheduler null for the checkpoint's own
 * @param textEncoder plug-in; null for the checkpoint's
 * @param textEncoderWrapper around the checkpoint's
 * @param vaeEncoder plug-in; null for the checkpoint's, or for none where the decoder is a plug-in
 * @param vaeEncoderWrapper around the checkpoint's
 * @param denoiser plug-in; null for the checkpoint's
 * @param denoiserWrapper around the checkpoint's
 * @param vaeDecoder plug-in; null for the checkpoint's
 * @param vaeDecoderWrapper around the checkpoint's
 * @param vaeTiling of the checkpoint's decoder; null for none
 * @param offload policy, possibly {@link OffloadPolicy#auto}
 * @param device a real one
 * @param precisions of every component
 * @param threads that a generation computes with
 * @param cudaGraphs whether steps are recorded
 * @param gpuOptimizations of the checkpoint's networks on a CUDA device
 * @param memoryLimit bytes; 0 for none
 * @param strict whether options that nobody knows are refused, whatever their value
 */
public record PipelineSettings(
    @Nullable Path folder,
    @Nullable String variant,
    @Nullable Path vaeFrom,
    @Nullable Path unetWeights,
    List<Path> learnedWords,
    List<? extends ScaledAdapter> adapters,
    @Nullable SchedulerFactory scheduler,
    @Nullable TextEncoder textEncoder,
    UnaryOperator<TextEncoder> textEncoderWrapper,
    @Nullable VaeEncoder vaeEncoder,
    UnaryOperator<VaeEncoder> vaeEncoderWrapper,
    @Nullable Unet3dDenoiser denoiser,
    UnaryOperator<Unet3dDenoiser> denoiserWrapper,
    @Nullable VaeDecoder vaeDecoder,
    UnaryOperator<VaeDecoder> vaeDecoderWrapper,
    @Nullable VaeTiling vaeTiling,
    OffloadPolicy offload,
    ComputeDevice device,
    ComponentPrecisions precisions,
    int threads,
    boolean cudaGraphs,
    Set<GpuOptimization> gpuOptimizations,
    long memoryLimit,
    boolean strict) {
  public PipelineSettings {
    learnedWords = ImmutableList.copyOf(learnedWords);
    adapters = ImmutableList.copyOf(adapters);
    gpuOptimizations = ImmutableSet.copyOf(gpuOptimizations);
  }

  /**
   * Returns the optimizations that the device takes.
   *
   * @return all of them on CUDA, elsewhere none
   */
  public Set<GpuOptimization> gpuOptimizationsInUse() {
    return device.kind() == ComputeDevice.Kind.CUDA ? gpuOptimizations : Set.of();
  }
}
