package io.t2v.spring;

import io.t2v.adapter.Adapter;
import io.t2v.checkpoint.CheckpointException;
import io.t2v.device.Precision;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The properties {@code t2v.*}. Settings of the pipeline that are not given have the defaults of
 * {@link io.t2v.PipelineBuilder}, which also checks their values.
 *
 * @param enabled Whether to configure a pipeline at all.
 * @param load When the pipeline is made.
 * @param warmUp Whether the weights are read when the pipeline is made, by generating one frame in
 *     one step, instead of with the first request.
 * @param checkpoint Folder of a checkpoint, or the name of one on Hugging Face's hub, which is
 *     downloaded if it is not in the cache.
 * @param revision Branch, tag or commit of a checkpoint that is given by its name.
 * @param offline Whether the hub is never asked, only its cache.
 * @param variant Weights to take where a checkpoint has several, such as fp16.
 * @param vaeFrom Checkpoint, or folder of one, whose autoencoder is taken.
 * @param unetWeights File of a fine-tuned UNet's weights, put over the checkpoint's.
 * @param learnedWords Files of textual inversion.
 * @param loras LoRAs by the names under which generations choose them.
 * @param maxLoraPipelines Pipelines with LoRAs that are kept when no generation uses them. Each has
 *     weights of its own.
 * @param scheduler Class name of a scheduler, such as DPMSolverMultistepScheduler, on the
 *     checkpoint's own noise schedule.
 * @param device Where to compute: cpu, cuda, cuda:1, mps or auto.
 * @param precision Numbers to compute with.
 * @param offload When weights are in memory.
 * @param threads Threads to compute with.
 * @param memoryLimit Memory that generations may take.
 * @param maxConcurrent Generations that may run at the same time.
 * @param admissionTimeout How long a generation waits for others to end.
 * @param shutdownWait How long running generations may go on when the context closes, before they
 *     are cancelled.
 * @param observations What observations hold.
 */
@ConfigurationProperties("t2v")
public record T2vProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("background") LoadMode load,
    @DefaultValue("false") boolean warmUp,
    @Nullable String checkpoint,
    @Nullable String revision,
    @DefaultValue("false") boolean offline,
    @Nullable String variant,
    @Nullable Path vaeFrom,
    @Nullable Path unetWeights,
    @DefaultValue List<Path> learnedWords,
    @DefaultValue Map<String, Lora> loras,
    @DefaultValue("1") int maxLoraPipelines,
    @Nullable String scheduler,
    @Nullable String device,
    @Nullable Precision precision,
    @Nullable OffloadChoice offload,
    @Nullable Integer threads,
    @Nullable DataSize memoryLimit,
    @Nullable Integer maxConcurrent,
    @Nullable Duration admissionTimeout,
    @DefaultValue("0s") Duration shutdownWait,
    @DefaultValue Observations observations) {

  /**
   * A LoRA that generations may choose.
   *
   * @param path File or folder of it, in any format.
   * @param scale How strongly it is applied: 1 as trained.
   * @param temporalScale The scale of layers that mix frames, if it is another one.
   */
  public record Lora(Path path, @DefaultValue("1") double scale, @Nullable Double temporalScale) {
    Adapter load(String name) {
      if (path == null) {
        throw new IllegalArgumentException("t2v.loras." + name + ".path is missing");
      }
      try {
        Adapter adapter = Adapter.load(path).scale(scale);
        return temporalScale == null ? adapter : adapter.temporalScale(temporalScale);
      } catch (CheckpointException | IllegalArgumentException e) {
        throw new IllegalArgumentException("t2v.loras." + name + ": " + e.getMessage(), e);
      }
    }
  }

  /**
   * What observations hold.
   *
   * @param includePrompt Whether spans carry the prompt, which may be personal data.
   */
  public record Observations(@DefaultValue("false") boolean includePrompt) {}
}
