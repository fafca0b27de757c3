package io.t2v.testing;

import io.t2v.scheduler.Noise;
import io.t2v.scheduler.PlanRequest;
import io.t2v.scheduler.SamplingPlan;
import io.t2v.scheduler.Scheduler;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** A scheduler that subtracts what the model says. */
public final class StubScheduler implements Scheduler {
  @Override
  public String name() {
    return "StubScheduler";
  }

  @Override
  public Map<String, Object> config() {
    return Map.of("strength", 1.0);
  }

  @Override
  public int trainTimesteps() {
    return 100;
  }

  @Override
  public SamplingPlan plan(PlanRequest request) {
    if (request.steps() > trainTimesteps()) {
      throw new IllegalArgumentException(
          "steps is " + request.steps() + ", expected at most " + trainTimesteps());
    }
    return new Plan(request.steps());
  }

  private record Plan(int steps) implements SamplingPlan {
    @Override
    public double[] timesteps() {
      return IntStream.range(0, steps).mapToDouble(i -> steps - i).toArray();
    }

    @Override
    public double initialNoiseScale() {
      return 1;
    }

    @Override
    public Tensor scaleModelInput(Tensor latents, int index) {
      return new Tensor(latents);
    }

    @Override
    public Tensor step(Tensor modelOutput, int index, Tensor latents, Noise noise) {
      return latents.sub(modelOutput);
    }

    @Override
    public Tensor addNoise(Tensor clean, Tensor noise, int index) {
      return clean.add(noise);
    }

    @Override
    public void close() {}
  }
}
