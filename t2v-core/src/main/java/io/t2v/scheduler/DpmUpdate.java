package io.t2v.scheduler;

import org.bytedeco.pytorch.Tensor;

/**
 * One step of a multistep DPM-Solver: the next latents are a weighted sum of the latents, the last
 * converted model outputs and noise. Arithmetic in single precision, operation by operation as in
 * the reference, whose rounding is visible where steps are small.
 *
 * @param ofLatents weight of the latents
 * @param newest weight of the newest output
 * @param second weight of the one before, 0 at first order
 * @param third weight of the one before that, 0 below third order
 * @param ofNoise weight of fresh noise, 0 for the deterministic forms
 */
record DpmUpdate(double ofLatents, double newest, double second, double third, double ofNoise) {

  /** The next latents but for the noise. */
  LinearCombination applied(Tensor latents, TensorHistory outputs) {
    LinearCombination next = LinearCombination.of(ofLatents, latents).plus(newest, outputs.get(0));
    if (second != 0) {
      next = next.plus(second, outputs.get(1));
    }
    if (third != 0) {
      next = next.plus(third, outputs.get(2));
    }
    return next;
  }

  /** Goes from {@code from} to {@code to}. */
  static DpmUpdate first(DpmAlgorithm algorithm, LogSnr to, LogSnr from) {
    Weights w = Weights.of(algorithm, DpmSolverType.MIDPOINT, to, from);
    return new DpmUpdate(w.latents, w.d0, 0, 0, w.noise);
  }

  /** Goes from {@code from} to {@code to}, coming from {@code before}. */
  static DpmUpdate second(
      DpmAlgorithm algorithm, DpmSolverType type, LogSnr to, LogSnr from, LogSnr before) {
    Weights w = Weights.of(algorithm, type, to, from);
    float r0 = (from.lambda() - before.lambda()) / w.h;
    double d1 = (double) w.d1 * (1 / r0);
    return new DpmUpdate(w.latents, w.d0 + d1, -d1, 0, w.noise);
  }

  /** Goes from {@code from} to {@code to}, coming from {@code before} and {@code earlier}. */
  static DpmUpdate third(
      DpmAlgorithm algorithm, LogSnr to, LogSnr from, LogSnr before, LogSnr earlier) {
    Weights w = Weights.of(algorithm, DpmSolverType.HEUN, to, from);
    float r0 = (from.lambda() - before.lambda()) / w.h;
    float r1 = (before.lambda() - earlier.lambda()) / w.h;
    // D1 = D10 + r0 / (r0 + r1) (D10 - D11), D2 = (D10 - D11) / (r0 + r1),
    // where D10 = (m0 - m1) / r0 and D11 = (m1 - m2) / r1
    double share = r0 / (r0 + r1);
    double d2 = (double) w.d2 * (1 / (r0 + r1));
    double d10 = (w.d1 * (1 + share) + d2) * (1 / r0);
    double d11 = (-w.d1 * share - d2) * (1 / r1);
    return new DpmUpdate(w.latents, w.d0 + d10, d11 - d10, -d11, w.noise);
  }

  /**
   * Goes from {@code start} to {@code to}, by way of {@code middle}, where the newest output is
   * from; the latents are those at the start.
   */
  static DpmUpdate singlestepSecond(
      DpmAlgorithm algorithm, DpmSolverType type, LogSnr to, LogSnr middle, LogSnr start) {
    Weights w = Weights.of(algorithm, type, to, start);
    float r0 = (middle.lambda() - start.lambda()) / w.h;
    double d1 = (double) w.d1 * (1 / r0);
    return new DpmUpdate(w.latents, d1, w.d0 - d1, 0, w.noise);
  }

  /**
   * Goes from {@code start} to {@code to}, by way of {@code middle} and then {@code late}, where
   * the newest output is from; the latents are those at the start.
   */
  static DpmUpdate singlestepThird(
      DpmAlgorithm algorithm,
      DpmSolverType type,
      LogSnr to,
      LogSnr late,
      LogSnr middle,
      LogSnr start) {
    Weights w = Weights.of(algorithm, DpmSolverType.HEUN, to, start);
    float r0 = (late.lambda() - start.lambda()) / w.h;
    float r1 = (middle.lambda() - start.lambda()) / w.h;
    // D10 = (m1 - m2) / r1, D11 = (m0 - m2) / r0
    double d10 = 0;
    double d11 = w.d1;
    if (type == DpmSolverType.HEUN) {
      // D1 = (r0 D10 - r1 D11) / (r0 - r1), D2 = 2 (D11 - D10) / (r0 - r1)
      double spread = r0 - r1;
      d10 = (w.d1 * (double) r0 - 2 * w.d2) / spread;
      d11 = (-w.d1 * (double) r1 + 2 * w.d2) / spread;
    }
    double newest = d11 / r0;
    double second = d10 / r1;
    return new DpmUpdate(w.latents, newest, second, w.d0 - newest - second, w.noise);
  }

  /** Weights of the latents, of the output and its divided differences, and of noise. */
  private record Weights(float h, float latents, float d0, float d1, float d2, float noise) {
    static Weights of(DpmAlgorithm algorithm, DpmSolverType type, LogSnr to, LogSnr from) {
      float h = to.lambda() - from.lambda();
      boolean midpoint = type == DpmSolverType.MIDPOINT;
      return switch (algorithm) {
        case DPM_SOLVER_PLUS_PLUS -> {
          float a = to.alpha();
          float phi = exp(-h) - 1;
          yield new Weights(
              h,
              to.sigma() / from.sigma(),
              -(a * phi),
              midpoint ? -0.5f * (a * phi) : a * (phi / h + 1),
              -(a * ((phi + h) / (h * h) - 0.5f)),
              0);
        }
        case DPM_SOLVER -> {
          float s = to.sigma();
          float phi = exp(h) - 1;
          yield new Weights(
              h,
              to.alpha() / from.alpha(),
              -(s * phi),
              midpoint ? -0.5f * (s * phi) : -(s * (phi / h - 1)),
              -(s * ((phi - h) / (h * h) - 0.5f)),
              0);
        }
        case SDE_DPM_SOLVER_PLUS_PLUS -> {
          float a = to.alpha();
          float phi = 1 - exp(-2 * h);
          float twice = 2 * h;
          yield new Weights(
              h,
              to.sigma() / from.sigma() * exp(-h),
              a * phi,
              midpoint ? 0.5f * (a * phi) : a * (phi / (-2 * h) + 1),
              a * ((phi - twice) / (twice * twice) - 0.5f),
              to.sigma() * sqrt(phi));
        }
        case SDE_DPM_SOLVER -> {
          float s = to.sigma();
          float phi = exp(h) - 1;
          yield new Weights(
              h,
              to.alpha() / from.alpha(),
              -2 * (s * phi),
              midpoint ? -(s * phi) : -2 * (s * (phi / h - 1)),
              Float.NaN, // there is no third order
              s * sqrt(exp(2 * h) - 1));
        }
      };
    }
  }

  private static float exp(float x) {
    return (float) Math.exp(x);
  }

  private static float sqrt(float x) {
    return (float) Math.sqrt(x);
  }
}
