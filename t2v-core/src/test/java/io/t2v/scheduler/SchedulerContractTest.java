package io.t2v.scheduler;

import io.t2v.contract.Oracle;
import io.t2v.contract.SchedulerContract;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SchedulerContractTest {

  private static final Map<String, Object> LATENT =
      Map.of("beta_schedule", "scaled_linear", "beta_start", 0.00085, "beta_end", 0.012);

  /** Every scheduler, with each prediction that it takes, and some variants. */
  static Stream<Arguments> schedulers() {
    return Schedulers.names().stream()
        .flatMap(
            name ->
                Stream.of(PredictionType.values())
                    .filter(type -> takes(name, type))
                    .flatMap(type -> variants(name, type)));
  }

  private static boolean takes(String name, PredictionType type) {
    try {
      scheduler(name, type, Map.of());
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Stream<Arguments> variants(String name, PredictionType type) {
    Stream.Builder<Arguments> variants = Stream.builder();
    variants.add(Arguments.of(scheduler(name, type, Map.of()), type, 0.0));
    variants.add(Arguments.of(scheduler(name, type, Map.of("use_karras_sigmas", true)), type, 0.6));
    variants.add(
        Arguments.of(
            scheduler(name, type, Map.of("timestep_spacing", "trailing", "solver_order", 3)),
            type,
            1.0));
    if (name.startsWith("DPMSolver")) {
      variants.add(
          Arguments.of(
              scheduler(name, type, Map.of("algorithm_type", "sde-dpmsolver++")), type, 0.0));
    }
    return variants.build();
  }

  private static Scheduler scheduler(String name, PredictionType type, Map<String, Object> more) {
    Map<String, Object> options = new HashMap<>(LATENT);
    options.putAll(more);
    options.put("prediction_type", type.configName());
    options.put("clip_sample", false);
    options.put("set_alpha_to_one", true);
    return Schedulers.byName(name).fromConfig(new SchedulerConfig(name, options));
  }

  @ParameterizedTest(name = "{0} {1} eta {2}")
  @MethodSource("schedulers")
  void keepsTheContract(Scheduler scheduler, PredictionType prediction, double eta) {
    // these end at the lowest noise level; PNDM averages velocities of different timesteps
    boolean inexact =
        scheduler instanceof TcdScheduler
            || scheduler instanceof DeisMultistepScheduler
            || (scheduler instanceof PndmScheduler && prediction == PredictionType.V_PREDICTION);
    SchedulerContract.of(scheduler)
        .request(new PlanRequest(10, eta))
        .evaluations(steps -> evaluations(scheduler, steps))
        .oracle(
            scheduler instanceof EdmEulerScheduler
                ? preconditioned(prediction)
                : Oracle.of(prediction))
        .tolerance(inexact ? 0.2 : 1e-3)
        .check();
  }

  private static int evaluations(Scheduler scheduler, int steps) {
    if (scheduler instanceof PndmScheduler) {
      return steps + 9; // three steps of Runge and Kutta's method, with four evaluations each
    }
    boolean twice =
        scheduler instanceof HeunDiscreteScheduler
            || scheduler instanceof KDpm2DiscreteScheduler
            || scheduler instanceof KDpm2AncestralDiscreteScheduler
            || scheduler instanceof DpmSolverSdeScheduler;
    return twice ? 2 * steps - 1 : steps;
  }

  /** What a network predicts in the formulation of Karras et al., with sigma_data 0.5. */
  private static Oracle preconditioned(PredictionType prediction) {
    return (clean, latents, signal, level) -> {
      double variance = level * level + 0.25;
      double out = level * 0.5 / Math.sqrt(variance);
      double sign = prediction == PredictionType.EPSILON ? 1 : -1;
      return clean.sub(latents.mul(new Scalar(0.25 / variance))).mul(new Scalar(sign / out));
    };
  }
}
