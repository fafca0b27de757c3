package io.t2v.spring;

import io.t2v.ComputeException;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * The state of the pipeline, without a trial generation: out of service while it loads, down after
 * it could not be loaded or libtorch failed, up otherwise.
 */
final class PipelineHealthIndicator extends AbstractHealthIndicator {
  private final PipelineLoader loader;
  private final VideoGenerator generator;

  PipelineHealthIndicator(PipelineLoader loader, VideoGenerator generator) {
    super("The state of the pipeline is unknown");
    this.loader = loader;
    this.generator = generator;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    PipelineLoader.State state = loader.state();
    builder.withDetail("pipeline", state);
    switch (state) {
      case LOADING, STOPPED -> builder.outOfService();
      case FAILED -> loader.failure().ifPresentOrElse(builder::down, builder::down);
      case NOT_LOADED -> builder.up();
      case READY -> {
        builder.up().withDetail("running", generator.running());
        generator.deviceFailure().ifPresent((ComputeException failure) -> builder.down(failure));
      }
    }
  }
}
