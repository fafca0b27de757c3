package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import io.t2v.internal.torch.HostTensors;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What all built-in plans share: the order of steps, native memory that ends with the step, and
 * what is remembered beyond it. That is in {@linkplain #history histories} and in the number of
 * steps alone, so every such plan is {@link Stateful}.
 */
abstract class TensorPlan implements SamplingPlan, Stateful {
  private static final int NOT_BEGUN = -1;
  private static final String STEPS = "steps";

  private final double[] timesteps;
  private final Map<String, TensorHistory> histories = new LinkedHashMap<>();
  private int first = NOT_BEGUN;
  private int next = NOT_BEGUN;
  private boolean closed;
  private PredictionType prediction = PredictionType.EPSILON;

  TensorPlan(double[] timesteps) {
    this.timesteps = timesteps.clone();
  }

  @Override
  public final double[] timesteps() {
    return timesteps.clone();
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
  public final Tensor step(Tensor modelOutput, int index, Tensor latents, Noise noise) {
    checkState(!closed, "the plan is closed");
    checkArgument(
        index >= 0 && index < timesteps.length,
        "step %s of a plan of %s timesteps",
        index,
        timesteps.length);
    checkState(
        next == NOT_BEGUN || index == next, "step %s is out of order, expected %s", index, next);
    first = next == NOT_BEGUN ? index : first;
    next = index + 1;
    return SamplingPlan.scoped(
        () -> advance(modelOutput, index, latents, noise).to(latents.scalar_type()));
  }

  /** Says what the denoiser predicts, for {@link #predictX0}. */
  final void setPrediction(PredictionType type) {
    prediction = type;
  }

  /** The shares of clean latents and of noise are those that {@link #noised} mixes them with. */
  @Override
  public Tensor predictX0(Tensor modelOutput, int index, Tensor latents) {
    return SamplingPlan.scoped(
        () -> {
          Tensor one = torch.ones(1);
          Tensor zero = torch.zeros(1);
          double alpha = noised(one, zero, index).tensor().item_float();
          double sigma = noised(zero, one, index).tensor().item_float();
          return prediction.toX0(modelOutput, latents, alpha, sigma);
        });
  }

  @Override
  public final Tensor addNoise(Tensor clean, Tensor noise, int index) {
    return SamplingPlan.scoped(() -> noised(clean, noise, index).tensor().to(clean.scalar_type()));
  }

  /**
   * Makes a place for results that a later step needs.
   *
   * @param name within this plan
   * @param capacity how many of the newest results are remembered
   */
  final TensorHistory history(String name, int capacity) {
    TensorHistory history = new TensorHistory(capacity);
    histories.put(name, history);
    return history;
  }

  /** How often the model was evaluated in this run before a step. */
  final int evaluationsBefore(int index) {
    return index - first;
  }

  @Override
  public final Map<String, Tensor> stateDict() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    state.put(STEPS, HostTensors.of(new long[] {first, next}, 2));
    histories.forEach((name, history) -> state.putAll(history.stateDict(name)));
    return state;
  }

  @Override
  public final void loadStateDict(Map<String, Tensor> state) {
    checkState(next == NOT_BEGUN, "the run has begun already");
    Map<String, Tensor> left = new LinkedHashMap<>(state);
    Tensor steps = left.remove(STEPS);
    checkArgument(
        steps != null, "the state of a plan has the tensors %s, no steps", state.keySet());
    long[] firstAndNext = HostTensors.toLongs(steps);
    histories.forEach((name, history) -> history.takeFrom(left, name));
    checkArgument(
        left.isEmpty() && firstAndNext.length == 2,
        "the state of another plan: it has the tensors %s",
        state.keySet());
    first = (int) firstAndNext[0];
    next = (int) firstAndNext[1];
  }

  @Override
  public final void close() {
    histories.values().forEach(TensorHistory::close);
    closed = true;
  }

  /**
   * Computes a step inside a scope that frees the intermediates.
   *
   * @param modelOutput what the denoiser predicted
   * @param index which step
   * @param latents the current latents
   * @param noise where to draw noise
   * @return the next latents, in any dtype
   */
  abstract Tensor advance(Tensor modelOutput, int index, Tensor latents, Noise noise);

  /**
   * Adds noise inside a scope that frees the intermediates.
   *
   * @param clean clean latents
   * @param noise standard Gaussian noise
   * @param index which timestep
   * @return the noisy latents
   */
  abstract LinearCombination noised(Tensor clean, Tensor noise, int index);

  /**
   * Adds fresh noise to the next latents.
   *
   * @param next the next latents but for the noise
   * @param scale standard deviation of the noise
   * @param noise where to draw it
   * @param like of the shape of the latents
   * @return the sum
   */
  static Tensor withNoise(LinearCombination next, double scale, Noise noise, Tensor like) {
    try (Tensor fresh = noise.randnLike(like)) {
      return next.plus(scale, fresh).tensor();
    }
  }

  static float sqrt(float x) {
    return (float) Math.sqrt(x);
  }
}
