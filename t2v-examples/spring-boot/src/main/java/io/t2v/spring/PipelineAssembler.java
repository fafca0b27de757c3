package io.t2v.spring;

import io.t2v.PipelineBuilder;
import io.t2v.TextToVideoPipeline;
import io.t2v.device.ComputeDevice;
import io.t2v.hub.HubModel;
import io.t2v.scheduler.Schedulers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** Builds the pipeline that properties and customizers describe. */
final class PipelineAssembler {
  private final T2vProperties properties;
  private final List<PipelineBuilderCustomizer> customizers;

  PipelineAssembler(T2vProperties properties, List<PipelineBuilderCustomizer> customizers) {
    this.properties = properties;
    this.customizers = List.copyOf(customizers);
  }

  /**
   * Builds the pipeline, after downloading its checkpoint if it is given by name and not cached.
   *
   * @param stopping asked now and then; ends the download
   */
  TextToVideoPipeline assemble(BooleanSupplier stopping) {
    PipelineBuilder builder = TextToVideoPipeline.builder();
    set("checkpoint", properties.checkpoint(), name -> checkpoint(builder, name, stopping));
    set("variant", properties.variant(), builder::variant);
    set("vae-from", properties.vaeFrom(), builder::vaeFrom);
    set("unet-weights", properties.unetWeights(), builder::unetWeights);
    if (!properties.learnedWords().isEmpty()) {
      set("learned-words", properties.learnedWords().toArray(Path[]::new), builder::learnedWords);
    }
    set("scheduler", properties.scheduler(), name -> builder.scheduler(Schedulers.byName(name)));
    set("device", properties.device(), name -> builder.device(ComputeDevice.parse(name)));
    set("precision", properties.precision(), builder::precision);
    set("offload", properties.offload(), choice -> builder.offload(choice.policy()));
    set("threads", properties.threads(), builder::threads);
    set(
        "memory-limit",
        properties.memoryLimit(),
        (DataSize limit) -> builder.memoryLimit(limit.toBytes()));
    set("max-concurrent", properties.maxConcurrent(), builder::maxConcurrent);
    set("admission-timeout", properties.admissionTimeout(), builder::admissionTimeout);
    customizers.forEach(customizer -> customizer.customize(builder));
    return builder.build();
  }

  /** A folder that exists is meant, even if a model may have the same name. */
  private void checkpoint(PipelineBuilder builder, String name, BooleanSupplier stopping) {
    if (!HubModel.isName(name) || Files.exists(Path.of(name))) {
      builder.checkpoint(Path.of(name));
      return;
    }
    HubModel.Builder model =
        HubModel.builder(name).offline(properties.offline()).cancelledBy(stopping);
    set("revision", properties.revision(), model::revision);
    builder.checkpoint(model.build());
  }

  /** The setter's own message says what is wrong; this one adds where the value stands. */
  private static <T> void set(String property, @Nullable T value, Consumer<T> setter) {
    if (value == null) {
      return;
    }
    try {
      setter.accept(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("t2v." + property + ": " + e.getMessage(), e);
    }
  }
}
