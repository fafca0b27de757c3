package io.t2v.guidance.contract;

import io.t2v.guidance.Guidance;
import io.t2v.guidance.GuidanceRun;
import io.t2v.guidance.GuidanceStep;
import java.util.Arrays;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * What the pipeline relies on, checked for any guidance. Run it from a test of your own, with any
 * test framework:
 *
 * <pre>{@code
 * GuidanceContract.of(new MyGuidance()).check();
 * }</pre>
 *
 * <p>A broken rule is an {@link AssertionError} that names the guidance and the rule. Immutable.
 */
public final class GuidanceContract {
  private static final int STEPS = 5;
  private static final long[] SHAPE = {2, 4, 2, 4, 4};

  private final Guidance guidance;

  private GuidanceContract(Guidance guidance) {
    this.guidance = guidance;
  }

  /**
   * Takes a guidance.
   *
   * @param guidance to be checked, with settings that apply to some step
   * @return the contract
   */
  public static GuidanceContract of(Guidance guidance) {
    return new GuidanceContract(guidance);
  }

  /**
   * Checks every rule.
   *
   * @throws AssertionError if one is broken
   */
  public void check() {
    describesItself();
    returnsAPrediction();
    leavesItsArgumentsAlone();
    runsAreIndependent();
    videosAreIndependent();
    leavesNoNativeObjectBehind();
  }

  /** It has a name and a configuration, and always guides the same steps. */
  public void describesItself() {
    require(!guidance.name().isBlank(), "has a blank name");
    require(guidance.config().equals(guidance.config()), "changes its configuration");
    boolean any = false;
    for (int i = 0; i < STEPS; i++) {
      boolean applies = guidance.appliesTo(step(i));
      require(applies == guidance.appliesTo(step(i)), "changes its mind about step " + i);
      any |= applies;
    }
    require(any, "applies to no step of " + STEPS);
  }

  /** The result is a new tensor of the shape and dtype of the predictions. */
  public void returnsAPrediction() {
    try (PointerScope scope = new PointerScope();
        GuidanceRun run = newRun()) {
      Tensor negative = gaussian(1, SHAPE);
      Tensor positive = gaussian(2, SHAPE);
      for (int i = 0; i < STEPS; i++) {
        if (guidance.appliesTo(step(i))) {
          checkResult(run.combine(negative, positive, step(i)), negative, positive);
        }
      }
    }
  }

  private void checkResult(@Nullable Tensor result, Tensor negative, Tensor positive) {
    if (result == null) {
      throw new AssertionError(guidance.name() + " returns null, expected a prediction");
    }
    require(
        Arrays.equals(result.shape(), SHAPE),
        "returns the shape "
            + Arrays.toString(result.shape())
            + ", expected "
            + Arrays.toString(SHAPE));
    require(
        result.scalar_type().intern() == positive.scalar_type().intern(),
        "returns the dtype "
            + result.scalar_type().intern()
            + ", expected "
            + positive.scalar_type().intern());
    require(
        result != negative && result != positive,
        "returns one of its arguments, expected a new tensor");
  }

  /** The predictions that are handed in stay as they are. */
  public void leavesItsArgumentsAlone() {
    try (PointerScope scope = new PointerScope();
        GuidanceRun run = newRun()) {
      Tensor negative = gaussian(1, SHAPE);
      Tensor positive = gaussian(2, SHAPE);
      float[] negativeBefore = floats(negative);
      float[] positiveBefore = floats(positive);
      for (int i = 0; i < STEPS; i++) {
        if (guidance.appliesTo(step(i))) {
          run.combine(negative, positive, step(i));
          require(
              Arrays.equals(floats(negative), negativeBefore)
                  && Arrays.equals(floats(positive), positiveBefore),
              "changes the predictions that it is given in step " + i);
        }
      }
    }
  }

  /** Runs that are made in turn, on one thread, are what each is alone. */
  public void runsAreIndependent() {
    try (PointerScope scope = new PointerScope()) {
      float[] alone = run(7, SHAPE);
      require(Arrays.equals(run(7, SHAPE), alone), "gives another result in a second run");
      try (GuidanceRun one = newRun();
          GuidanceRun other = newRun()) {
        float[] last = alone;
        for (int i = 0; i < STEPS; i++) {
          if (guidance.appliesTo(step(i))) {
            other.combine(gaussian(100 + i, SHAPE), gaussian(200 + i, SHAPE), step(i));
            last = floats(combine(one, 7, i, SHAPE));
          }
        }
        require(Arrays.equals(last, alone), "shares state between runs that are made in turn");
      }
    }
  }

  /** A video comes out in a batch as it does alone. */
  public void videosAreIndependent() {
    try (PointerScope scope = new PointerScope();
        GuidanceRun together = newRun();
        GuidanceRun alone = newRun()) {
      for (int i = 0; i < STEPS; i++) {
        if (!guidance.appliesTo(step(i))) {
          continue;
        }
        Tensor negative = gaussian(10 + i, SHAPE);
        Tensor positive = gaussian(20 + i, SHAPE);
        Tensor both = together.combine(negative, positive, step(i)).narrow(0, 0, 1);
        Tensor one = alone.combine(negative.narrow(0, 0, 1), positive.narrow(0, 0, 1), step(i));
        float[] expected = floats(one);
        float[] found = floats(both);
        for (int j = 0; j < found.length; j++) {
          require(
              Math.abs(found[j] - expected[j]) <= 1e-4 * Math.max(1, Math.abs(expected[j])),
              "mixes up the videos of a batch: in step "
                  + i
                  + " the first one differs from what it is alone");
        }
      }
    }
  }

  /** Runs, broken off or not, within scopes or without, free what they made. */
  public void leavesNoNativeObjectBehind() {
    withoutAScope(STEPS);
    long before = Pointer.totalCount();
    for (int i = 0; i < 3; i++) {
      try (PointerScope scope = new PointerScope()) {
        run(i, SHAPE);
      }
    }
    require(Pointer.totalCount() <= before, "leaves native objects behind");
    withoutAScope(STEPS);
    withoutAScope(2);
    require(
        Pointer.totalCount() <= before,
        "leaves native objects behind where the caller has no scope but closes what it gets");
  }

  private void withoutAScope(int steps) {
    try (GuidanceRun run = newRun();
        Tensor negative = gaussian(1, SHAPE);
        Tensor positive = gaussian(2, SHAPE)) {
      for (int i = 0; i < steps; i++) {
        if (guidance.appliesTo(step(i))) {
          run.combine(negative, positive, step(i)).close();
        }
      }
    }
  }

  private GuidanceRun newRun() {
    @Nullable GuidanceRun run = guidance.newRun();
    if (run == null) {
      throw new AssertionError(guidance.name() + " starts a run that is null");
    }
    return run;
  }

  /** The last result of a run. */
  private float[] run(long seed, long... shape) {
    float[] last = {};
    try (GuidanceRun run = newRun()) {
      for (int i = 0; i < STEPS; i++) {
        if (guidance.appliesTo(step(i))) {
          last = floats(combine(run, seed, i, shape));
        }
      }
    }
    return last;
  }

  private static Tensor combine(GuidanceRun run, long seed, int index, long... shape) {
    return run.combine(
        gaussian(seed + index, shape), gaussian(seed + 50 + index, shape), step(index));
  }

  private static GuidanceStep step(int index) {
    return new GuidanceStep(index, STEPS, 1000.0 * (STEPS - index) / STEPS - 1);
  }

  private static Tensor gaussian(long seed, long... shape) {
    return GuidanceRun.scoped(
        () -> torch.randn(shape, new GeneratorOptional(torch.make_generator_cpu(seed))));
  }

  private static float[] floats(Tensor tensor) {
    try (Tensor flat = tensor.contiguous()) {
      float[] values = new float[Math.toIntExact(flat.numel())];
      flat.data_ptr_float().get(values);
      return values;
    }
  }

  private void require(boolean kept, String problem) {
    if (!kept) {
      throw new AssertionError(guidance.name() + " " + problem);
    }
  }
}
