package io.t2v.spring;

import io.micrometer.observation.Observation;
import io.t2v.GenerationRequest;
import io.t2v.offload.MemoryPlan;
import java.time.Duration;

/** What is known of an observed generation. */
public final class VideoGenerationContext extends Observation.Context {
  private final String model;
  private final GenerationRequest request;
  private final MemoryPlan plan;
  private volatile Duration lastStep = Duration.ZERO;

  VideoGenerationContext(String model, GenerationRequest request, MemoryPlan plan) {
    this.model = model;
    this.request = request;
    this.plan = plan;
  }

  /**
   * Returns the name of the model.
   *
   * @return name of a folder or on a hub
   */
  public String model() {
    return model;
  }

  /**
   * Returns what is generated.
   *
   * @return the request
   */
  public GenerationRequest request() {
    return request;
  }

  /**
   * Returns the memory that the generation was planned to take, and the device.
   *
   * @return the plan
   */
  public MemoryPlan plan() {
    return plan;
  }

  /**
   * Returns how long the last denoising step took, when {@link VideoGenerationConvention#STEP} is
   * reported.
   *
   * @return zero before the first one ends
   */
  public Duration lastStep() {
    return lastStep;
  }

  void stepDone(Duration duration) {
    lastStep = duration;
  }
}
