package io.t2v.scheduler;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SchedulerContractTest {

  static Stream<Arguments> schedulers() {
    return Stream.of(
            DdimScheduler.builder()
                .betas(BetaSchedule.SCALED_LINEAR, 0.00085, 0.012)
                .clipSample(false),
            DpmSolverMultistepScheduler.builder().betas(BetaSchedule.SCALED_LINEAR, 0.00085, 0.012),
            DpmSolverMultistepScheduler.builder()
                .betas(BetaSchedule.SCALED_LINEAR, 0.00085, 0.012)
                .solverOrder(3)
                .useKarrasSigmas(true),
            DpmSolverMultistepScheduler.builder()
                .betas(BetaSchedule.SCALED_LINEAR, 0.00085, 0.012)
                .algorithm(DpmAlgorithm.SDE_DPM_SOLVER_PLUS_PLUS))
        .flatMap(
            builder ->
                Stream.of(PredictionType.values())
                    .flatMap(
                        type ->
                            Stream.of(0.0, 0.6)
                                .map(
                                    eta ->
                                        Arguments.of(
                                            builder.predictionType(type).build(), type, eta))));
  }

  @ParameterizedTest(name = "{0} {1} eta {2}")
  @MethodSource("schedulers")
  void keepsTheContract(Scheduler scheduler, PredictionType prediction, double eta) {
    SchedulerContract.check(scheduler, prediction, new PlanRequest(9, eta));
  }
}
