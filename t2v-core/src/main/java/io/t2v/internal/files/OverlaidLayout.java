package io.t2v.internal.files;

import com.google.common.collect.ImmutableMap;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** A checkpoint, one of whose networks comes from elsewhere. */
final class OverlaidLayout implements CheckpointLayout {
  private final CheckpointLayout base;
  private final ImmutableMap<String, String> change;
  private final Supplier<TensorFiles> unetWeights;
  private final Supplier<JsonConfig> vaeConfig;
  private final Supplier<TensorFiles> vaeWeights;

  private OverlaidLayout(
      CheckpointLayout base,
      ImmutableMap<String, String> change,
      Supplier<TensorFiles> unetWeights,
      Supplier<JsonConfig> vaeConfig,
      Supplier<TensorFiles> vaeWeights) {
    this.base = base;
    this.change = change;
    this.unetWeights = unetWeights;
    this.vaeConfig = vaeConfig;
    this.vaeWeights = vaeWeights;
  }

  /** Puts a single file of a UNet's weights over a checkpoint. */
  static CheckpointLayout withUnetWeights(CheckpointLayout base, Path file) {
    return new OverlaidLayout(
        base,
        ImmutableMap.of("unet", file.toString()),
        () -> UnetKeys.ofDiffusers(TensorFiles.ofFile(file)),
        base::vaeConfig,
        base::vaeWeights);
  }

  /** Puts another autoencoder over a checkpoint. */
  static CheckpointLayout withVae(
      CheckpointLayout base,
      Path origin,
      Supplier<JsonConfig> config,
      Supplier<TensorFiles> weights) {
    return new OverlaidLayout(
        base, ImmutableMap.of("vae", origin.toString()), base::unetWeights, config, weights);
  }

  @Override
  public JsonConfig unetConfig() {
    return base.unetConfig();
  }

  @Override
  public TensorFiles unetWeights() {
    return unetWeights.get();
  }

  @Override
  public JsonConfig vaeConfig() {
    return vaeConfig.get();
  }

  @Override
  public TensorFiles vaeWeights() {
    return vaeWeights.get();
  }

  @Override
  public JsonConfig textEncoderConfig() {
    return base.textEncoderConfig();
  }

  @Override
  public TensorFiles textEncoderWeights() {
    return base.textEncoderWeights();
  }

  @Override
  public Optional<Path> tokenizerFolder() {
    return base.tokenizerFolder();
  }

  @Override
  public JsonConfig schedulerConfig() {
    return base.schedulerConfig();
  }

  @Override
  public OptionalInt frames() {
    return base.frames();
  }

  @Override
  public Map<String, String> identity() {
    return ImmutableMap.<String, String>builder()
        .putAll(base.identity())
        .putAll(change)
        .buildKeepingLast();
  }
}
