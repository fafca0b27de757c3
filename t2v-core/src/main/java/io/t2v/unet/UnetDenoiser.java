package io.t2v.unet;

import static com.google.common.base.Preconditions.checkArgument;

import io.t2v.checkpoint.JsonConfig;
import io.t2v.checkpoint.TensorFiles;
import io.t2v.checkpoint.Weights;
import io.t2v.offload.Resident;
import io.t2v.torch.HostTensors;
import io.t2v.torch.NativePool;
import io.t2v.torch.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The UNet of a checkpoint as a denoiser. Its parameters are read when they are first needed.
 *
 * <p>Safe for use by many threads.
 */
public final class UnetDenoiser implements Unet3dDenoiser {
  private final UnetConfig config;
  private final Resident<Unet3d> network;

  private UnetDenoiser(UnetConfig config, Resident<Unet3d> network) {
    this.config = config;
    this.network = network;
  }

  /**
   * Checks the configuration against the weights, without reading them.
   *
   * @param json options of a UNet3DConditionModel
   * @param files its weights
   * @return the denoiser, which the caller closes
   * @throws io.t2v.checkpoint.CheckpointException if an option is unknown or impossible, or the
   *     weights do not fit
   */
  public static UnetDenoiser open(JsonConfig json, TensorFiles files) {
    UnetConfig config = UnetConfig.read(json);
    Weights.check(files, Set.of(), weights -> new Unet3d(config, weights));
    return new UnetDenoiser(
        config, Resident.kept(pool -> new Unet3d(config, Weights.packed(files, pool))));
  }

  /**
   * Lists the parameters of a configuration, without weights.
   *
   * @param json options of a UNet3DConditionModel
   * @param listener told of each parameter
   * @throws io.t2v.checkpoint.CheckpointException if an option is unknown or impossible
   */
  public static void listParameters(JsonConfig json, Weights.ParameterListener listener) {
    UnetConfig config = UnetConfig.read(json);
    Weights.list(weights -> new Unet3d(config, weights), listener);
  }

  @Override
  public int inChannels() {
    return config.inChannels();
  }

  @Override
  public int outChannels() {
    return config.outChannels();
  }

  @Override
  public int textWidth() {
    return config.crossAttentionDim();
  }

  @Override
  public Optional<LatentSize> sampleSize() {
    return config.sampleSize();
  }

  @Override
  public BoundDenoiser bind(Conditioning conditioning) {
    Tensor text = conditioning.text();
    checkArgument(
        text.dim() == 3 && text.size(2) == config.crossAttentionDim(),
        "text embeddings have the shape %s, expected [batch, tokens, %s]",
        Arrays.toString(HostTensors.shape(text)),
        config.crossAttentionDim());
    checkArgument(
        conditioning.timestepCondition() == null || config.timeCondProjDim() > 0,
        "a timestep condition was given, but this UNet has no time_cond_proj_dim");
    Resident<Unet3d>.Lease lease = network.acquire();
    NativePool pool = new NativePool();
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> projected = lease.get().projectText(text);
      projected.forEach(pool::adopt);
      Tensor given = conditioning.timestepCondition();
      return new Bound(lease, pool, projected, given == null ? null : pool.adopt(given.clone()));
    } catch (RuntimeException | Error e) {
      pool.close();
      lease.close();
      throw e;
    }
  }

  @Override
  public void close() {
    network.close();
  }

  private record Bound(
      Resident<Unet3d>.Lease lease,
      NativePool pool,
      List<Tensor> projectedText,
      @Nullable Tensor condition)
      implements BoundDenoiser {
    @Override
    public Tensor predict(Tensor latents, double timestep, BlockListener listener) {
      long clips = projectedText.get(0).size(0);
      checkArgument(
          latents.dim() == 5 && clips % latents.size(0) == 0,
          "latents have the shape %s, expected [a divisor of %s, channels, frames, height, width]",
          Arrays.toString(HostTensors.shape(latents)),
          clips);
      return lease.get().forward(latents, timestep, projectedText, condition, listener);
    }

    @Override
    public void close() {
      pool.close();
      lease.close();
    }
  }
}
