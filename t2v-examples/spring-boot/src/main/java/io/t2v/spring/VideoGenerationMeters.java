package io.t2v.spring;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;

/**
 * The meters beside those that Micrometer makes of every observation: {@code t2v.step}, the time of
 * each denoising step; {@code t2v.frames}, frames that were generated; {@code t2v.memory.planned},
 * the most memory that each generation was planned to take.
 */
final class VideoGenerationMeters implements ObservationHandler<VideoGenerationContext> {
  private static final String DEVICE = "device";
  private static final String MODEL = "gen_ai.request.model";

  private final MeterRegistry registry;

  VideoGenerationMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  public boolean supportsContext(Observation.Context context) {
    return context instanceof VideoGenerationContext;
  }

  @Override
  public void onEvent(Observation.Event event, VideoGenerationContext context) {
    if (event == VideoGenerationConvention.STEP) {
      Timer.builder("t2v.step")
          .description("Time of a denoising step")
          .tags(DEVICE, device(context), MODEL, context.model())
          .register(registry)
          .record(context.lastStep());
    }
  }

  @Override
  public void onStop(VideoGenerationContext context) {
    DistributionSummary.builder("t2v.memory.planned")
        .description("The most memory that a generation was planned to take")
        .baseUnit("bytes")
        .tags(DEVICE, device(context), MODEL, context.model())
        .register(registry)
        .record((double) context.plan().peakBytes());
    if (context.getError() == null) {
      registry
          .counter("t2v.frames", DEVICE, device(context), MODEL, context.model())
          .increment((double) context.request().videos() * context.request().frames());
    }
  }

  private static String device(VideoGenerationContext context) {
    return context.plan().device().toString();
  }
}
