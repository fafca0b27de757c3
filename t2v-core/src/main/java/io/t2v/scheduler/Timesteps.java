package io.t2v.scheduler;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;
import java.util.List;

/** Which of the trained timesteps a run visits. Every method counts from noisy to clean. */
final class Timesteps {
  private Timesteps() {}

  /**
   * Spaces the steps as DDIM and most others do.
   *
   * @param spacing the rule
   * @param steps how many
   * @param trained how many the model knows
   * @param offset added to leading timesteps
   * @return whole numbers, falling
   */
  static double[] spaced(TimestepSpacing spacing, int steps, int trained, int offset) {
    return switch (spacing) {
      case LINSPACE -> rounded(reversed(linspace(0, trained - 1, steps)));
      case LEADING -> leading(steps, trained / steps, 0, trained, offset);
      case TRAILING -> trailing(steps, trained, trained);
    };
  }

  /**
   * Spaces the steps as the schedulers do that also visit what lies between trained timesteps.
   *
   * @param spacing the rule
   * @param steps how many
   * @param trained how many the model knows
   * @param offset added to leading timesteps
   * @return falling numbers, whole except for linspace
   */
  static double[] continuous(TimestepSpacing spacing, int steps, int trained, int offset) {
    return spacing == TimestepSpacing.LINSPACE
        ? reversed(linspace(0, trained - 1, steps))
        : spaced(spacing, steps, trained, offset);
  }

  /**
   * Spaces the steps as the DPM-Solver family does: as if there were one more, which is the clean
   * end.
   *
   * @param spacing the rule
   * @param steps how many
   * @param trained how many the model knows
   * @param usable how many of them may be visited, from the clean end
   * @param offset added to leading timesteps
   * @return whole numbers, falling; fewer than asked for where trailing steps run out of timesteps
   */
  static double[] spacedBeforeEnd(
      TimestepSpacing spacing, int steps, int trained, int usable, int offset) {
    checkArgument(
        spacing != TimestepSpacing.LEADING || usable > steps,
        "steps is %s, but leading timesteps leave room for %s: ask for fewer, or for linspace or"
            + " trailing",
        steps,
        usable - 1);
    return switch (spacing) {
      case LINSPACE -> Arrays.copyOf(rounded(reversed(linspace(0, usable - 1, steps + 1))), steps);
      case LEADING -> leading(steps, usable / (steps + 1), 1, trained, offset);
      case TRAILING -> trailing(steps, trained, usable);
    };
  }

  /**
   * Chooses among the timesteps that a distilled model was made for.
   *
   * @param steps how many
   * @param original how many the model was distilled with
   * @param trained how many its teacher knew
   * @return whole numbers, falling
   */
  static double[] distilled(int steps, int original, int trained) {
    return distilled(steps, original, trained, (double) original / steps);
  }

  /**
   * Chooses among them as T2V-Turbo does: a whole number of timesteps from one to the next.
   *
   * @param steps how many
   * @param original how many the model was distilled with
   * @param trained how many its teacher knew
   * @return whole numbers, falling
   */
  static double[] distilledByIntegerSkips(int steps, int original, int trained) {
    return distilled(steps, original, trained, Math.floorDiv(original, steps));
  }

  private static double[] distilled(int steps, int original, int trained, double skip) {
    checkArgument(
        steps <= original,
        "steps is %s, but the model was distilled with original_inference_steps %s: ask for at most"
            + " as many",
        steps,
        original);
    int stride = trained / original;
    double[] values = new double[steps];
    for (int i = 0; i < steps; i++) {
      int skipped = (int) Math.floor(i * skip);
      values[i] = (double) (original - skipped) * stride - 1;
    }
    return values;
  }

  /**
   * Checks timesteps of the caller's choice: falling whole numbers that the model was trained on.
   */
  static double[] custom(List<Double> timesteps, int trained) {
    double before = trained;
    for (double timestep : timesteps) {
      checkArgument(
          timestep == Math.rint(timestep) && timestep >= 0 && timestep < before,
          "timesteps is %s, expected falling whole numbers from %s to 0",
          timesteps,
          trained - 1);
      before = timestep;
    }
    return timesteps.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Evenly spaced numbers, both ends included. numpy's linspace. */
  static double[] linspace(double start, double stop, int count) {
    double[] values = new double[count];
    double step = (stop - start) / (count - 1);
    for (int i = 0; i < count; i++) {
      values[i] = i * step + start;
    }
    if (count > 1) {
      values[count - 1] = stop;
    } else if (count == 1) {
      values[0] = start;
    }
    return values;
  }

  private static double[] leading(int steps, int ratio, int skipped, int trained, int offset) {
    double[] values = new double[steps];
    for (int i = 0; i < steps; i++) {
      values[i] = (double) (steps - 1 - i + skipped) * ratio + offset;
    }
    checkArgument(
        values[0] < trained,
        "%s leading steps with steps_offset %s begin at timestep %s, but the last trained one is"
            + " %s: ask for fewer steps or a smaller offset",
        steps,
        offset,
        (long) values[0],
        trained - 1);
    return values;
  }

  /**
   * Counts down from the last usable timestep. For some numbers of steps (61 of 1000 is the first)
   * the reference's floating-point count yields one timestep more, -1; here it is left out.
   */
  private static double[] trailing(int steps, int trained, int usable) {
    double ratio = (double) trained / steps;
    // numpy's arange steps by the difference of its first two values
    double step = (usable - ratio) - usable;
    int count = (int) Math.min(steps, Math.ceil(usable / ratio));
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = Math.rint(usable + i * step) - 1;
    }
    return values;
  }

  private static double[] reversed(double[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = values[values.length - 1 - i];
    }
    return result;
  }

  private static double[] rounded(double[] values) {
    return Arrays.stream(values).map(Math::rint).toArray();
  }
}
